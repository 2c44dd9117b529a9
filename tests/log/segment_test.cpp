// Segment: its files, and where batches, times and ends are found.
#include "log/segment.h"

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

// Segment 100 of a log, with a batch for each count of records; an entry of the index for each but the first.
struct One : Fixture {
  One() {
    REQUIRE(w.storage.make_dir(dir).ok());
    auto made = Segment::create(some_files, dir, Offset(100), w.clock.wall());
    REQUIRE(made.ok());
    one = std::move(*made);
  }
  std::string next(int count, int64_t time) const {
    std::string bytes = batch(count, time);
    record::stamp(bytes.data(), end, LeaderEpoch(0));
    return bytes;
  }
  Status try_append(int count, int64_t time = t0) {
    const std::string bytes = next(count, time);
    record::BatchView view(bytes);
    const Bytes parts[] = {Bytes(bytes).substr(0, 61), Bytes(bytes).substr(61)};
    const BatchFacts facts{view.base_offset(), view.last_offset(), view.max_timestamp(), bytes.size()};
    BOBBIN_TRY(one->append(parts, facts, 1));
    starts.push_back(one->bytes() - bytes.size());
    end = view.next_offset();
    return {};
  }
  void append(int count, int64_t time = t0) { REQUIRE(try_append(count, time).ok()); }
  std::string contents() const { return w.storage.contents(one->path()); }
  // The base of the batch that is found for an offset; -1: the end.
  int64_t locate(int64_t offset) {
    auto found = one->locate(Offset(offset), end);
    REQUIRE(found.ok());
    CHECK_FALSE(found->damage_from);
    return found->batch ? found->batch->view().base_offset().value : -1;
  }
  uint64_t position_of(int64_t offset) {
    auto position = one->position_of(Offset(offset), end);
    REQUIRE(position.ok());
    return *position;
  }

  Files some_files{w.storage};
  std::unique_ptr<Segment> one;
  Offset end{100};
  std::vector<uint64_t> starts;
};

}  // namespace

TEST_CASE("Segment: a new one has three files under its first offset, and nothing in them") {
  One f;
  CHECK(f.one->base() == Offset(100));
  CHECK(f.one->bytes() == 0);
  CHECK_FALSE(f.one->data().is_dirty());
  CHECK(f.one->indexes().largest().timestamp == timestamp_none);
  CHECK(f.one->paths() ==
        std::vector<std::string>{f.segment(100), f.segment(100, ".index"), f.segment(100, ".timeindex")});
  for (const std::string& path : f.one->paths()) {
    CHECK(f.w.storage.exists(path));
    CHECK(f.w.storage.contents(path).empty());
  }
}

TEST_CASE("Segment: where records lie already none is made, and they stay") {
  One f;
  f.w.storage.put(f.segment(200), "somebody's");
  auto made = Segment::create(f.some_files, f.dir, Offset(200), Timestamp(t0));
  REQUIRE_FALSE(made.ok());
  CHECK(made.error().code == Errc::damaged);
  CHECK(f.w.storage.contents(f.segment(200)) == "somebody's");
}

TEST_CASE("Segment: whichever of its files cannot be made, nothing of it is left behind") {
  for (uint64_t at : {1, 2, 3}) {
    One f;
    f.w.storage.inject({.at = at, .code = Errc::disk_full, .only = {Call::open}});
    auto made = Segment::create(f.some_files, f.dir, Offset(200), Timestamp(t0));
    f.w.storage.heal();
    CAPTURE(at);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == Errc::disk_full);
    for (const char* suffix : {".log", ".index", ".timeindex"}) CHECK_FALSE(f.w.storage.exists(f.segment(200, suffix)));
    CHECK(Segment::create(f.some_files, f.dir, Offset(200), Timestamp(t0)).ok());
  }
}

TEST_CASE("Segment: an offset is found in the batch that holds it, what is behind the last one is the end") {
  One f;
  for (int count : {1, 3, 2}) f.append(count);
  REQUIRE(f.end == Offset(106));
  for (auto [offset, base] :
       {std::pair(100, 100), {101, 101}, {102, 101}, {103, 101}, {104, 104}, {105, 104}, {106, -1}}) {
    CAPTURE(offset);
    CHECK(f.locate(offset) == base);
  }
  CHECK(f.position_of(100) == 0);
  CHECK(f.position_of(103) == f.starts[1]);
  CHECK(f.position_of(105) == f.starts[2]);
  CHECK(f.position_of(106) == f.one->bytes());
}

