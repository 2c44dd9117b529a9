#include "log/checkpoints.h"
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

struct Loss {
  const char* how;
  std::function<void(Fixture&)> lose;
  Offset first, next;  // what cannot be read afterwards
};

// Three segments of two batches of ten records: 0, 20 and 40.
void fill(Fixture& f) {
  f.config.segment_bytes = 1000;
  f.config.index_interval_bytes = 100;
  f.open();
  for (int i = 0; i < 6; i++) f.must_append(batch(10));
  REQUIRE(f.log->segments().size() == 3);
}

void cut_last_batch(Fixture& f, int64_t base) {
  std::string bytes = f.w.storage.contents(f.segment(base));
  f.w.storage.put(f.segment(base), Bytes(bytes).substr(0, batches_of(bytes).front().bytes));
}

const std::vector<Loss> losses = {
    {"the last batch is cut off", [](Fixture& f) { cut_last_batch(f, 40); }, Offset(50), Offset(60)},
    {"the last segment is emptied", [](Fixture& f) { f.w.storage.put(f.segment(40), ""); }, Offset(40), Offset(60)},
    {"the last segment is removed", [](Fixture& f) { f.w.storage.erase(f.segment(40)); }, Offset(40), Offset(60)},
    {"the last segment is removed with its indexes",
     [](Fixture& f) {
       for (const char* suffix : {".log", ".index", ".timeindex"}) f.w.storage.erase(f.segment(40, suffix));
     },
     Offset(40), Offset(60)},
    {"a segment in the middle is cut", [](Fixture& f) { cut_last_batch(f, 20); }, Offset(30), Offset(40)},
    {"a segment in the middle is emptied", [](Fixture& f) { f.w.storage.put(f.segment(20), ""); }, Offset(20),
     Offset(40)},
    {"a segment in the middle is removed", [](Fixture& f) { f.w.storage.erase(f.segment(20)); }, Offset(20),
     Offset(40)},
    {"the first segment is removed", [](Fixture& f) { f.w.storage.erase(f.segment(0)); }, Offset(0), Offset(20)},
    {"all segments are removed",
     [](Fixture& f) {
       for (int64_t base : {0, 20, 40}) f.w.storage.erase(f.segment(base));
     },
     Offset(0), Offset(60)},
};

void check_told(Fixture& f, const Loss& loss) {
  CHECK_FALSE(f.report.damage.empty());
  CHECK(f.log->log_start() == Offset(0));
  CHECK(f.log->log_end() == Offset(60));
  for (Offset at(0); at < Offset(60); at += 5) {
    INFO(at.value);
    bool is_lost = at >= loss.first && at < loss.next;
    CHECK(f.read_code(at) == (is_lost ? Errc::corrupt_message : Errc::none));
  }
  CHECK(f.must_append(batch(1)) == Offset(60));
  CHECK(f.readable(Offset(60)));
}

}  // namespace

TEST_CASE("Evidence: what was taken from a log that was closed is told, with and without checkpoints") {
  for (const Loss& loss : losses)
    for (bool has_checkpoints : {false, true}) {
      INFO(loss.how << (has_checkpoints ? "" : ", the checkpoints too"));
      Fixture f;
      fill(f);
      REQUIRE(f.log->close());
      f.log.reset();
      loss.lose(f);
      OpenHint hint;
      hint.clean_shutdown = true;
      if (has_checkpoints) hint.recovery_point = hint.high_watermark = Offset(60);
      f.open(hint);
      check_told(f, loss);
      // And told again: nothing that tells was used up.
      REQUIRE(f.log->close());
      hint.recovery_point = f.log->recovery_point();
      f.open(hint);
      CHECK(f.log->log_start() == Offset(0));
      CHECK(f.read_code(loss.first) == Errc::corrupt_message);
    }
}

