#include "cmd/consume/offset_spec.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::cmd;
using Kind = Place::Kind;

namespace {
constexpr Timestamp now{1'800'000'000'000};
constexpr int64_t hour = 3'600'000;

OffsetSpec spec(std::string_view text) {
  INFO(text);
  auto parsed = parse_offset_spec(text, now);
  if (!parsed) INFO(parsed.error().message);
  REQUIRE(parsed.ok());
  return *parsed;
}
OffsetSpec from(Kind kind, int64_t value = 0) { return {Place{kind, value}, std::nullopt}; }
OffsetSpec range(Place a, Place b) { return {a, b}; }
}  // namespace

TEST_CASE("offsets: words and numbers") {
  for (auto word : {"beginning", "start", "earliest", "oldest"}) CHECK(spec(word) == from(Kind::beginning));
  for (auto word : {"end", "latest", "newest"}) CHECK(spec(word) == from(Kind::end));
  CHECK(spec("0") == from(Kind::absolute, 0));
  CHECK(spec("9223372036854775807") == from(Kind::absolute, INT64_MAX));
  CHECK(spec("+5") == from(Kind::from_start, 5));
  CHECK(spec("-5") == from(Kind::from_end, 5));
}

TEST_CASE("offsets: ranges") {
  CHECK(spec("5:10") == range({Kind::absolute, 5}, {Kind::absolute, 10}));
  CHECK(spec(":end") == OffsetSpec{std::nullopt, Place{Kind::end, 0}});
  CHECK(spec(":10") == OffsetSpec{std::nullopt, Place{Kind::absolute, 10}});
  CHECK(spec("5:") == from(Kind::absolute, 5));
  CHECK(spec("-10:end") == range({Kind::from_end, 10}, {Kind::end, 0}));
  CHECK(spec("beginning:7") == range({}, {Kind::absolute, 7}));
}

TEST_CASE("offsets: times, whose colons do not divide") {
  CHECK(spec("@1700000000000") == from(Kind::time, 1700000000000));
  CHECK(spec("@2026-01-31T10:00Z") == from(Kind::time, 1769853600000));
  CHECK(spec("@2026-01-31T10:00") == from(Kind::time, 1769853600000));
  CHECK(spec("@-1h") == from(Kind::time, now.value - hour));
  CHECK(spec("@-1h:end") == range({Kind::time, now.value - hour}, {Kind::end, 0}));
  CHECK(spec("@-2h:-1h") == range({Kind::time, now.value - 2 * hour}, {Kind::time, now.value - hour}));
  CHECK(spec("@-2h:@-1h") == range({Kind::time, now.value - 2 * hour}, {Kind::time, now.value - hour}));
  CHECK(spec("@2026-01-31T10:00Z:2026-01-31T11:30Z") ==
        range({Kind::time, 1769853600000}, {Kind::time, 1769853600000 + 5400000}));
  CHECK(spec("@1000:2000") == range({Kind::time, 1000}, {Kind::time, 2000}));
  CHECK(spec("s@1000") == from(Kind::time, 1000));
  CHECK(spec("e@2000") == OffsetSpec{std::nullopt, Place{Kind::time, 2000}});
}

TEST_CASE("offsets: kcat's two halves join, and nothing is said twice") {
  OffsetSpec joined = spec("s@1000");
  REQUIRE(merge(joined, spec("e@2000")).ok());
  CHECK(joined == range({Kind::time, 1000}, {Kind::time, 2000}));
  CHECK_FALSE(merge(joined, spec("5")).ok());
}

TEST_CASE("offsets: what is none is a sentence, exit 2") {
  for (auto bad : {"",
                   ":",
                   "x",
                   "5x",
                   "1.5",
                   "+",
                   "-",
                   "--5",
                   "10:5",
                   "5:+2",
                   "5:-2",
                   "5:beginning",
                   "@",
                   "@x",
                   "@-1h:-2h",
                   "s@",
                   "e@x",
                   "stored",
                   "9223372036854775808",
                   "begining"}) {
    INFO(bad);
    auto parsed = parse_offset_spec(bad, now);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == Errc::usage);
    CHECK_FALSE(parsed.error().message.empty());
  }
  CHECK(parse_offset_spec("begining", now).error().message.find("did you mean beginning") != std::string::npos);
}
