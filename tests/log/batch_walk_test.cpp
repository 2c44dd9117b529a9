// HeaderWalk: goes from header to header, and stops before the first that cannot be one.
#include "log/batch_walk.h"

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

// Batches of the given counts of records, from offset 100 on, `gap` offsets between any two.
struct Walked {
  explicit Walked(const std::vector<int>& counts, int64_t gap = 0) {
    int64_t offset = 100;
    for (int count : counts) {
      std::string bytes = batch(count);
      record::stamp(bytes.data(), Offset(offset), LeaderEpoch(0));
      offset += count + gap;
      starts.push_back(contents.size());
      contents += bytes;
    }
    limit = Offset(offset - gap);
  }
  HeaderWalk walk(bool dense = true, Offset known_end = Offset(0)) {
    f.w.storage.put("/data/x.log", contents);
    auto opened = f.w.storage.open("/data/x.log", os::Open::read);
    REQUIRE(opened.ok());
    file = std::move(*opened);
    return HeaderWalk(*file, {.from = 0,
                              .end = contents.size(),
                              .offset_min = Offset(100),
                              .limit = limit,
                              .dense = dense,
                              .known_end = known_end});
  }
  // Base offsets of what is walked over.
  static std::vector<int64_t> bases(HeaderWalk& walk) {
    std::vector<int64_t> out;
    for (;;) {
      auto next = walk.next();
      REQUIRE(next.ok());
      if (!*next) return out;
      out.push_back((*next)->view().base_offset().value);
    }
  }
  std::vector<int64_t> bases(bool dense = true) {
    HeaderWalk w = walk(dense);
    auto out = bases(w);
    is_at_end = w.at_end();
    return out;
  }
  char* at(size_t batch, size_t byte) { return contents.data() + starts[batch] + byte; }

  Fixture f;
  std::string contents;
  std::vector<size_t> starts;
  Offset limit;
  std::unique_ptr<os::File> file;
  bool is_at_end = false;
};

using Bases = std::vector<int64_t>;

}  // namespace

TEST_CASE("HeaderWalk: every batch is told with its place, and then the end") {
  Walked w({1, 3, 200, 2});
  HeaderWalk walk = w.walk();
  for (size_t i = 0; i < 4; i++) {
    CHECK(walk.position() == w.starts[i]);
    auto next = walk.next();
    REQUIRE(next.ok());
    REQUIRE(*next);
    CHECK((*next)->position == w.starts[i]);
    CHECK((*next)->bytes == (i < 3 ? w.starts[i + 1] : w.contents.size()) - w.starts[i]);
    CHECK(*crc_is_valid(*w.file, **next));
  }
  CHECK(walk.offset_min() == w.limit);
  auto last = walk.next();
  REQUIRE(last.ok());
  CHECK_FALSE(last->has_value());
  CHECK(walk.at_end());
}

TEST_CASE("HeaderWalk: an empty file is at its end, one that is too short for a header is not") {
  Walked w({});
  w.limit = Offset(INT64_MAX);
  CHECK(w.bases() == Bases{});
  CHECK(w.is_at_end);
  w.contents.assign(60, '\0');
  CHECK(w.bases() == Bases{});
  CHECK_FALSE(w.is_at_end);
}

TEST_CASE("HeaderWalk: a file that is cut at any byte of its last batch ends before it") {
  Walked w({1, 3, 2});
  const std::string whole = w.contents;
  for (size_t size = w.starts[2] + 1; size < whole.size(); size++) {
    w.contents = whole.substr(0, size);
    CAPTURE(size);
    REQUIRE(w.bases() == Bases{100, 101});
    REQUIRE_FALSE(w.is_at_end);
  }
  w.contents = whole.substr(0, w.starts[2]);
  CHECK(w.bases() == Bases{100, 101});
  CHECK(w.is_at_end);
}

TEST_CASE("HeaderWalk: what is wrong with a header ends the walk before it") {
  Walked w({1, 3, 2});
  SECTION("the magic") { *w.at(1, 16) = 1; }
  SECTION("a length below a header's") { store_be(w.at(1, 8), int32_t{48}); }
  SECTION("a negative length") { store_be(w.at(1, 8), int32_t{-1}); }
  SECTION("a length beyond the file") { store_be(w.at(1, 8), INT32_MAX); }
  SECTION("an offset before the last batch's end") { store_be(w.at(1, 0), int64_t{100}); }
  SECTION("an offset that leaves a hole") { store_be(w.at(1, 0), int64_t{102}); }
  SECTION("a negative offset") { store_be(w.at(1, 0), int64_t{-1}); }
  SECTION("the largest offset") { store_be(w.at(1, 0), INT64_MAX); }
  SECTION("a last offset before its first") { store_be(w.at(1, 23), int32_t{-1}); }
  SECTION("a last offset at the limit") { store_be(w.at(1, 23), int32_t{5}); }
  SECTION("a last offset far behind it") { store_be(w.at(1, 23), INT32_MAX); }
  CHECK(w.bases() == Bases{100});
  CHECK_FALSE(w.is_at_end);
}