TEST_CASE("Segment: a place that was noted leads to its batch, and hides no other") {
  One f;
  for (int count : {1, 3, 2}) f.append(count);
  f.one->note_place(Offset(104), f.starts[2]);
  CHECK(f.locate(104) == 104);
  f.one->note_place(Offset(101), f.starts[1]);
  CHECK(f.locate(104) == 104);
  CHECK(f.locate(100) == 100);
}

TEST_CASE("Segment: the first and the largest time, and where a time can lie") {
  One f;
  f.append(1, t0 + 50);
  f.append(2, t0 + 100);  // up to t0 + 101
  f.append(1, t0 + 20);
  f.append(1, t0 + 300);
  CHECK(*f.one->first_timestamp(f.end) == Timestamp(t0 + 50));
  CHECK(f.one->indexes().largest() == TimeEntry{Timestamp(t0 + 300), Offset(104)});
  auto place = [&](int64_t time) {
    auto position = f.one->position_for_time(Timestamp(time), f.end);
    REQUIRE(position.ok());
    return *position;
  };
  // No batch before it is so new, and the first that is lies there or behind.
  CHECK(place(INT64_MIN) == 0);
  CHECK(place(t0 + 50) == 0);
  CHECK(place(t0 + 101) <= f.starts[1]);
  CHECK(place(t0 + 102) <= f.starts[3]);
  auto below = [&](int64_t offset) {
    auto entry = f.one->largest_below(Offset(offset));
    REQUIRE(entry.ok());
    return entry->timestamp.value;
  };
  CHECK(below(105) == t0 + 300);
  CHECK(below(104) == t0 + 101);
}

TEST_CASE("Segment: one that is sealed has both indexes written, whose last time is its largest") {
  One f;
  f.append(1, t0);
  f.append(1, t0 + 5);
  f.append(2, t0 + 9);
  CHECK(f.w.storage.contents(f.segment(100, ".index")).empty());
  std::vector<std::shared_ptr<os::File>> written;
  REQUIRE(f.one->seal(written).ok());
  CHECK(written.size() == 2);
  CHECK(f.w.storage.contents(f.segment(100, ".index")).size() == 2 * OffsetIndex::entry_bytes);
  const std::string times = f.w.storage.contents(f.segment(100, ".timeindex"));
  REQUIRE(times.size() >= TimeIndex::entry_bytes);
  const char* last = times.data() + times.size() - TimeIndex::entry_bytes;
  CHECK(load_be<int64_t>(last) == t0 + 10);
  CHECK(load_be<int32_t>(last + 8) == 3);
}

TEST_CASE("Segment: cut at a batch, it ends there, and what comes next is found") {
  One f;
  for (int count : {1, 3, 2}) f.append(count);
  const std::string before = f.contents().substr(0, f.starts[1]);
  REQUIRE(f.one->truncate(f.starts[1], Offset(101)).ok());
  f.end = Offset(101);
  CHECK(f.contents() == before);
  CHECK(f.locate(101) == -1);
  CHECK(f.locate(100) == 100);
  f.append(5, t0 + 7);
  CHECK(f.locate(105) == 101);
  CHECK(f.position_of(105) == before.size());
}

TEST_CASE("Segment: one that is there is taken as it is, one that is larger than any is damage") {
  One f;
  f.append(2);
  f.append(1);
  auto again = Segment::adopt(f.some_files, f.dir, Offset(100));
  REQUIRE(again.ok());
  CHECK((*again)->bytes() == f.one->bytes());
  CHECK_FALSE((*again)->data().is_dirty());
  auto found = (*again)->locate(Offset(102), f.end);
  REQUIRE((found.ok() && found->batch));
  CHECK(found->batch->view().base_offset() == Offset(102));
  CHECK(Segment::adopt(f.some_files, f.dir, Offset(300)).error().code == Errc::not_found);
}
