// SegmentBatches: what a file has of sound batches, and where they go on behind damage.
#include "log/segment_batches.h"

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

// Batches of two records each, of a segment that begins at 100; no entry of the index, until a test adds some.
struct Laid : Fixture {
  explicit Laid(int batches = 5) {
    REQUIRE(w.storage.make_dir(dir).ok());
    for (int i = 0; i < batches; i++) {
      starts.push_back(bytes.size());
      std::string one = batch(2, t0 + i);
      record::stamp(one.data(), Offset(100 + 2 * i), LeaderEpoch(0));
      bytes += one;
    }
    starts.push_back(bytes.size());
    end = Offset(100 + 2 * batches);
    REQUIRE(index.file().create().ok());
    store();
  }
  void store() {
    some_files.forget(segment(100));
    w.storage.put(segment(100), bytes);
    REQUIRE(file.adopt().ok());
  }
  // One bit of a record of that batch.
  void damage(size_t which) {
    bytes[starts[which] + record::batch_header_bytes + 5] ^= 1;
    store();
  }
  // Its header as well.
  void wipe(size_t which) {
    for (size_t at = starts[which]; at < starts[which + 1]; at++) bytes[at] = 'x';
    store();
  }
  SegmentBatches batches() const { return {{file, index, Offset(100), dense}, end}; }

  using Places = std::vector<uint64_t>;
  // Where batches are, and where none is.
  Places each(uint64_t position, int64_t offset_min, bool check_crc = true, bool stops = false) {
    Places found;
    bad.clear();
    auto see = [&](const BatchAt& batch) -> Result<bool> {
      found.push_back(batch.position);
      return true;
    };
    auto on_bad = [&](uint64_t at, Offset expected) {
      bad.emplace_back(at, expected.value);
      return !stops;
    };
    REQUIRE(batches().each(position, Offset(offset_min), see, check_crc, on_bad).ok());
    return found;
  }

  Files some_files{w.storage};
  std::string bytes;
  Places starts;
  Offset end;
  bool dense = true;
  SegmentFile file{some_files, segment(100)};
  OffsetIndex index{some_files, segment(100, ".index"), Offset(100)};
  std::vector<std::pair<uint64_t, int64_t>> bad;
};

}  // namespace

TEST_CASE("Segment batches: each is given in turn, from the first or from any") {
  Laid l;
  CHECK(l.each(0, 100) == Laid::Places(l.starts.begin(), l.starts.end() - 1));
  CHECK(l.each(l.starts[3], 106) == Laid::Places{l.starts[3], l.starts[4]});
  CHECK(l.each(l.starts[5], 110).empty());
  CHECK(l.bad.empty());
}

TEST_CASE("Segment batches: a visitor that has seen enough is not asked again") {
  Laid l;
  int seen = 0;
  REQUIRE(l.batches().each(0, Offset(100), [&](const BatchAt&) -> Result<bool> { return ++seen < 2; }).ok());
  CHECK(seen == 2);
  auto failed =
      l.batches().each(0, Offset(100), [&](const BatchAt&) -> Result<bool> { return error(Errc::busy, "not now"); });
  CHECK(failed.error().code == Errc::busy);
}

TEST_CASE("Segment batches: one whose checksum is wrong is told of and passed over, if checksums are asked for") {
  Laid l;
  l.damage(2);
  CHECK(l.each(0, 100) == Laid::Places{l.starts[0], l.starts[1], l.starts[3], l.starts[4]});
  CHECK(l.bad == std::vector<std::pair<uint64_t, int64_t>>{{l.starts[2], 104}});
  CHECK(l.each(0, 100, true, true) == Laid::Places{l.starts[0], l.starts[1]});
  CHECK(l.each(0, 100, false).size() == 5);
  CHECK(l.bad.empty());
}

TEST_CASE("Segment batches: behind bytes that are none they go on with the first that leads to the end") {
  Laid l;
  l.wipe(1);
  CHECK(l.each(0, 100) == Laid::Places{l.starts[0], l.starts[2], l.starts[3], l.starts[4]});
  CHECK(l.batches().resync(l.starts[1], Offset(102)).value() == l.starts[2]);
  CHECK(l.batches().resync(l.starts[1], Offset(105)).value() == l.starts[3]);  // the one before is of lower offsets
  l.wipe(4);
  // Nothing leads to the end any more.
  CHECK(l.batches().resync(l.starts[1], Offset(102)).value() == l.starts[5]);
  l.index.add({Offset(107), l.starts[3]});
  CHECK(l.batches().resync(l.starts[1], Offset(102)).value() == l.starts[2]);
}

TEST_CASE("Segment batches: an entry of the index that is wrong leads nowhere") {
  Laid l;
  l.wipe(1);
  l.index.add({Offset(105), l.starts[2] + 7});
  CHECK(l.batches().resync(l.starts[1], Offset(102)).value() == l.starts[2]);
  CHECK(l.batches().is_true({Offset(105), l.starts[2]}).value());
  CHECK_FALSE(l.batches().is_true({Offset(104), l.starts[2]}).value());
  CHECK_FALSE(l.batches().is_true({Offset(105), l.starts[2] + 7}).value());
  CHECK_FALSE(l.batches().is_true({Offset(101), 0}).value());  // the first batch never has one
  CHECK_FALSE(l.batches().is_true({Offset(111), l.starts[5]}).value());
}

TEST_CASE("Segment batches: no batch reaches the limit") {
  Laid l;
  l.end = Offset(105);
  CHECK(l.each(0, 100) == Laid::Places{l.starts[0], l.starts[1]});
  CHECK(l.bad == std::vector<std::pair<uint64_t, int64_t>>{{l.starts[2], 104}});
  CHECK_FALSE(l.batches().at(l.starts[2]).value());
  CHECK(l.batches().with_limit(Offset(106)).at(l.starts[2]).value());
}

TEST_CASE(
    "Segment batches: a hole between offsets is damage, but in a compacted log, and what lies behind it is sound") {
  Laid l;
  l.bytes.erase(l.starts[1], l.starts[2] - l.starts[1]);
  l.store();
  CHECK(l.each(0, 100).size() == 4);
  CHECK(l.bad == std::vector<std::pair<uint64_t, int64_t>>{{l.starts[1], 102}});
  l.bad.clear();
  l.dense = false;
  CHECK(l.each(0, 100).size() == 4);
  CHECK(l.bad.empty());
}
