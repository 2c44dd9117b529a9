// What a power cut may still take, and what a flush does about it.
#include "log/unsynced.h"

#include "log/checkpoints.h"
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

struct Written : Fixture {
  void begin_segment() {
    REQUIRE(unsynced.make_dir(topic_id).ok());
    REQUIRE(segments.begin(w.clock.wall()).ok());
    unsynced.note_segment();
  }
  void append() {
    std::string bytes = batch(1);
    record::stamp(bytes.data(), segments.end(), LeaderEpoch(0));
    record::BatchView view(bytes);
    Bytes part = bytes;
    BatchFacts facts{view.base_offset(), view.last_offset(), view.max_timestamp(), bytes.size()};
    REQUIRE(segments.append(std::span<const Bytes>(&part, 1), facts, config.index_interval_bytes).ok());
  }
  bool is_dirty() const { return unsynced.is_dirty(segments, epochs); }
  Status done(const FlushWork& work, const Status& status) { return unsynced.done(work.end, status, segments, epochs); }
  Status flush() {
    FlushWork work = unsynced.begin(segments, epochs);
    return done(work, work.work());
  }

  Files some_files{w.storage};
  Segments segments{some_files, dir};
  Unsynced unsynced{some_files, dir};
  EpochFile epochs;
};

}  // namespace

TEST_CASE("Unsynced: a flush leaves nothing that a power cut could take") {
  for (uint64_t seed = 1; seed <= 20; seed++) {
    CAPTURE(seed);
    Written f;
    f.w.random = SeededRandom(seed);
    CHECK_FALSE(f.is_dirty());
    f.begin_segment();
    f.append();
    REQUIRE(f.unsynced.write("00000000000000000001.snapshot", "something").ok());
    f.epochs.assign(LeaderEpoch(3), Offset(0));
    f.epochs.write_next();
    CHECK(f.is_dirty());
    REQUIRE(f.flush().ok());
    CHECK_FALSE(f.is_dirty());
    CHECK(f.unsynced.durable_end() == Offset(1));
    f.w.power_cut();
    CHECK(f.w.storage.contents(f.segment(0)).size() == batch(1).size());
    CHECK(f.w.storage.contents(f.dir + "/partition.metadata") == encode_partition_metadata(topic_id));
    CHECK(f.w.storage.contents(f.segment(1, ".snapshot")) == "something");
    CHECK(f.w.storage.contents(f.dir + "/leader-epoch-checkpoint") == "0\n1\n3 0\n");
  }
}

TEST_CASE("Unsynced: what comes while a flush is under way waits for the next one") {
  Written f;
  f.begin_segment();
  f.append();
  FlushWork work = f.unsynced.begin(f.segments, f.epochs);
  CHECK(f.unsynced.is_in_flight());
  f.append();
  REQUIRE(f.unsynced.write("later", "x").ok());
  REQUIRE(f.done(work, work.work()).ok());
  CHECK(f.unsynced.durable_end() == Offset(1));
  CHECK(f.unsynced.has_files());
  CHECK(f.is_dirty());
  REQUIRE(f.flush().ok());
  CHECK(f.unsynced.durable_end() == Offset(2));
  CHECK_FALSE(f.is_dirty());
}

TEST_CASE("Unsynced: a flush for which there was no descriptor gives back what it took") {
  Written f;
  f.begin_segment();
  f.append();
  f.epochs.assign(LeaderEpoch(1), Offset(0));
  f.epochs.write_next();
  FlushWork work = f.unsynced.begin(f.segments, f.epochs);
  CHECK(f.done(work, error(Errc::busy)).ok());
  CHECK(f.unsynced.durable_end() == Offset(0));
  CHECK(f.unsynced.has_files());
  CHECK(f.epochs.is_due());
  REQUIRE(f.flush().ok());
  f.w.power_cut();
  CHECK(f.w.storage.exists(f.dir + "/partition.metadata"));
  CHECK(f.w.storage.exists(f.dir + "/leader-epoch-checkpoint"));
}

TEST_CASE("Unsynced: a sync that failed is the end, also for want of room, and moves nothing") {
  Errc code = GENERATE(Errc::io_error, Errc::disk_full);
  Written f;
  f.begin_segment();
  f.append();
  f.w.storage.inject({1, false, code, 0, {Call::sync}});
  Status done = f.flush();
  REQUIRE_FALSE(done.ok());
  CHECK(done.error().code == Errc::kafka_storage_error);
  CHECK(f.unsynced.durable_end() == Offset(0));
}

TEST_CASE("Unsynced: a full disk keeps the old file of epochs, and the next flush writes it") {
  Written f;
  f.begin_segment();
  f.append();
  REQUIRE(f.flush().ok());
  f.epochs.assign(LeaderEpoch(1), Offset(0));
  f.epochs.write_next();
  f.w.storage.inject({1, true, Errc::disk_full, 0, {Call::write}});
  CHECK(f.flush().ok());
  CHECK(f.epochs.is_due());
  CHECK_FALSE(f.w.storage.exists(f.dir + "/leader-epoch-checkpoint"));
  f.w.storage.heal();
  REQUIRE(f.flush().ok());
  CHECK(f.w.storage.exists(f.dir + "/leader-epoch-checkpoint"));
}

TEST_CASE("Unsynced: a segment's file that somebody moved is not on the disk, one that retention took is nobody's") {
  Written f;
  f.begin_segment();
  f.append();
  f.begin_segment();
  f.append();
  FlushWork work = f.unsynced.begin(f.segments, f.epochs);
  REQUIRE(f.w.storage.rename(f.segment(0), f.segment(0) + ".away").ok());
  Status worked = work.work();
  REQUIRE(worked.ok());
  if (GENERATE(false, true)) {
    f.segments.drop_front(1);
    CHECK(f.done(work, worked).ok());
    CHECK_FALSE(f.unsynced.has_lost_a_name());
    CHECK(f.unsynced.durable_end() == Offset(2));
  } else {
    Status done = f.done(work, worked);
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().message.find(f.segment(0)) != std::string::npos);
    CHECK(f.unsynced.has_lost_a_name());
    CHECK(f.unsynced.durable_end() == Offset(0));
  }
}

TEST_CASE("Unsynced: the name of a segment is made durable before the next one begins, unless a flush did that") {
  Written f;
  auto syncs = [&] {
    uint64_t before = f.w.storage.calls(Call::sync_dir);
    REQUIRE(f.unsynced.sync_names_of_segments().ok());
    return f.w.storage.calls(Call::sync_dir) - before;
  };
  f.begin_segment();
  f.append();
  CHECK(syncs() == 1);
  FlushWork work = f.unsynced.begin(f.segments, f.epochs);
  f.begin_segment();  // while the flush is under way, which knows nothing of it
  REQUIRE(f.done(work, work.work()).ok());
  f.append();
  CHECK(syncs() == 1);
  REQUIRE(f.flush().ok());
  CHECK(syncs() == 0);
}