TEST_CASE("HeaderWalk: a batch may reach to just below the limit") {
  Walked w({1, 3, 2});
  CHECK(w.limit == Offset(106));
  CHECK(w.bases() == Bases{100, 101, 104});
  w.limit = Offset(105);
  CHECK(w.bases() == Bases{100, 101});
  w.limit = Offset(104);
  CHECK(w.bases() == Bases{100, 101});
  w.limit = Offset(100);
  CHECK(w.bases() == Bases{});
}

TEST_CASE("HeaderWalk: holes are what a compacted log may have, and no other") {
  Walked w({1, 3, 2}, 10);
  CHECK(w.bases(true) == Bases{100});
  CHECK(w.bases(false) == Bases{100, 111, 124});
  CHECK(w.is_at_end);
}

TEST_CASE("HeaderWalk: neither a hole nor a batch leads across where the log is known to have ended") {
  Walked w({1, 3, 2}, 10);  // 100, 111 to 113, 124 and 125
  auto bases = [&](int64_t known_end) {
    HeaderWalk walk = w.walk(false, Offset(known_end));
    return Walked::bases(walk);
  };
  CHECK(bases(0) == Bases{100, 111, 124});
  CHECK(bases(101) == Bases{100, 111, 124});
  CHECK(bases(102) == Bases{100});
  CHECK(bases(111) == Bases{100});
  CHECK(bases(112) == Bases{100});
  CHECK(bases(113) == Bases{100});
  CHECK(bases(114) == Bases{100, 111, 124});
  CHECK(bases(115) == Bases{100, 111});
  CHECK(bases(125) == Bases{100, 111});
  CHECK(bases(126) == Bases{100, 111, 124});
  CHECK(bases(127) == Bases{100, 111, 124});
}

TEST_CASE("HeaderWalk: behind bytes that were no batch one hole is allowed, but none into what was read") {
  Walked w({1, 3, 2, 2});
  *w.at(1, 16) = 0;
  HeaderWalk walk = w.walk();
  CHECK(Walked::bases(walk) == Bases{100});
  SECTION("the next batch leaves a hole, those behind it none") {
    walk.go_on_at(w.starts[2], Offset(101));
    CHECK(Walked::bases(walk) == Bases{104, 106});
    CHECK(walk.at_end());
  }
  SECTION("it begins before what it may") {
    walk.go_on_at(w.starts[2], Offset(105));
    CHECK(Walked::bases(walk) == Bases{});
    CHECK(walk.position() == w.starts[2]);
  }
}

TEST_CASE("HeaderWalk: a hole that was allowed allows no second one") {
  Walked w({1, 3, 2}, 10);
  HeaderWalk walk = w.walk();
  CHECK(Walked::bases(walk) == Bases{100});
  walk.go_on_at(w.starts[1], Offset(101));
  CHECK(Walked::bases(walk) == Bases{111});
  CHECK(walk.position() == w.starts[2]);
}

TEST_CASE("HeaderWalk: the checksum of a batch is that of its bytes, however many pieces they are read in") {
  Walked w({2});
  std::string large = batch(3, t0, {}, 200'000);
  record::stamp(large.data(), Offset(102), LeaderEpoch(0));
  w.starts.push_back(w.contents.size());
  w.contents += large;
  w.limit = Offset(105);
  auto second_is_valid = [&] {
    HeaderWalk walk = w.walk();
    REQUIRE(*walk.next());
    auto second = walk.next();
    REQUIRE((second && *second));
    CHECK(*is_worth_reading(*w.file, **second));  // small enough to be looked at whole
    return *crc_is_valid(*w.file, **second);
  };
  CHECK(second_is_valid());
  for (size_t flipped : {17u, 22u, 60u, 61u, 128 * 1024 + 60u, 128 * 1024 + 61u, 500'000u}) {
    CAPTURE(flipped);
    *w.at(1, flipped) ^= 1;
    CHECK_FALSE(second_is_valid());
    *w.at(1, flipped) ^= 1;
  }
  *w.at(1, 15) ^= 1;  // the leader's epoch is no part of it
  CHECK(second_is_valid());
}

TEST_CASE("HeaderWalk: what claims to be huge is summed before memory is taken for it") {
  Walked w({1});
  std::string huge = batch(1, t0, {}, 9 << 20);
  record::stamp(huge.data(), Offset(101), LeaderEpoch(0));
  w.starts.push_back(w.contents.size());
  w.contents += huge;
  w.limit = Offset(102);
  const bool is_whole = GENERATE(true, false);
  if (!is_whole) w.contents.back() ^= 1;
  HeaderWalk walk = w.walk();
  REQUIRE(*walk.next());
  auto second = walk.next();
  REQUIRE((second && *second));
  CHECK(*is_worth_reading(*w.file, **second) == is_whole);
}
