// Log::truncate_to: what a cut leaves, and what a crash in the middle of it leaves.
#include "log/checkpoints.h"
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

// Reigns of 15 records each: 1, 2, 3, 4.
int epoch_of(Offset offset) { return static_cast<int>(offset.value / 15 + 1); }

// The next `count` records of producer 7, whose sequences are the offsets; half a second apart.
std::string next_batch(const Log& log, int count = 1) {
  const Offset at = log.log_end();
  return batch(count, t0 + at.value * 500, {7, 0, static_cast<int32_t>(at.value)}, 60);
}

// Offsets 0 to 59 in batches of one record, segments of about ten, of which the first few may be gone; all of it is on the
// disk, and the checkpoints say so.
struct Filled : Fixture {
  explicit Filled(uint64_t seed = 1, int64_t start = 0) : Fixture(seed) {
    config.segment_bytes = 10 * 140;
    config.index_interval_bytes = 200;
    config.file_delete_delay_ms = 0;
    open();
    while (log->log_end() < Offset(60)) must_append(next_batch(*log), epoch_of(log->log_end()));
    REQUIRE(log->checkpoint(Timestamp(t0)).ok());
    REQUIRE(flush().ok());
    if (start > 0) {
      REQUIRE(log->advance_log_start(Offset(start)).ok());
      REQUIRE(log->retention(Timestamp(t0), Offset(60)).ok());
      REQUIRE(flush().ok());
      w.jobs.run_all();
      (void)log->due(w.clock.mono_ms());
      w.jobs.run_all();
      REQUIRE(w.storage.sync_dir(dir).ok());
    }
    REQUIRE(log->recovery_point() == Offset(60));
    REQUIRE(log->segments().size() >= 3);
    hint.recovery_point = hint.high_watermark = Offset(60);
    hint.log_start = log->log_start();
  }
  // As the broker does it: its checkpoints are lowered before.
  Status cut(int64_t at) {
    for (Offset* told : {&hint.recovery_point, &hint.high_watermark, &hint.log_start})
      *told = std::min(*told, Offset(at));
    return log->truncate_to(Offset(at), Offset(0));
  }
  enum class End { clean, kill, power_cut };
  void reopen(End how) {
    hint.clean_shutdown = how == End::clean;
    hint.same_boot = how == End::kill;
    if (how == End::clean) {
      REQUIRE(log->close().ok());
      hint.recovery_point = hint.high_watermark = log->recovery_point();
      hint.log_start = log->log_start();
    }
    log.reset();
    files.reset();
    if (how == End::kill) w.kill();
    if (how == End::power_cut) w.power_cut();
    open(hint);
  }
  // Its records from the beginning to the end are there, each as it was appended, and what is derived from them.
  void check_whole() {
    for (Offset at = log->log_start(); at < log->log_end(); at += 1) {
      const bool is_whole = readable(at) && log->epochs().epoch_at(at) == LeaderEpoch(epoch_of(at));
      if (!is_whole) FAIL_CHECK("not as it was at offset " + to_string(at));
    }
    if (log->log_end() > log->log_start()) CHECK(log->epochs().latest() == LeaderEpoch(epoch_of(log->log_end() - 1)));
    CHECK(log->durable_end() <= log->log_end());
  }
  // It goes on: the producer as well, whose next batch is not one that was cut.
  void check_goes_on() {
    const Offset end = log->log_end();
    auto done = append(next_batch(*log, 3), epoch_of(end));
    if (!done) FAIL(done.error().message);
    CHECK_FALSE(done->duplicate);
    CHECK(done->base_offset == end);
    CHECK(log->log_end() == end + 3);
    REQUIRE(flush().ok());
    CHECK(log->durable_end() == end + 3);
  }

  OpenHint hint;
};

using End = Filled::End;

// Where a log is cut whose first segment begins at `start`.
struct Place {
  int64_t start, at;
};
const Place places[] = {
    {0, 57},   // within the last segment
    {0, 50},   // at or near the beginning of one
    {0, 41},   // segments before the last one
    {0, 15},   // where a reign begins
    {0, 1},    // within the first segment
    {0, 0},    // all of it
    {30, 44},  // of a log whose front is gone
    {30, 30},  // where that begins
    {30, 12},  // below all that it has
};

}  // namespace

// --- what a cut leaves

