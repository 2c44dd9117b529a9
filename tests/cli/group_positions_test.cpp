// Positions in files, and where `group reset` goes.
#include "catch2/catch.hpp"

#include "cmd/group/positions_file.h"
#include "cmd/group/reset_way.h"

using namespace bobbin;
using namespace bobbin::cmd;

namespace {

FiledPosition at(std::string group, std::string topic, int32_t partition, int64_t offset) {
  return {std::move(group), std::move(topic), PartitionId(partition), Offset(offset)};
}

std::string why_not(const std::string& text) {
  auto parsed = parse_positions(text);
  return parsed ? "it is fine" : parsed.error().message;
}

std::string moved(const ResetWay& way, const ResetLog& log) {
  auto to = new_position(way, log, std::nullopt);
  return to ? to_string(to->offset) + (to->was_outside ? " brought" : "") : "none";
}

using Kind = ResetWay::Kind;

}  // namespace

TEST_CASE("Positions: CSV comes back as it was, whatever a group is called") {
  const std::vector<FiledPosition> all = {
      at("a,b", "t", 0, 5),    at("say \"hi\"", "t", 1, 0),     at("two\nlines", "u", 2, 7),
      at("[list]", "u", 3, 8), at(" blank", "u", 4, INT64_MAX), at("", "u", 5, 1)};
  auto parsed = parse_positions(positions_csv(all, true));
  REQUIRE(parsed.ok());
  CHECK(*parsed == all);
}

TEST_CASE("Positions: without groups a line has three fields") {
  CHECK(positions_csv({at("g", "t", 0, 5), at("g", "t", 1, 6)}, false) == "t,0,5\nt,1,6\n");
  auto parsed = parse_positions("t,0,5\nt,1,6\n");
  REQUIRE(parsed.ok());
  CHECK(*parsed == std::vector{at("", "t", 0, 5), at("", "t", 1, 6)});
}

TEST_CASE("Positions: line ends of Windows, empty lines, and a last line without an end") {
  auto parsed = parse_positions("\"t\",0,5\r\n\r\n\ng,t,1,6");
  REQUIRE(parsed.ok());
  CHECK(*parsed == std::vector{at("", "t", 0, 5), at("g", "t", 1, 6)});
  CHECK(parse_positions("")->empty());
}

TEST_CASE("Positions: JSON may leave the group out") {
  auto parsed = parse_positions(R"( [{"topic":"t","partition":1,"offset":2},
    {"offset":9223372036854775807,"group":"g","partition":0,"topic":"u"}])");
  REQUIRE(parsed.ok());
  CHECK(*parsed == std::vector{at("", "t", 1, 2), at("g", "u", 0, INT64_MAX)});
}

TEST_CASE("Positions: what is wrong is told with its place") {
  CHECK(why_not("t,0,5\nt,0") == "line 2: topic,partition,offset or group,topic,partition,offset is expected");
  CHECK(why_not("a,b,c,0,5") == "line 1: topic,partition,offset or group,topic,partition,offset is expected");
  CHECK(why_not("t,2147483648,5") == "line 1: '2147483648' is no partition");
  CHECK(why_not("t,0,9223372036854775808") == "line 1: '9223372036854775808' is no offset");
  CHECK(why_not("\"t\"x,0,5") == "line 1: there is text behind the quote that ends a field");
  CHECK(why_not("t,0,5\n\"t") == "line 2: a quote is not closed");
  CHECK(why_not("[1]") == "a list of objects is expected");
  CHECK(why_not(R"([{"topic":"t","partition":0,"offset":1,"x":1}])") == "there is no field \"x\"");
  CHECK(why_not(R"([{"topic":"t","topic":"u","partition":0,"offset":1}])") == "\"topic\" is there twice");
  CHECK(why_not(R"([{"topic":"t","partition":-1,"offset":1}])") == "\"partition\" is a number from 0 on");
}

TEST_CASE("Reset: durations as Kafka's tool has them, and as they are written here") {
  CHECK(*any_duration_ms("PT1H30M") == 5'400'000);
  CHECK(*any_duration_ms("P1DT2H") == 93'600'000);
  CHECK(*any_duration_ms("PT0.25S") == 250);
  CHECK(*any_duration_ms("P2D") == 172'800'000);
  CHECK(*any_duration_ms("90s") == 90'000);
  for (const char* bad : {"P", "PT", "P1H", "P1DT", "PT1D", "PT1", "PTH", "PT1.5H", "P99999999999999999999D", "1", ""})
    CHECK_FALSE(any_duration_ms(bad).ok());
}

TEST_CASE("Reset: each way, and what lies outside the log is brought to its nearer end") {
  const ResetLog log{Offset(10), Offset(20), Offset(15), Offset(12)};
  CHECK(moved({Kind::earliest}, log) == "10");
  CHECK(moved({Kind::latest}, log) == "20");
  CHECK(moved({Kind::current}, log) == "15");
  CHECK(moved({Kind::offset, 20}, log) == "20");
  CHECK(moved({Kind::offset, 9}, log) == "10 brought");
  CHECK(moved({Kind::offset, 21}, log) == "20 brought");
  CHECK(moved({Kind::time, 1}, log) == "12");
  CHECK(moved({Kind::shift, -5}, log) == "10");
  CHECK(moved({Kind::shift, -6}, log) == "10 brought");
  CHECK(moved({Kind::shift, INT64_MAX}, log) == "20 brought");
}

TEST_CASE("Reset: where the group has no position, and no record is so young") {
  const ResetLog log{Offset(10), Offset(20)};
  CHECK(moved({Kind::current}, log) == "20");
  CHECK(moved({Kind::time, 1}, log) == "20");
  CHECK(moved({Kind::shift, 1}, log) == "none");
}
