// The list of segments: what is found where, and where it ends whatever is taken away.
#include "log/segments.h"

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

// Segments of two batches of one record each, unless told otherwise.
struct List : Fixture {
  List() { REQUIRE(w.storage.make_dir(dir).ok()); }

  void append(int count, size_t value_bytes = 20) {
    std::string bytes = batch(count, t0, {}, value_bytes);
    record::stamp(bytes.data(), segments.end(), LeaderEpoch(0));
    record::BatchView view(bytes);
    BatchFacts facts{view.base_offset(), view.last_offset(), view.max_timestamp(), bytes.size()};
    auto must_begin = segments.must_begin(facts, config, w.clock.wall());
    REQUIRE(must_begin.ok());
    if (*must_begin) REQUIRE(segments.begin(w.clock.wall()).ok());
    Bytes part = bytes;
    REQUIRE(segments.append(std::span<const Bytes>(&part, 1), facts, config.index_interval_bytes).ok());
  }
  void fill(int batches) {
    config.segment_bytes = 2 * static_cast<int64_t>(batch(1).size());
    for (int i = 0; i < batches; i++) append(1);
  }
  std::vector<int64_t> bases() const {
    std::vector<int64_t> out;
    for (size_t i = 0; i < segments.size(); i++) out.push_back(segments[i].base().value);
    return out;
  }

  Files some_files{w.storage};
  Segments segments{some_files, dir};
};

}  // namespace

TEST_CASE("Segments: an offset lies in the last segment that does not begin behind it") {
  List f;
  CHECK(f.segments.first() == Offset(0));
  CHECK(f.segments.end() == Offset(0));
  f.fill(5);
  REQUIRE(f.bases() == std::vector<int64_t>{0, 2, 4});
  for (int64_t offset : {0, 1, 2, 3, 4, 5, 100})
    CHECK(f.segments.find(Offset(offset)) == static_cast<size_t>(std::min<int64_t>(offset / 2, 2)));
  CHECK(f.segments.limit(0) == Offset(2));
  CHECK(f.segments.limit(1) == Offset(4));
  CHECK(f.segments.limit(2) == Offset(5));
  CHECK(f.segments.beginning_at(Offset(2)) == &f.segments[1]);
  CHECK(f.segments.beginning_at(Offset(3)) == nullptr);
  CHECK_FALSE(f.segments.has_beginning_at(Offset(5)));
  CHECK(f.segments.bytes() == 5 * batch(1).size());
}

TEST_CASE("Segments: the next batch begins a segment where the last one is full, or ends in damage") {
  List f;
  f.config.segment_bytes = 1 << 20;
  f.append(1);
  BatchFacts next{Offset(1), Offset(1), Timestamp(t0), 100};
  auto must_begin = [&] { return f.segments.must_begin(next, f.config, f.w.clock.wall()).value(); };
  CHECK_FALSE(must_begin());
  SECTION("by bytes") {
    f.config.segment_bytes = static_cast<int64_t>(f.segments.bytes()) + 100;
    CHECK_FALSE(must_begin());
    next.bytes = 101;
    CHECK(must_begin());
  }
  SECTION("by the width of an offset in the index") {
    next.last_offset = Offset(INT32_MAX);
    CHECK_FALSE(must_begin());
    next.last_offset = Offset(int64_t{INT32_MAX} + 1);
    CHECK(must_begin());
  }
  SECTION("by the records' time, less the jitter") {
    f.config.segment_ms = 1000;
    f.config.segment_jitter_ms = 100;
    next.max_timestamp = Timestamp(t0 + 900);
    CHECK_FALSE(must_begin());
    next.max_timestamp = Timestamp(t0 + 901);
    CHECK(must_begin());
  }
  SECTION("by damage at its end") {
    f.segments.close_last();
    CHECK(must_begin());
    REQUIRE(f.segments.begin(f.w.clock.wall()).ok());
    CHECK_FALSE(must_begin());
  }
}

TEST_CASE("Segments: what is dropped from the front is no longer found, and its files are told oldest first") {
  List f;
  f.fill(6);
  auto paths = f.segments.drop_front(2);
  CHECK(f.bases() == std::vector<int64_t>{4});
  CHECK(f.segments.first() == Offset(4));
  CHECK(f.segments.end() == Offset(6));
  REQUIRE(paths.size() == 6);
  CHECK(paths[0] == f.segment(0));
  CHECK(paths[3] == f.segment(2));
  CHECK(f.w.storage.exists(paths[0]));  // they go later
}

TEST_CASE("Segments: a cut takes whole batches and whole segments") {
  for (int64_t at = 0; at <= 6; at++) {
    CAPTURE(at);
    List f;
    f.fill(6);
    REQUIRE(f.segments.cut(Offset(at)).ok());
    CHECK(f.segments.end() == Offset(at));
    CHECK(f.segments.bytes() == static_cast<uint64_t>(at) * batch(1).size());
    f.w.power_cut();  // it is on the disk
    uint64_t bytes = 0;
    for (const std::string& path : f.w.storage.paths(f.dir))
      if (path.ends_with(".log")) bytes += f.w.storage.contents(path).size();
    CHECK(bytes <= static_cast<uint64_t>(at) * batch(1).size());
  }
  List f;
  f.append(3);
  REQUIRE(f.segments.cut(Offset(1)).ok());
  CHECK(f.segments.end() == Offset(0));
  f.append(3);
  CHECK(f.segments.end() == Offset(3));
}

TEST_CASE("Segments: a cut that fails leaves the end where the segments end that are left") {
  List f;
  f.fill(6);
  f.w.storage.inject({4, true, Errc::io_error, 0, {Call::unlink}});  // the last segment's three files go, then nothing
  CHECK_FALSE(f.segments.cut(Offset(1)).ok());
  CHECK(f.bases() == std::vector<int64_t>{0, 2});
  CHECK(f.segments.end() == Offset(4));
  CHECK(f.segments.limit(1) == Offset(4));
}

TEST_CASE("Segments: a list without a record begins wherever it is told to, without the files of an empty segment") {
  List f;
  f.segments.restart(Offset(1000));
  REQUIRE(f.segments.begin(f.w.clock.wall()).ok());
  CHECK(f.bases() == std::vector<int64_t>{1000});
  f.segments.restart(Offset(7));
  CHECK(f.segments.empty());
  CHECK(f.segments.end() == Offset(7));
  CHECK(f.w.storage.paths(f.dir).empty());
  f.append(1);
  CHECK(f.bases() == std::vector<int64_t>{7});
}