TEST_CASE("Evidence: what was taken after a kill in the same boot is told, as far as checkpoints had written it") {
  for (const Loss& loss : losses) {
    INFO(loss.how);
    Fixture f;
    fill(f);
    REQUIRE(f.log->checkpoint(Timestamp(t0)));
    REQUIRE(f.flush());
    f.log.reset();
    f.w.kill();
    loss.lose(f);
    OpenHint hint;
    hint.same_boot = true;
    f.open(hint);
    check_told(f, loss);
  }
}

TEST_CASE("Evidence: after a power cut what was never synced is no damage") {
  for (const Loss& loss : losses) {
    INFO(loss.how);
    Fixture f;
    fill(f);
    REQUIRE(f.log->checkpoint(Timestamp(t0)));
    f.log.reset();
    f.w.kill();
    loss.lose(f);
    f.open();
    CHECK(f.report.damage.empty());
  }
}

namespace {
// After a clean end, with what was put into its folder; then that is as it was before.
void open_undamaged(Fixture& f, const MemoryStorage::Image& before) {
  OpenHint hint;
  hint.clean_shutdown = true;
  f.open(hint);
  CHECK(f.report.damage.empty());
  CHECK(f.log->log_end() == Offset(60));
  f.log.reset();
  f.files.reset();
  f.w.storage.restore(before);
}
}  // namespace

TEST_CASE("Evidence: an index or a snapshot that is damaged tells nothing") {
  Fixture f;
  fill(f);
  REQUIRE(f.log->close());
  f.log.reset();
  auto whole = f.w.storage.save();
  for (const std::string& path : {f.segment(40, ".index"), f.segment(40, ".timeindex"), f.segment(60, ".snapshot")}) {
    const std::string sound = f.w.storage.contents(path);
    REQUIRE_FALSE(sound.empty());
    for (size_t bit = 0; bit < 8 * sound.size(); bit++) {
      INFO(path << " bit " << bit);
      std::string bytes = sound;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      f.w.storage.put(path, bytes);
      open_undamaged(f, *whole);
    }
  }
}

TEST_CASE("Evidence: what was added to an index tells of no record that was lost") {
  Fixture f;
  fill(f);
  REQUIRE(f.log->close());
  f.log.reset();
  auto whole = f.w.storage.save();
  for (uint64_t entry :
       {0x1000000000200000u, 0x1000000000000001u, 0x0000100000000001u, 0x7fffffffffffffffu, 0x00ffffff10000000u}) {
    CAPTURE(entry);
    std::string bytes(8, '\0');
    store_be(bytes.data(), static_cast<int64_t>(entry));
    f.w.storage.put(f.segment(40, ".index"), f.w.storage.contents(f.segment(40, ".index")) + bytes);
    open_undamaged(f, *whole);
  }
}

TEST_CASE("Evidence: a last batch that is damaged, of which a snapshot tells, is not cut") {
  Fixture f;
  fill(f);
  REQUIRE(f.log->close());
  f.log.reset();
  std::string bytes = f.w.storage.contents(f.segment(40));
  bytes.back() ^= 1;
  f.w.storage.put(f.segment(40), bytes);
  OpenHint hint;
  hint.same_boot = true;
  f.open(hint);
  CHECK(f.report.cuts.empty());
  check_told(f, {"", {}, Offset(50), Offset(60)});
}

TEST_CASE("Evidence: an index that was cut with its log does not come back to tell of what is gone") {
  for (uint64_t seed = 1; seed <= 60; seed++) {
    INFO(seed);
    Fixture f(seed);
    fill(f);
    REQUIRE(f.log->checkpoint(Timestamp(t0)));
    f.log.reset();
    f.w.kill();
    f.w.storage.put(f.segment(40), "");  // a power cut took what was not synced of it, but not of its indexes
    for (const char* suffix : {".index", ".timeindex"})
      f.w.storage.put(f.segment(40, suffix), f.w.storage.contents(f.segment(40, suffix)));
    f.open();
    REQUIRE(f.log->log_end() == Offset(40));
    if (seed % 2 == 0) {  // who cut it dies before that is on the disk
      f.log.reset();
      f.w.kill();
      f.open();
    }
    REQUIRE(f.log->close());
    f.log.reset();
    f.w.power_cut();
    OpenHint hint;
    hint.clean_shutdown = true;
    hint.recovery_point = hint.high_watermark = Offset(40);
    f.open(hint);
    CHECK(f.report.damage.empty());
    CHECK(f.log->log_end() == Offset(40));
  }
}

