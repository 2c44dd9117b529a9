// What a crash leaves behind in rare orders of events; found by simulation (tests/sim), kept here small.
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

From from(int sequence) { return {7, 0, sequence}; }

}  // namespace

TEST_CASE("Log: all of a producer's last five batches are known again after an open, not only the snapshot's one") {
  Fixture f;
  f.open();
  for (int i = 0; i < 6; i++) f.must_append(batch(2, t0, from(2 * i)));
  REQUIRE(f.log->checkpoint(Timestamp(t0)).ok());
  REQUIRE(f.flush().ok());
  bool clean = GENERATE(false, true);
  if (clean) REQUIRE(f.log->close().ok());
  f.log.reset();
  f.w.kill();
  f.open({clean, Offset(12), Offset(0)});
  for (int i = 1; i < 6; i++) {
    auto again = f.append(batch(2, t0, from(2 * i)));
    REQUIRE(again.ok());
    CHECK(again->duplicate);
    CHECK(again->base_offset == Offset(2 * i));
  }
  CHECK(f.append_code(batch(2, t0, from(0))) == Errc::out_of_order_sequence_number);
  CHECK_FALSE(f.append(batch(2, t0, from(12)))->duplicate);
}

TEST_CASE("Log: what a failed sync gave up is written anew by the next life") {
  for (uint64_t seed = 1; seed <= 20; seed++) {
    Fixture f(seed);
    f.open();
    f.must_append(batch(3, t0, {}, 900));
    REQUIRE(f.flush().ok());
    f.must_append(batch(3, t0, {}, 900));
    f.w.storage.inject({1, false, Errc::io_error, 0, {Call::sync}, true});
    CHECK_FALSE(f.flush().ok());
    f.log.reset();
    f.w.kill();
    f.open({false, Offset(3), Offset(0)});
    REQUIRE(f.log->log_end() == Offset(6));
    REQUIRE(f.flush().ok());
    CHECK(f.log->durable_end() == Offset(6));
    f.log.reset();
    f.w.power_cut();
    f.open({false, Offset(3), Offset(0)});
    CHECK(f.log->log_end() == Offset(6));
    CHECK(f.readable(Offset(5)));
  }
}

TEST_CASE("Log: a power cut while old segments are removed leaves no hole before the new ones") {
  for (uint64_t seed = 1; seed <= 50; seed++) {
    Fixture f(seed);
    f.config.segment_bytes = 400;
    f.config.retention_bytes = 500;
    f.open();
    for (int i = 0; i < 30; i++) f.must_append(batch(2));
    REQUIRE(f.flush().ok());
    REQUIRE(*f.log->retention(Timestamp(t0), f.log->log_end()) > 5);
    Offset start = f.log->log_start();
    CHECK(*f.log->retention(Timestamp(t0), f.log->log_end()) == 0);  // one job after the other
    f.w.storage.inject({f.w.random.below(70) + 1, true, Errc::io_error, 0, {}});
    (void)f.flush();
    f.w.jobs.run_all();
    f.log.reset();
    f.w.power_cut();
    f.open({false, Offset(60), Offset(0)});
    CHECK(f.log->log_end() == Offset(60));
    CHECK(f.log->log_start() <= start);
    CHECK(f.readable(start));
    CHECK(f.report.cuts.empty());
    CHECK(f.report.damage.empty());
  }
}