TEST_CASE("Truncating: everything from there on is gone, at once and after whatever end of the process") {
  for (const Place& place : places)
    for (End end : {End::clean, End::kill, End::power_cut}) {
      CAPTURE(place.start, place.at, static_cast<int>(end));
      Filled f(7, place.start);
      const Offset start = std::min(f.log->log_start(), Offset(place.at));
      REQUIRE(f.cut(place.at).ok());
      for (bool is_reopened : {false, true}) {
        CAPTURE(is_reopened);
        if (is_reopened) f.reopen(end);
        CHECK(f.report.damage.empty());
        CHECK(f.report.cuts.empty());
        CHECK(f.log->log_start() == start);
        CHECK(f.log->log_end() == Offset(place.at));
        CHECK(f.log->durable_end() == Offset(place.at));
        f.check_whole();
      }
      f.check_goes_on();
    }
}

TEST_CASE("Truncating: what is appended after a cut is there after whatever end of the process") {
  for (const Place& place : places)
    for (End end : {End::clean, End::kill, End::power_cut}) {
      CAPTURE(place.start, place.at, static_cast<int>(end));
      Filled f(7, place.start);
      REQUIRE(f.cut(place.at).ok());
      f.check_goes_on();
      f.reopen(end);
      CHECK(f.report.damage.empty());
      CHECK(f.report.cuts.empty());
      CHECK(f.log->log_end() == Offset(place.at + 3));
      CHECK(f.readable(Offset(place.at + 2)));
      f.check_goes_on();
    }
}

TEST_CASE("Truncating: the batch that holds the offset goes whole") {
  Fixture f;
  f.open();
  for (int i = 0; i < 3; i++) f.must_append(batch(4));
  REQUIRE(f.log->truncate_to(Offset(10), Offset(0)).ok());
  CHECK(f.log->log_end() == Offset(8));
  REQUIRE(f.log->truncate_to(Offset(4), Offset(0)).ok());
  CHECK(f.log->log_end() == Offset(4));
}

TEST_CASE("Truncating: at the end or behind it nothing happens") {
  Filled f;
  const uint64_t calls = f.w.storage.calls();
  REQUIRE(f.log->truncate_to(Offset(60), Offset(60)).ok());
  REQUIRE(f.log->truncate_to(Offset(1000), Offset(60)).ok());
  CHECK(f.w.storage.calls() == calls);
  CHECK(f.log->log_end() == Offset(60));
}

TEST_CASE("Truncating: what was not flushed yet is cut as well, and what is left is flushed") {
  Fixture f;
  f.open();
  for (int i = 0; i < 5; i++) f.must_append(batch(2));
  REQUIRE(f.log->truncate_to(Offset(6), Offset(0)).ok());
  CHECK(f.log->log_end() == Offset(6));
  CHECK(f.log->durable_end() == Offset(0));
  REQUIRE(f.flush().ok());
  CHECK(f.log->durable_end() == Offset(6));
  f.log.reset();
  f.w.power_cut();
  f.open({.recovery_point = Offset(6)});
  CHECK(f.report.damage.empty());
  CHECK(f.log->log_end() == Offset(6));
}

TEST_CASE("Truncating: a log that was cut below all that it has begins there, and no file tells of more") {
  Filled f(1, 30);
  REQUIRE(f.cut(12).ok());
  CHECK(f.log->log_start() == Offset(12));
  CHECK(f.log->log_end() == Offset(12));
  CHECK(f.log->segments().empty());
  CHECK(f.log->epochs().entries().empty());
  CHECK(f.log->producers().size() == 0);
  CHECK(f.w.storage.paths(f.dir) == std::vector<std::string>{f.dir + "/" + std::string(partition_metadata_file)});
  // As a follower's, it may begin with its leader's.
  std::string later = batch(2);
  record::stamp(later.data(), Offset(100), LeaderEpoch(9));
  REQUIRE(f.log->append(later, LeaderEpoch(9), AppendOrigin::replication).ok());
  CHECK(f.log->log_start() == Offset(100));
  CHECK(f.log->log_end() == Offset(102));
}