TEST_CASE("Evidence: segments that retention took and a power cut brought back, short, are no damage") {
  // The checkpoint of log starts tells of that, or, as long as it was not written, the file of epochs alone.
  for (bool by_epochs : {false, true}) {
    INFO(by_epochs);
    Fixture f;
    fill(f);
    OpenHint hint;
    hint.clean_shutdown = !by_epochs;
    (by_epochs ? hint.high_watermark : hint.recovery_point) = Offset(60);
    if (!by_epochs) hint.log_start = Offset(40);
    REQUIRE(f.log->close());
    f.log.reset();
    cut_last_batch(f, 0);
    f.w.storage.put(f.segment(20), "");
    if (by_epochs) f.w.storage.put(f.dir + "/" + std::string(leader_epoch_file), "0\n1\n0 40\n");
    f.open(hint);
    CHECK(f.report.damage.empty());
    CHECK(f.log->log_start() == Offset(40));
    CHECK(f.log->log_end() == Offset(60));
    CHECK(f.readable(Offset(40)));
  }
}

TEST_CASE("Evidence: a log that was closed does not begin behind its end, whatever a checkpoint says") {
  for (int64_t told : {int64_t{61}, INT64_MAX}) {
    INFO(told);
    Fixture f;
    fill(f);
    OpenHint hint;
    hint.clean_shutdown = true;
    hint.recovery_point = hint.high_watermark = Offset(60);
    hint.log_start = Offset(told);
    REQUIRE(f.log->close());
    f.open(hint);
    REQUIRE(f.report.notes.size() == 1);
    CHECK(f.report.notes[0].find("behind its end: not believed") != std::string::npos);
    CHECK(f.log->log_start() == Offset(0));
    CHECK(f.log->log_end() == Offset(60));
    CHECK(f.readable(Offset(0)));
    CHECK(f.log->retention(Timestamp(t0), Offset(60)).value() == 0);
  }
  // Where it ended it may begin, when retention took all.
  Fixture f;
  fill(f);
  OpenHint hint;
  hint.clean_shutdown = true;
  hint.recovery_point = hint.log_start = Offset(60);
  REQUIRE(f.log->close());
  f.open(hint);
  CHECK(f.report.notes.empty());
  CHECK(f.log->log_start() == Offset(60));
}

TEST_CASE("Evidence: epochs of a log of which a power cut left nothing are not believed after the next clean end") {
  for (bool keeps_segment : {true, false}) {
    INFO(keeps_segment);
    Fixture f;
    fill(f);
    REQUIRE(f.log->close());
    f.log.reset();
    for (const std::string& path : f.w.storage.paths(f.dir))
      if (!path.ends_with("checkpoint") && !path.ends_with("metadata")) f.w.storage.erase(path);
    if (keeps_segment) f.w.storage.put(f.segment(0), "");
    f.w.storage.put(f.dir + "/" + std::string(leader_epoch_file), "0\n1\n0 55\n");
    f.open();
    REQUIRE(f.report.damage.empty());
    REQUIRE(f.log->close());
    OpenHint hint;
    hint.clean_shutdown = true;
    f.open(hint);
    CHECK(f.report.damage.empty());
    CHECK(f.log->log_end() == Offset(0));
  }
}