TEST_CASE("Log: old segments that could not be removed go before younger ones") {
  Errc code = GENERATE(Errc::disk_full, Errc::io_error);
  for (uint64_t at = 1; at <= 12; at++) {
    Fixture f(at);
    f.config.segment_bytes = 400;
    f.config.retention_bytes = 500;
    f.open();
    for (int i = 0; i < 30; i++) f.must_append(batch(2));
    REQUIRE(f.flush().ok());
    REQUIRE(*f.log->retention(Timestamp(t0), f.log->log_end()) > 5);
    REQUIRE(f.flush().ok());
    f.w.storage.inject({at, false, code, 0, {Call::rename, Call::sync_dir}});
    f.w.jobs.run_all();
    f.w.storage.heal();
    if (code == Errc::disk_full)
      for (int i = 0; i < 10; i++) f.must_append(batch(2));
    (void)f.log->retention(Timestamp(t0), f.log->durable_end());
    (void)f.flush();
    f.w.storage.inject({f.w.random.below(6) + 1, true, Errc::io_error, 0, {}});
    f.w.jobs.run_all();
    Offset end = f.log->log_end();
    f.log.reset();
    f.w.kill();
    f.open({.recovery_point = Offset(60), .same_boot = true});
    CHECK(f.log->log_end() == end);
    CHECK(f.report.cuts.empty());
    CHECK(f.report.damage.empty());
    CHECK(f.readable(f.log->log_start()));
    CHECK(f.readable(end - 1));
  }
}

TEST_CASE("Log: at whatever call of a checkpoint it dies, times and offsets are found as before") {
  bool all_calls = false;
  for (uint64_t at = 1; !all_calls; at++)
    for (uint64_t seed = 1; seed <= 20; seed++) {
      const bool power = seed % 2 == 0;
      CAPTURE(at, seed, power);
      REQUIRE(at < 200);
      Fixture f(seed);
      f.config.index_interval_bytes = 100;
      f.open();
      std::vector<int64_t> times;  // by offset; they do not ascend
      auto append_some = [&] {
        for (int i = 0; i < 8; i++) {
          times.push_back(t0 - 1000 + static_cast<int64_t>(f.w.random.below(1000)));
          f.must_append(batch(1, times.back()));
        }
      };
      append_some();
      REQUIRE(f.log->checkpoint(Timestamp(t0)).ok());
      REQUIRE(f.flush().ok());
      append_some();
      REQUIRE(f.flush().ok());
      const Offset recovery_point = f.log->recovery_point();  // beyond what the indexes on the disk know of
      append_some();
      f.w.storage.inject({at, true, Errc::io_error, 0, {}});
      Status done = f.log->checkpoint(Timestamp(t0));
      if (done) done = f.flush();
      all_calls = f.w.storage.hits() == 0;
      f.log.reset();
      power ? f.w.power_cut() : f.w.kill();
      f.open({false, recovery_point, Offset(0)});
      CHECK(f.report.damage.empty());
      const auto left = static_cast<size_t>(f.log->log_end().value);
      REQUIRE(left >= (power ? 16u : 24u));
      times.resize(std::min(times.size(), left));
      for (int64_t time = t0 - 1000; time < t0; time += 23) {
        auto first = std::find_if(times.begin(), times.end(), [&](int64_t t) { return t >= time; });
        auto found = f.log->reading().offset_for_time(Timestamp(time), f.log->log_end());
        REQUIRE(found.ok());
        REQUIRE(found->has_value() == (first != times.end()));
        if (*found) REQUIRE((*found)->offset.value == first - times.begin());
      }
      auto largest = f.log->reading().offset_of_max_timestamp(f.log->log_end());
      REQUIRE(largest.ok());
      CHECK((*largest)->offset.value == std::max_element(times.begin(), times.end()) - times.begin());
    }
}