TEST_CASE(
    "Truncating: what was cut whole begins again where its leader's log does, after whatever end of the process") {
  for (const Place& place : {Place{0, 0}, Place{30, 12}})
    for (End end : {End::clean, End::kill, End::power_cut})
      for (uint64_t seed = 1; seed <= 20; seed++) {
        CAPTURE(place.at, static_cast<int>(end), seed);
        Filled f(seed, place.start);
        REQUIRE(f.cut(place.at).ok());
        std::string later = batch(2);
        record::stamp(later.data(), Offset(100), LeaderEpoch(9));
        REQUIRE(f.log->append(later, LeaderEpoch(9), AppendOrigin::replication).ok());
        REQUIRE(f.flush().ok());
        f.reopen(end);
        CHECK(f.report.damage.empty());
        CHECK(f.report.cuts.empty());
        CHECK(f.log->log_start() == Offset(100));
        CHECK(f.log->log_end() == Offset(102));
        CHECK(f.readable(Offset(101)));
        CHECK(f.log->epochs().entries() == std::vector<EpochStart>{{LeaderEpoch(9), Offset(100)}});
      }
}

TEST_CASE("Truncating: a log that was cut below all that it has knows no producer, whatever snapshots lie there") {
  Filled f(1, 30);
  const Offset before(10);
  {
    Fixture other;
    other.open();
    for (int i = 0; i < 10; i++) other.must_append(batch(1, t0, {7, 0, i}));
    REQUIRE(other.log->close().ok());
    f.w.storage.put(f.dir + "/" + offset_name(before, ".snapshot"),
                    other.w.storage.contents(other.segment(10, ".snapshot")));
  }
  f.reopen(End::kill);  // a power cut may have brought it back
  REQUIRE(f.cut(12).ok());
  CHECK(f.log->producers().size() == 0);
}

TEST_CASE("Truncating: the indexes of what is left have entries as far apart as before") {
  Fixture f;
  f.config.index_interval_bytes = 200;
  f.open();
  for (int i = 0; i < 20; i++) f.must_append(batch(1, t0 + i, {}, 60));
  REQUIRE(f.log->truncate_to(Offset(15), Offset(0)).ok());
  REQUIRE(f.log->close().ok());
  Fixture never_cut;
  never_cut.config.index_interval_bytes = 200;
  never_cut.open();
  for (int i = 0; i < 15; i++) never_cut.must_append(batch(1, t0 + i, {}, 60));
  REQUIRE(never_cut.log->close().ok());
  CHECK(f.w.storage.contents(f.segment(0, ".index")).size() ==
        never_cut.w.storage.contents(never_cut.segment(0, ".index")).size());
}

// --- times

TEST_CASE("Truncating: the largest timestamp is that of what is left") {
  const size_t value_bytes = GENERATE(20, 5000);  // without and with entries in the indexes
  CAPTURE(value_bytes);
  Fixture f;
  f.open();
  for (int64_t time : {100, 300, 200, 900, 400}) f.must_append(batch(1, t0 + time, {}, value_bytes));
  auto largest = [&] {
    auto found = f.log->reading().offset_of_max_timestamp(f.log->log_end());
    REQUIRE(found.ok());
    return *found ? (*found)->offset.value : -1;
  };
  CHECK(largest() == 3);
  REQUIRE(f.log->truncate_to(Offset(3), Offset(0)).ok());
  CHECK(largest() == 1);
  // The index says so as well.
  REQUIRE(f.log->close().ok());
  const std::string index = f.w.storage.contents(f.segment(0, ".timeindex"));
  REQUIRE(index.size() >= TimeIndex::entry_bytes);
  const char* last = index.data() + index.size() - TimeIndex::entry_bytes;
  CHECK(load_be<int64_t>(last) == t0 + 300);
  CHECK(load_be<int32_t>(last + 8) == 1);
  f.log.reset();
  f.open({.clean_shutdown = true, .recovery_point = Offset(3)});
  CHECK(f.report.notes.empty());
  CHECK(largest() == 1);
  REQUIRE(f.log->truncate_to(Offset(0), Offset(0)).ok());
  CHECK(largest() == -1);
}

TEST_CASE("Truncating: records that are appended after a cut are found by their times") {
  const size_t value_bytes = GENERATE(20, 5000);
  CAPTURE(value_bytes);
  Fixture f;
  f.open();
  for (int64_t time : {100, 200, 900, 950}) f.must_append(batch(1, t0 + time, {}, value_bytes));
  REQUIRE(f.log->truncate_to(Offset(2), Offset(0)).ok());
  for (int64_t time : {300, 400, 500}) f.must_append(batch(1, t0 + time, {}, value_bytes));
  auto at = [&](int64_t time) {
    auto found = f.log->reading().offset_for_time(Timestamp(t0 + time), f.log->log_end());
    REQUIRE(found.ok());
    return *found ? (*found)->offset.value : -1;
  };
  CHECK(at(150) == 1);
  CHECK(at(250) == 2);
  CHECK(at(450) == 4);
  CHECK(at(600) == -1);
  REQUIRE(f.log->close().ok());
  f.log.reset();
  f.open({.clean_shutdown = true, .recovery_point = Offset(5)});
  CHECK(at(250) == 2);
  CHECK(at(450) == 4);
  CHECK(at(600) == -1);
}

