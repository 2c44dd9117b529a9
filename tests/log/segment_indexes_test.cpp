// SegmentIndexes: taken as they are, or built anew, so that both tell of the same batches.
#include "log/segment_indexes.h"

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

// A segment that begins at 100 with batches of two records, ten ms apart; an entry for each batch but the first.
struct Kept : Fixture {
  explicit Kept(int batches = 4) {
    REQUIRE(w.storage.make_dir(dir).ok());
    REQUIRE(indexes.create().ok());
    for (int i = 0; i < batches; i++) {
      starts.push_back(bytes.size());
      std::string one = batch(2, t0 + 10 * i);
      record::stamp(one.data(), Offset(100 + 2 * i), LeaderEpoch(0));
      const record::BatchView view(one);
      indexes.add({view.base_offset(), view.last_offset(), view.max_timestamp(), one.size()}, bytes.size(), 1);
      bytes += one;
      end = view.next_offset();
    }
    w.storage.put(segment(100), bytes);
    REQUIRE(file.adopt().ok());
    std::vector<std::shared_ptr<os::File>> written;
    REQUIRE(indexes.flush(written).ok());
    REQUIRE(written.size() == (batches > 0 ? 2 : 0));
  }
  SegmentBatches batches(const SegmentIndexes& of) const { return {{file, of.offsets(), Offset(100), true}, end}; }
  std::string offsets() const { return w.storage.contents(segment(100, ".index")); }
  std::string times() const { return w.storage.contents(segment(100, ".timeindex")); }
  // Those of another process; whether they had to be built.
  bool open() {
    some_files.forget_below(dir);
    again.emplace(some_files, dir, Offset(100));
    CHECK_FALSE(again->is_ready());
    auto built = again->ready(batches(*again), 1);
    REQUIRE(built.ok());
    CHECK(again->is_ready());
    return *built;
  }
  // That they tell of every batch, by its offset and by its time.
  void check_all(SegmentIndexes& of) {
    const SegmentBatches in = batches(of);
    CHECK(of.largest() == TimeEntry{Timestamp(t0 + 10 * static_cast<int64_t>(starts.size() - 1) + 1), end - 1});
    for (size_t i = 1; i < starts.size(); i++) {
      const auto base = Offset(100 + 2 * static_cast<int64_t>(i));
      CHECK(of.close_start_for(base, in).value().position == starts[i]);
      CHECK(of.start_for(base + 1, in).value().offset == base);
      CHECK(of.position_for_time(Timestamp(t0 + 10 * static_cast<int64_t>(i)), in).value() == starts[i - 1]);
    }
  }

  Files some_files{w.storage};
  SegmentFile file{some_files, segment(100)};
  SegmentIndexes indexes{some_files, dir, Offset(100)};
  std::optional<SegmentIndexes> again;
  std::string bytes;
  std::vector<uint64_t> starts;
  Offset end{100};
};

}  // namespace

TEST_CASE("Segment indexes: they are ready when they are made, and tell of what entered") {
  Kept k;
  CHECK(k.indexes.is_ready());
  CHECK(k.offsets().size() == 3 * OffsetIndex::entry_bytes);
  CHECK(k.times().size() == 3 * TimeIndex::entry_bytes);
  CHECK_FALSE(k.indexes.start_for(Offset(101), k.batches(k.indexes)).value().kept);  // the first batch has no entry
  k.check_all(k.indexes);
}

TEST_CASE("Segment indexes: sane ones are taken as they are") {
  Kept k;
  CHECK_FALSE(k.open());
  k.check_all(*k.again);
  CHECK_FALSE(k.again->ready(k.batches(*k.again), 1).value());  // nor again
}