TEST_CASE("Evidence: the epoch of a log that retention emptied tells of no record") {
  Fixture f;
  f.config.retention_ms = 1000;
  f.open();
  f.must_append(batch(10));
  f.w.clock.pass(5000);
  REQUIRE(f.log->retention(f.w.clock.wall(), Offset(10)).value() == 1);
  REQUIRE(f.flush());
  f.w.jobs.run_all();
  REQUIRE(f.log->close());
  OpenHint hint;
  hint.clean_shutdown = true;
  hint.recovery_point = hint.high_watermark = hint.log_start = Offset(10);
  f.open(hint);
  CHECK(f.report.damage.empty());
  CHECK(f.log->log_start() == Offset(10));
  CHECK(f.log->log_end() == Offset(10));
}

TEST_CASE("Log: an end without room for the epochs is no clean one") {
  size_t refused = 0;
  for (uint64_t room = 0; room < 200; room++) {
    INFO(room);
    Fixture f;
    f.open();
    f.must_append(batch(1));
    f.w.storage.set_room(f.w.storage.used() + room);
    Status closed = f.log->close();
    std::string epochs = f.w.storage.contents(f.dir + "/" + std::string(leader_epoch_file));
    if (closed) CHECK(epochs == "0\n1\n0 0\n");
    else CHECK(closed.error().code == Errc::disk_full);
    refused += !closed;
  }
  CHECK(refused > 0);
  CHECK(refused < 200);
}

namespace {

enum class End { clean, kill, power_cut };

// Ends a life, and tells what the next one is told: the checkpoints as they were when they were written last.
OpenHint end_life(Fixture& f, End how, OpenHint hint) {
  hint.clean_shutdown = how == End::clean;
  hint.same_boot = how == End::kill;
  if (how == End::clean) {
    REQUIRE(f.log->close());
    hint.recovery_point = f.log->recovery_point();
    hint.high_watermark = f.log->log_end();
  }
  f.log.reset();
  f.files.reset();
  if (how == End::kill) f.w.kill();
  if (how == End::power_cut) f.w.power_cut();
  return hint;
}

}  // namespace

TEST_CASE(
    "Evidence: a folder that was removed is missed at every start, whatever was appended since, however lives end") {
  for (End first : {End::clean, End::kill, End::power_cut})
    for (End then : {End::clean, End::kill, End::power_cut})
      for (bool by_recovery_point : {true, false}) {
        INFO(static_cast<int>(first) << " " << static_cast<int>(then) << " " << by_recovery_point);
        Fixture f;
        fill(f);
        REQUIRE(f.flush());
        OpenHint hint;
        (by_recovery_point ? hint.recovery_point : hint.high_watermark) = Offset(60);
        hint = end_life(f, first, hint);
        for (const std::string& path : f.w.storage.paths(f.dir)) f.w.storage.erase(path);
        for (int64_t start = 0; start < 3; start++) {
          INFO(start);
          f.open(hint);
          CHECK_FALSE(f.report.damage.empty());
          CHECK(f.log->log_start() == Offset(0));
          CHECK(f.read_code(Offset(0)) == Errc::corrupt_message);
          CHECK(f.read_code(Offset(59)) == Errc::corrupt_message);
          CHECK(f.must_append(batch(1)) == Offset(60 + start));
          CHECK(f.readable(Offset(60)));
          REQUIRE(f.flush());
          hint = end_life(f, then, hint);
        }
      }
}

TEST_CASE(
    "Evidence: where a log begins is told from its first record on, and on the disk if something is missing before "
    "it") {
  for (int64_t missing : {0, 60})
    for (uint64_t seed = 1; seed <= 30; seed++) {
      INFO(missing << " " << seed);
      Fixture f(seed);
      f.open({false, Offset(missing), Offset(0)});
      CHECK(f.must_append(batch(10)) == Offset(missing));
      auto told = [&] { return f.w.storage.contents(f.dir + "/" + std::string(leader_epoch_file)) == "0\n1\n0 0\n"; };
      CHECK(told());
      REQUIRE(f.flush());
      CHECK(f.log->recovery_point() == Offset(missing == 0 ? 0 : 70));
      if (missing == 0) REQUIRE(f.log->checkpoint(Timestamp(t0)));
      REQUIRE(f.flush());
      f.log.reset();
      f.files.reset();
      f.w.power_cut();
      CHECK(told());
    }
}