// --- crashes and faults in the middle of it

TEST_CASE(
    "Truncating: at whatever call it dies, no damage is told, and it ends at the old end, the new one or between") {
  for (const Place& place : places)
    for (End end : {End::kill, End::power_cut}) {
      bool all_calls = false;
      for (uint64_t at = 1; !all_calls; at++)
        for (uint64_t seed = 1; seed <= (end == End::kill ? 1 : 4); seed++) {
          CAPTURE(place.start, place.at, static_cast<int>(end), at, seed);
          REQUIRE(at < 200);
          Filled f(seed * 1000 + at, place.start);
          f.w.storage.inject({at, true, Errc::io_error, 0, {}});
          const Status cut = f.cut(place.at);
          f.w.storage.heal();
          all_calls = f.w.storage.hits() == 0;
          CHECK(cut.ok() == all_calls);
          f.reopen(end);
          CHECK(f.report.damage.empty());
          CHECK(f.log->log_end() >= Offset(place.at));
          CHECK(f.log->log_end() <= (all_calls ? Offset(place.at) : Offset(60)));
          f.check_whole();
          // The cut is made again, as a follower does that still finds its leader's log another one.
          REQUIRE(f.cut(place.at).ok());
          CHECK(f.log->log_end() == Offset(place.at));
          f.check_whole();
          f.check_goes_on();
          f.reopen(End::clean);
          CHECK(f.report.damage.empty());
          CHECK(f.report.cuts.empty());
          CHECK(f.log->log_end() == Offset(place.at + 3));
        }
    }
}

TEST_CASE("Truncating: a power cut brings nothing back behind what was appended after the cut, flushed or not") {
  for (const Place& place : places)
    for (uint64_t seed = 1; seed <= 30; seed++) {
      CAPTURE(place.start, place.at, seed);
      Filled f(seed, place.start);
      REQUIRE(f.cut(place.at).ok());
      for (int i = 0; i < 5; i++) f.must_append(next_batch(*f.log), 9);
      f.reopen(End::power_cut);
      CHECK(f.report.damage.empty());
      CHECK(f.log->log_end() <= Offset(place.at + 5));
      for (Offset at(place.at); at < f.log->log_end(); at += 1) {
        CHECK(f.readable(at));
        CHECK(f.log->epochs().epoch_at(at) == LeaderEpoch(9));
      }
      REQUIRE(f.log->log_end() >= Offset(place.at));
    }
}

TEST_CASE("Truncating: a call that fails ends the log, which takes nothing any more") {
  bool all_calls = false;
  for (uint64_t at = 1; !all_calls; at++) {
    CAPTURE(at);
    REQUIRE(at < 200);
    Filled f;
    f.w.storage.inject({at, false, Errc::io_error, 0, {}});
    const Status cut = f.cut(15);
    all_calls = f.w.storage.hits() == 0;
    f.w.storage.heal();
    if (all_calls) break;
    if (cut.ok()) continue;
    CHECK(f.log->failed());
    CHECK(f.append_code(next_batch(*f.log)) == Errc::kafka_storage_error);
    CHECK_FALSE(f.log->truncate_to(Offset(15), Offset(0)).ok());
    f.reopen(End::kill);
    CHECK(f.report.damage.empty());
    f.check_whole();
  }
}

TEST_CASE(
    "Truncating: a cut that fails for want of descriptors leaves no log that contradicts itself, and is made again") {
  for (const Place& place : places) {
    bool all_calls = false;
    for (uint64_t at = 1; !all_calls; at++) {
      CAPTURE(place.start, place.at, at);
      REQUIRE(at < 200);
      Filled f(1, place.start);
      f.files->close_idle();
      f.w.storage.inject({at, false, Errc::busy, 0, {Call::open}});
      (void)f.cut(place.at);
      all_calls = f.w.storage.hits() == 0;
      f.w.storage.heal();
      if (f.log->failed()) continue;
      f.check_whole();
      REQUIRE(f.cut(place.at).ok());
      CHECK(f.log->log_end() == Offset(place.at));
      f.check_whole();
      auto done = f.append(next_batch(*f.log));
      CHECK((done.ok() && !done->duplicate));
    }
  }
}