TEST_CASE("Segment indexes: where one is gone, is none or tells of less than the other, both are built anew") {
  Kept k;
  const std::string offsets = k.offsets(), times = k.times();
  const std::string index = k.segment(100, ".index"), timeindex = k.segment(100, ".timeindex");
  SECTION("no offsets") { k.w.storage.erase(index); }
  SECTION("no times") { k.w.storage.erase(timeindex); }
  SECTION("half an entry") { k.w.storage.put(index, offsets.substr(0, offsets.size() - 1)); }
  SECTION("zeros") { k.w.storage.put(index, std::string(offsets.size(), '\0')); }
  SECTION("a place that is none") { k.w.storage.put(index, offsets.substr(0, offsets.size() - 1) + "\x01"); }
  SECTION("a time that was lost") {
    k.w.storage.put(timeindex, times.substr(0, times.size() - TimeIndex::entry_bytes));
  }
  SECTION("a time that is wrong") {
    k.w.storage.put(timeindex, times.substr(0, times.size() - 5) + std::string(5, '\7'));
  }
  CHECK(k.open());
  k.check_all(*k.again);
  std::vector<std::shared_ptr<os::File>> written;
  REQUIRE(k.again->flush(written).ok());
  CHECK((k.offsets() == offsets && k.times() == times));
}

TEST_CASE("Segment indexes: entries of batches that are not there any more do not count") {
  Kept k;
  k.end = Offset(104);
  k.bytes.resize(k.starts[2]);
  k.w.storage.put(k.segment(100), k.bytes);
  REQUIRE(k.file.adopt().ok());
  k.starts.resize(2);
  CHECK(k.open());
  k.check_all(*k.again);
}

TEST_CASE("Segment indexes: resumed below an offset, the entries before it stay, and the rest has to enter again") {
  Kept k;
  SegmentIndexes other(k.some_files, k.dir, Offset(100));
  auto from = other.resume(Offset(105), k.batches(other));
  REQUIRE(from.ok());
  CHECK((from->kept && from->position == k.starts[1] && from->offset == Offset(102)));
  CHECK_FALSE(other.is_ready());
  auto afresh = other.resume(Offset(100), k.batches(other));
  REQUIRE(afresh.ok());
  CHECK((!afresh->kept && afresh->position == 0 && afresh->offset == Offset(100)));
}

TEST_CASE("Segment indexes: cut at an offset, both tell of no batch from there on") {
  Kept k;
  REQUIRE(k.indexes.truncate(Offset(104)).ok());
  CHECK(k.offsets().size() == OffsetIndex::entry_bytes);
  CHECK(k.times().size() == TimeIndex::entry_bytes);
  CHECK(k.indexes.has_entries_below(Offset(104)).value());
  CHECK_FALSE(k.indexes.has_entries_below(Offset(103)).value());
  std::vector<std::shared_ptr<os::File>> written;
  REQUIRE(k.indexes.flush(written).ok());
  CHECK(written.size() == 2);  // a power cut must not bring back what was cut off
}

TEST_CASE("Segment indexes: an entry is made when so many bytes lie behind the last one") {
  Kept k(0);
  const uint64_t large = 1000;
  for (int i = 0; i < 6; i++)
    k.indexes.add({Offset(100 + i), Offset(100 + i), Timestamp(t0 + i), large}, static_cast<uint64_t>(i) * large, 2500);
  CHECK(k.indexes.first_behind(0).value() == Offset(103));
  CHECK_FALSE(k.indexes.first_behind(3 * large).value());
  CHECK_FALSE(k.indexes.is_full(2 * TimeIndex::entry_bytes + 12));
  CHECK(k.indexes.is_full(TimeIndex::entry_bytes));
}

TEST_CASE("Segment indexes: the largest time below an offset is that of the batches that end before it") {
  Kept k;
  const SegmentBatches in = k.batches(k.indexes);
  for (auto [below, time] : {std::pair<int64_t, int64_t>{108, t0 + 31}, {107, t0 + 21}, {104, t0 + 11}, {102, t0 + 1}})
    CHECK(k.indexes.largest_below(Offset(below), in.with_limit(Offset(below))).value().timestamp == Timestamp(time));
  CHECK(k.indexes.largest_below(Offset(101), in.with_limit(Offset(101))).value().timestamp == timestamp_none);
}
