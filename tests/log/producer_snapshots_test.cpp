// What a log's directory remembers of its producers, and what its records tell beside it.
#include "log/producer_snapshots.h"

#include "log/log_fixture.h"
#include "record/control.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

// A log's files, as an open finds them.
struct Found : Fixture {
  Found() {
    config.segment_bytes = 4 * static_cast<int64_t>(batch(1).size());
    open();
  }
  void append(int64_t producer, int32_t sequence) { must_append(batch(1, t0, {producer, 0, sequence})); }
  void checkpoint() {
    REQUIRE(log->checkpoint(w.clock.wall()).ok());
    w.jobs.run_all();
  }
  std::vector<Offset> on_disk() const {
    std::vector<Offset> out;
    for (const std::string& path : w.storage.paths(dir))
      if (auto at = parse_offset_name(path.substr(path.rfind('/') + 1), ".snapshot")) out.push_back(*at);
    return out;
  }
  Producers load() {
    notes.clear();
    const Segments& there = log->segments();
    Files other(w.storage);
    Segments::List list;
    for (size_t i = 0; i < there.size(); i++) list.push_back(std::move(*Segment::adopt(other, dir, there[i].base())));
    Segments segments(other, dir, std::move(list), there.end());
    ProducerSnapshots snapshots(dir, on_disk());
    auto loaded = snapshots.load(
        {w.storage, segments, Offset(0), w.clock.wall(), config.index_interval_bytes, config.producer_expiration_ms},
        notes);
    REQUIRE(loaded.ok());
    return std::move(*loaded);
  }

  std::vector<std::string> notes;
};

bool equal(const Producers& a, const Producers& b) { return a.encode_snapshot() == b.encode_snapshot(); }

}  // namespace

TEST_CASE("ProducerSnapshots: kept are those that begin a segment, and the last two of the others") {
  Found f;
  for (int i = 0; i < 9; i++) {
    f.append(1, i);
    f.checkpoint();
  }
  CHECK(f.on_disk() == std::vector<Offset>{Offset(4), Offset(7), Offset(8), Offset(9)});
  f.checkpoint();  // the one at the end is there
  CHECK(f.on_disk().size() == 4);
}

TEST_CASE("ProducerSnapshots: whatever is missing or damaged, the records tell the same") {
  Found f;
  for (int i = 0; i < 9; i++) {
    f.append(1 + i % 2, i / 2);
    if (i % 3 == 0) f.checkpoint();
  }
  REQUIRE(f.on_disk().size() == 4);
  const Producers& expected = f.log->producers();
  CHECK(equal(f.load(), expected));
  CHECK(f.notes.empty());
  SECTION("the newest is damaged") {
    std::string path = f.segment(f.on_disk().back().value, ".snapshot");
    f.w.storage.put(path, f.w.storage.contents(path) + "x");
    CHECK(equal(f.load(), expected));
    REQUIRE(f.notes.size() == 1);
    CHECK_FALSE(f.w.storage.exists(path));
    REQUIRE(f.flush().ok());
    f.w.power_cut();
    CHECK_FALSE(f.w.storage.exists(path));
  }
  SECTION("one is of an offset that the log does not reach") {
    f.w.storage.put(f.segment(100, ".snapshot"), Producers().encode_snapshot());
    CHECK(equal(f.load(), expected));
    CHECK_FALSE(f.w.storage.exists(f.segment(100, ".snapshot")));
  }
  SECTION("there is none") {
    for (Offset at : f.on_disk()) f.w.storage.erase(f.segment(at.value, ".snapshot"));
    CHECK(equal(f.load(), expected));
    CHECK(f.notes.empty());
  }
  // And the last five batches of each, of which a snapshot holds one.
  Producers loaded = f.load();
  CHECK(loaded.find(ProducerId(1))->batch_count == 5);
  CHECK(loaded.find(ProducerId(2))->batch_count == 4);
}

TEST_CASE("ProducerReplay: the end of a transaction is read from its control batch") {
  auto type = GENERATE(record::ControlType::commit, record::ControlType::abort);
  Found f;
  record::BatchBuilder builder;
  builder.add(Timestamp(t0), "k", "v");
  record::BatchFields fields;
  fields.transactional = true;
  fields.producer_id = ProducerId(5);
  fields.producer_epoch = ProducerEpoch(0);
  fields.base_sequence = Sequence(0);
  f.must_append(*builder.seal(fields));
  CHECK(f.load().first_open_transaction() == Offset(0));
  std::string value;
  append_be(value, int16_t{0});
  append_be(value, int32_t{7});
  auto control = record::control_batch(type, value, Timestamp(t0), fields);
  REQUIRE(control.ok());
  REQUIRE(f.log->append(*control, LeaderEpoch(0), AppendOrigin::coordinator).ok());
  Producers loaded = f.load();
  CHECK_FALSE(loaded.first_open_transaction());
  CHECK(loaded.find(ProducerId(5))->coordinator_epoch == 7);
}
