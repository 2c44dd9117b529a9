#include "client/consumer/range.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::client;

namespace {

constexpr LogTold log_told{Offset(10), Offset(20)};

ReadingRange range(const Start& start, const Stop& stop, OutOfRange out_of_range = OutOfRange::fail,
                   const LogTold& log = log_told, std::optional<Offset> own_start = {}) {
  auto found = range_of(start, stop, out_of_range, log, own_start, "t-0");
  REQUIRE(found.ok());
  return *found;
}

int64_t start_at(Start::Kind kind, int64_t value, OutOfRange out_of_range = OutOfRange::fail) {
  return range({kind, value}, {}, out_of_range).start.value;
}

}  // namespace

TEST_CASE("range_of: each kind of start lies in the log") {
  using Kind = Start::Kind;
  CHECK(start_at(Kind::beginning, 0) == 10);
  CHECK(start_at(Kind::end, 0) == 20);
  CHECK(start_at(Kind::offset, 10) == 10);
  CHECK(start_at(Kind::offset, 20) == 20);
  CHECK(start_at(Kind::from_start, 3) == 13);
  CHECK(start_at(Kind::from_start, 11) == 20);
  CHECK(start_at(Kind::from_start, INT64_MAX) == 20);
  CHECK(start_at(Kind::from_end, 3) == 17);
  CHECK(start_at(Kind::from_end, 11) == 10);
  CHECK(start_at(Kind::from_end, INT64_MAX) == 10);
}

TEST_CASE("range_of: a time is where its first record lies, or the end") {
  LogTold log = log_told;
  CHECK(range({Start::Kind::time, 5}, {}, OutOfRange::fail, log).start == Offset(20));
  CHECK(range({}, {Stop::Kind::time, 5}, OutOfRange::fail, log).stop == Offset(20));
  log.start_time = Offset(12);
  log.stop_time = Offset(15);
  const ReadingRange found = range({Start::Kind::time, 5}, {Stop::Kind::time, 9}, OutOfRange::fail, log);
  CHECK(found.start == Offset(12));
  CHECK(found.stop == Offset(15));
}

TEST_CASE("range_of: each kind of stop is at most the end") {
  CHECK_FALSE(range({}, {}).stop);
  CHECK(range({}, {Stop::Kind::end}).stop == Offset(20));
  CHECK(range({}, {Stop::Kind::offset, 12}).stop == Offset(12));
  CHECK(range({}, {Stop::Kind::offset, 100}).stop == Offset(20));
}

TEST_CASE("range_of: an offset outside of the log fails, or is put where that was asked for") {
  for (int64_t outside : {9, 21, -1}) {
    auto failed = range_of({Start::Kind::offset, outside}, {}, OutOfRange::fail, log_told, {}, "t-0");
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error().code == Errc::offset_out_of_range);
    CHECK(failed.error().message ==
          "t-0: offset " + std::to_string(outside) + " is out of range: the log holds 10 to 20 (the end)");
    CHECK(start_at(Start::Kind::offset, outside, OutOfRange::beginning) == 10);
    CHECK(start_at(Start::Kind::offset, outside, OutOfRange::end) == 20);
  }
}

TEST_CASE("range_of: where nothing lies between start and stop there is nothing to fail about") {
  // Before the log begins, up to before it begins; behind the end, up to an offset behind it.
  CHECK(range({Start::Kind::offset, 3}, {Stop::Kind::offset, 2}).start == Offset(3));
  CHECK(range({Start::Kind::offset, 30}, {Stop::Kind::offset, 25}).start == Offset(30));
  CHECK(range({Start::Kind::offset, 20}, {Stop::Kind::end}).start == Offset(20));
  // But a position behind the end is of records that are gone.
  CHECK_FALSE(range_of({}, {Stop::Kind::end}, OutOfRange::fail, log_told, Offset(21), "t-0").ok());
}

TEST_CASE("range_of: a partition's own position counts more than the start of all") {
  CHECK(range({Start::Kind::end}, {}, OutOfRange::fail, log_told, Offset(14)).start == Offset(14));
  CHECK(range({Start::Kind::end}, {}, OutOfRange::beginning, log_told, Offset(40)).start == Offset(10));
}

TEST_CASE("range_of: a log that begins behind its end cannot be") {
  auto found = range_of({}, {}, OutOfRange::beginning, {Offset(10), Offset(5)}, {}, "t-0");
  REQUIRE_FALSE(found.ok());
  CHECK(found.error().code == Errc::malformed);
  CHECK(found.error().message == "t-0: its leader tells of a log from 10 to 5, which cannot be");
  // Of an empty log both ends are one.
  CHECK(range({}, {Stop::Kind::end}, OutOfRange::fail, {Offset(7), Offset(7)}).start == Offset(7));
}