TEST_CASE(
    "Evidence: a front that is gone together with the file of epochs is missed at every start after the one that "
    "told") {
  Fixture f;
  fill(f);
  OpenHint hint = end_life(f, End::clean, {});
  f.w.storage.erase(f.segment(0));
  f.w.storage.erase(f.dir + "/" + std::string(leader_epoch_file));
  for (End end : {End::kill, End::kill, End::clean, End::power_cut, End::kill}) {
    f.open(hint);
    check_told(f, {"", {}, Offset(0), Offset(20)});
    REQUIRE(f.log->truncate_to(Offset(60), Offset(0)));
    hint = end_life(f, end, hint);
  }
}

TEST_CASE(
    "Evidence: what retention took is not missed, wherever it is interrupted, with and without room for the epochs") {
  for (bool is_full : {false, true})
    for (End end : {End::clean, End::kill, End::power_cut}) {
      bool all_calls = false;
      for (uint64_t at = 1; !all_calls; at++) {
        INFO(is_full << " " << static_cast<int>(end) << " " << at);
        REQUIRE(at < 100);
        Fixture f(at);
        fill(f);
        REQUIRE(f.log->checkpoint(Timestamp(t0)));
        REQUIRE(f.flush());
        OpenHint hint;
        hint.recovery_point = hint.high_watermark = Offset(60);
        REQUIRE(f.log->advance_log_start(Offset(40)));
        if (is_full) f.w.storage.set_room(f.w.storage.used());
        if (end != End::clean) f.w.storage.inject({at, true, Errc::io_error, 0, {}});
        REQUIRE(f.log->retention(Timestamp(t0), Offset(60)).value() == 2);
        Status flushed = f.flush();
        f.w.jobs.run_all();
        all_calls = f.w.storage.hits() == 0;
        f.w.storage.heal();
        if (all_calls) {
          CHECK(flushed.ok());
          CHECK_FALSE(f.w.storage.exists(f.segment(0)));
          CHECK_FALSE(f.w.storage.exists(f.segment(20)));
          CHECK(f.w.storage.exists(f.dir + "/" + std::string(leader_epoch_file)) == !is_full);
        }
        f.w.storage.set_room(std::nullopt);
        f.open(end_life(f, end, hint));
        CHECK(f.report.damage.empty());
        CHECK(f.readable(Offset(40)));
        CHECK(f.log->log_end() == Offset(60));
      }
    }
}

TEST_CASE("Evidence: a lower epoch than before does not move where a log begins") {
  for (End end : {End::clean, End::kill, End::power_cut}) {
    INFO(static_cast<int>(end));
    Fixture f;
    fill(f);  // in epoch 1
    REQUIRE(f.log->append(batch(10), LeaderEpoch(0), AppendOrigin::client).ok());
    CHECK(f.log->epochs().entries().front().start == Offset(0));
    REQUIRE(f.flush());
    OpenHint hint;
    hint.recovery_point = hint.high_watermark = Offset(70);
    f.open(end_life(f, end, hint));
    CHECK(f.log->log_start() == Offset(0));
    CHECK(f.readable(Offset(0)));
  }
  // Nor does a file of epochs that says so, where no segment begins.
  Fixture f;
  fill(f);
  OpenHint hint;
  hint.high_watermark = Offset(60);
  REQUIRE(f.log->close());
  f.log.reset();
  f.w.storage.put(f.dir + "/" + std::string(leader_epoch_file), "0\n1\n0 30\n");
  f.open(hint);
  CHECK(f.log->log_start() == Offset(0));
  CHECK(f.readable(Offset(0)));
}