TEST_CASE("Log: a flush that could not be done yet is done as a whole by the next one") {
  // Without a descriptor at any call, or without room for the epochs, which is no failure.
  for (Errc code : {Errc::busy, Errc::disk_full})
    for (uint64_t at = 1; at <= 12; at++)
      for (uint64_t seed = 1; seed <= 4; seed++) {
        CAPTURE(static_cast<int>(code), at, seed);
        Fixture f(seed);
        f.config.index_interval_bytes = 1;  // little is read again after a crash
        f.open();
        f.must_append(batch(2), 3);
        REQUIRE(f.log->checkpoint(Timestamp(t0)).ok());
        REQUIRE(f.flush().ok());
        f.must_append(batch(2), 5);
        f.must_append(batch(2), 6);
        REQUIRE(f.log->checkpoint(Timestamp(t0)).ok());
        FlushWork work = f.log->begin_flush();
        std::set<Call> calls{Call::open, Call::write, Call::truncate, Call::rename};
        if (code == Errc::busy) calls.insert({Call::sync, Call::sync_dir});
        f.w.storage.inject({at, true, code, 0, calls});
        Status status = work.work();
        f.log->flush_done(work.end, status);
        f.w.storage.heal();
        REQUIRE_FALSE(f.log->failed());
        if (f.log->is_dirty()) REQUIRE(f.flush().ok());
        CHECK_FALSE(f.log->is_dirty());
        REQUIRE(f.log->durable_end() == Offset(6));
        const Offset recovery_point = f.log->recovery_point();
        f.log.reset();
        f.w.power_cut();
        f.open({false, recovery_point, Offset(0)});
        CHECK(f.report.damage.empty());
        CHECK(f.log->log_end() == Offset(6));
        CHECK(f.log->epochs().end_of(LeaderEpoch(3), f.log->log_end()).end == Offset(2));
        CHECK(f.log->epochs().end_of(LeaderEpoch(5), f.log->log_end()).end == Offset(4));
        CHECK(f.log->epochs().latest() == LeaderEpoch(6));
      }
}

TEST_CASE("Log: at whatever call it dies while all of it is removed, its end is not forgotten") {
  bool all_calls = false;
  for (uint64_t at = 1; !all_calls; at++)
    for (uint64_t seed = 1; seed <= 12; seed++) {
      CAPTURE(at, seed);
      REQUIRE(at < 100);
      Fixture f(seed);
      f.config.retention_ms = 1000;
      f.open();
      for (int i = 0; i < 3; i++) f.must_append(batch(2, t0 - 100'000));
      REQUIRE(f.flush().ok());
      f.w.storage.inject({at, true, Errc::io_error, 0, {}});
      (void)f.log->retention(Timestamp(t0), Offset(6));
      (void)f.flush();
      f.w.jobs.run_all();
      all_calls = f.w.storage.hits() == 0;
      f.log.reset();
      f.w.power_cut();
      f.open({false, Offset(0), Offset(0)});  // before anybody wrote a checkpoint
      CHECK(f.log->log_end() == Offset(6));
      CHECK(f.must_append(batch(1)) == Offset(6));
    }
}

TEST_CASE("Log: reigns that the records do not know are not taken from the file of epochs") {
  Fixture f;
  f.open();
  f.must_append(batch(2), 3);
  f.must_append(batch(2), 5);
  REQUIRE(f.log->close().ok());
  const std::string file = f.dir + "/leader-epoch-checkpoint";
  REQUIRE(f.w.storage.contents(file) == "0\n2\n3 0\n5 2\n");
  const bool clean = GENERATE(true, false);
  // After a clean end one that begins behind the last record would tell of records that are missing.
  std::vector<std::string> lies{"0\n3\n3 0\n5 2\n9 4\n", "0\n1\n3 0\n", "0\n2\n3 0\n9 3\n"};
  if (!clean) lies.push_back("0\n3\n3 0\n5 2\n9 100\n");
  for (const std::string& said : lies) {
    CAPTURE(clean, said);
    f.log.reset();
    f.w.kill();
    f.w.storage.put(file, said);
    f.open({clean, Offset(clean ? 4 : 0), Offset(0)});
    CHECK(f.log->epochs().latest() == LeaderEpoch(5));
    CHECK(f.log->epochs().end_of(LeaderEpoch(5), f.log->log_end()).end == Offset(4));
    CHECK(f.log->epochs().end_of(LeaderEpoch(3), f.log->log_end()).end == Offset(2));
  }
}
