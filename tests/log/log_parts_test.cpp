// LogParts: after each step its parts tell the same.
#include "log/log_parts.h"

#include "log/checkpoints.h"
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

struct Together : Fixture {
  Together() { REQUIRE(parts.unsynced.make_dir(topic_id).ok()); }
  Status roll() { return parts.roll(removal, w.clock.wall()); }
  // As Log does, in the active segment.
  void store(std::string bytes, int epoch = 0) {
    record::stamp(bytes.data(), parts.segments.end(), LeaderEpoch(epoch));
    const record::BatchView view(bytes);
    const Bytes head = Bytes(bytes).substr(0, record::batch_header_bytes), body = view.records_bytes();
    const Bytes both[] = {head, body};
    REQUIRE(parts.segments
                .append(both, {view.base_offset(), view.last_offset(), view.max_timestamp(), bytes.size()},
                        config.index_interval_bytes)
                .ok());
    parts.take_in(head, body, config, w.clock.wall());
  }

  Files some_files{w.storage};
  LogParts parts{Segments(some_files, dir),
                 Unsynced(some_files, dir),
                 EpochFile(),
                 ProducerSnapshots(dir),
                 Producers(),
                 Offset(0)};
  Removal removal{w.world, dir};
};

}  // namespace

TEST_CASE(
    "Log parts: the first segment begins where the log ends, without a snapshot, and an empty one is not rolled") {
  Together t;
  REQUIRE(t.roll().ok());
  REQUIRE(t.parts.segments.size() == 1);
  CHECK(t.parts.segments.first() == Offset(0));
  REQUIRE(t.roll().ok());
  CHECK(t.parts.segments.size() == 1);
  CHECK_FALSE(t.w.storage.exists(t.segment(0, ".snapshot")));
}

TEST_CASE("Log parts: where a segment begins the one before has both indexes, and a snapshot tells of the producers") {
  Together t;
  REQUIRE(t.roll().ok());
  t.store(batch(3, t0, {7, 0, 0}));
  REQUIRE(t.roll().ok());
  REQUIRE(t.parts.segments.size() == 2);
  CHECK(t.parts.segments.active().base() == Offset(3));
  CHECK(t.w.storage.contents(t.segment(0, ".timeindex")).size() == TimeIndex::entry_bytes);
  auto told = Producers::decode_snapshot(t.w.storage.contents(t.segment(3, ".snapshot")));
  REQUIRE(told.ok());
  CHECK(told->size() == 1);
  CHECK(t.parts.unsynced.has_files());
}

TEST_CASE("Log parts: a segment that cannot begin leaves the list as it was") {
  Together t;
  REQUIRE(t.roll().ok());
  t.store(batch(1));
  t.w.storage.inject({.at = 1, .for_good = true, .code = Errc::disk_full, .only = {Call::open}});
  CHECK(t.roll().error().code == Errc::disk_full);
  CHECK(t.parts.segments.size() == 1);
  t.w.storage.heal();
  CHECK(t.roll().ok());
}

TEST_CASE("Log parts: a batch that was stored begins its epoch and moves its producer on") {
  Together t;
  REQUIRE(t.roll().ok());
  t.store(batch(2, t0, {7, 0, 0}), 3);
  t.store(batch(1, t0, {8, 0, 0}), 4);
  CHECK(t.parts.epochs.epochs().entries() ==
        std::vector<EpochStart>{{LeaderEpoch(3), Offset(0)}, {LeaderEpoch(4), Offset(2)}});
  CHECK(t.parts.producers.size() == 2);
  CHECK(t.w.storage.exists(t.dir + "/" + std::string(leader_epoch_file)));  // the first one tells where the log begins
}

TEST_CASE("Log parts: of more producers than are allowed a tenth goes at once") {
  Together t;
  t.config.producers_max = 20;
  REQUIRE(t.roll().ok());
  for (int id = 0; id < 20; id++) t.store(batch(1, t0, {id, 0, 0}));
  CHECK(t.parts.producers.size() == 20);
  t.store(batch(1, t0, {20, 0, 0}));
  CHECK(t.parts.producers.size() == 18);
}

TEST_CASE("Log parts: one that has no records begins elsewhere as a whole") {
  Together t;
  t.parts.restart(Offset(1000), Offset(1000));
  CHECK(t.parts.log_start == Offset(1000));
  CHECK(t.parts.segments.end() == Offset(1000));
  CHECK(t.parts.unsynced.durable_end() == Offset(1000));
  REQUIRE(t.roll().ok());
  t.store(batch(1));
  CHECK(t.parts.epochs.epochs().entries() == std::vector<EpochStart>{{LeaderEpoch(0), Offset(1000)}});
}
