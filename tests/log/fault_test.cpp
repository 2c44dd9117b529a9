// Every storage call of a log's life fails once, and for good.
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

struct Outcome {
  std::vector<int> stored;  // sequences that append said are in, in order
  Offset promised{0};
  bool failed = false;  // the log said that it is over
  bool closed = false;
};

// Appends over several segments, with flushes and checkpoints between, and an end. Goes on after a full disk.
Outcome live(Fixture& f, bool heal_after_error) {
  Outcome out;
  int sequence = 0;
  auto after_error = [&] {
    if (heal_after_error) f.w.storage.heal();
    out.failed = f.log->failed().has_value();
  };
  for (int step = 0; step < 14 && !out.failed; step++) {
    auto done = f.append(batch(1, t0 + step, {5, 0, sequence}, 100));
    if (done) {
      if (done->base_offset != Offset(static_cast<int64_t>(out.stored.size()))) FAIL("an offset twice or left out");
      out.stored.push_back(sequence++);
    } else {
      after_error();
    }
    if (step % 4 == 3 && !out.failed && !f.log->checkpoint(f.w.clock.wall())) after_error();
    if (step % 4 == 3 && !out.failed) {
      if (!f.flush()) after_error();
      out.promised = f.log->durable_end();
    }
  }
  Status closed = out.failed ? Status(error(Errc::io_error)) : f.log->close();
  if (!closed) after_error();
  out.closed = closed.ok();
  if (out.closed) out.promised = f.log->durable_end();
  return out;
}

void set_up(Fixture& f) {
  f.config.segment_bytes = 600;
  f.config.index_interval_bytes = 150;
  f.open();
}

// After the process died or the machine did: the log is the beginning of what was stored, at least what was promised.
void check_after(Fixture& f, const Outcome& before, bool power) {
  if (power) f.w.power_cut();
  else f.w.kill();
  f.open({before.closed, before.closed ? before.promised : Offset(0), Offset(0), false, Offset(0), true});
  REQUIRE(f.report.damage.empty());
  REQUIRE(f.log->log_end() >= before.promised);
  // A batch whose append failed may have left its bytes only if even taking them back failed.
  REQUIRE(f.log->log_end().value <= static_cast<int64_t>(before.stored.size()) + (before.failed ? 1 : 0));
  if (!power) REQUIRE(f.log->log_end().value >= static_cast<int64_t>(before.stored.size()));
  for (Offset o(0); o < f.log->log_end(); o += 1) {
    auto bytes = f.log->read(o, f.log->log_end(), 1, true);
    if (!bytes) FAIL(bytes.error().message);
    REQUIRE(record::BatchView(*bytes).base_sequence().value == o.value);
  }
  REQUIRE(f.append_code(batch(1, t0, {5, 0, static_cast<int32_t>(f.log->log_end().value)})) == Errc::none);
}

}  // namespace

TEST_CASE("Faults: no failing storage call of append, roll, flush and close loses or invents a record") {
  uint64_t calls = 0;
  {
    Fixture f;
    set_up(f);
    uint64_t before = f.w.storage.calls();
    Outcome all = live(f, false);
    REQUIRE(all.closed);
    REQUIRE(all.stored.size() == 14);
    calls = f.w.storage.calls() - before;
  }
  REQUIRE(calls > 100);
  struct Kind {
    Errc code;
    size_t written;
    bool for_good, heals, power;
  };
  for (Kind kind :
       {Kind{Errc::io_error, 0, false, false, false}, Kind{Errc::io_error, 0, true, false, true},
        Kind{Errc::disk_full, 0, false, false, false}, Kind{Errc::disk_full, 70, false, false, true},
        Kind{Errc::disk_full, 70, true, true, false}, Kind{Errc::disk_full, 70, true, false, true},
        Kind{Errc::io_error, 70, false, false, true}, Kind{Errc::read_only, 0, true, true, false},
        Kind{Errc::read_only, 0, true, false, true}, Kind{Errc::file_too_large, 70, true, true, true},
        Kind{Errc::quota_exceeded, 70, false, false, false}, Kind{Errc::permission_denied, 0, true, true, false}})
    for (uint64_t at = 1; at <= calls; at++) {
      CAPTURE(at, static_cast<int>(kind.code), kind.written, kind.for_good, kind.heals, kind.power);
      Fixture f(at);
      set_up(f);
      f.w.storage.inject({at, kind.for_good, kind.code, kind.written, {}});
      Outcome out = live(f, kind.heals);
      f.w.storage.heal();
      check_after(f, out, kind.power);
    }
}

TEST_CASE("Faults: a full disk refuses appends, and takes them again when there is room") {
  Fixture f;
  f.open();
  f.must_append(batch(1));
  f.w.storage.set_room(f.w.storage.used() + 40);
  CHECK(f.append_code(batch(1)) == Errc::disk_full);
  CHECK(f.append_code(batch(1)) == Errc::disk_full);
  CHECK(f.readable(Offset(0)));
  f.w.storage.set_room(std::nullopt);
  CHECK(f.must_append(batch(1)) == Offset(1));
  CHECK(batches_of(f.w.storage.contents(f.segment(0))).size() == 2);
}

TEST_CASE("Faults: whatever refuses a write is told by its name, and appends go on when it is mended") {
  Errc code =
      GENERATE(Errc::disk_full, Errc::quota_exceeded, Errc::file_too_large, Errc::read_only, Errc::permission_denied);
  Fixture f;
  f.open();
  f.must_append(batch(1));
  // Nothing can be written, and so nothing taken back.
  f.w.storage.inject({1, true, code, 0, {Call::write, Call::truncate}});
  CHECK(f.append_code(batch(1)) == code);
  CHECK(f.append_code(batch(1)) == code);
  CHECK_FALSE(f.log->failed());
  CHECK(f.readable(Offset(0)));
  f.w.storage.heal();
  CHECK(f.must_append(batch(1)) == Offset(1));
  CHECK(batches_of(f.w.storage.contents(f.segment(0))).size() == 2);
}

TEST_CASE("Faults: after a failed sync the log has failed for ever, and durable_end stays") {
  Fixture f;
  f.open();
  f.must_append(batch(1));
  REQUIRE(f.flush().ok());
  f.must_append(batch(1));
  f.w.storage.inject({1, false, Errc::io_error, 0, {Call::sync}});
  CHECK_FALSE(f.flush().ok());
  CHECK(f.log->durable_end() == Offset(1));
  CHECK(f.log->failed());
  CHECK(f.append_code(batch(1)) == Errc::kafka_storage_error);
  CHECK_FALSE(f.flush().ok());
  CHECK_FALSE(f.log->close().ok());
  CHECK(f.readable(Offset(1)));
}

TEST_CASE("Faults: opening says what failed, and works the next time") {
  Fixture f;
  set_up(f);
  live(f, false);
  f.w.kill();
  auto image = f.w.storage.save();
  uint64_t before = f.w.storage.calls();
  f.open({false, Offset(0), Offset(0)});
  uint64_t calls = f.w.storage.calls() - before;
  for (uint64_t at = 1; at <= calls; at++) {
    CAPTURE(at);
    f.log.reset();
    f.files.reset();
    f.w.storage.restore(*image);
    f.w.storage.inject({at, true, Errc::io_error, 0, {}});
    (void)f.try_open({false, Offset(0), Offset(0)});
    f.w.kill();
    f.open({false, Offset(0), Offset(0)});
    REQUIRE(f.log->log_end() == Offset(14));
    REQUIRE(f.report.damage.empty());
    REQUIRE(f.report.cuts.empty());
  }
}
