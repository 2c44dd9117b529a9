// What kafka-delete-records reads, as `topic trim --from-file` does.
#include "cmd/topic/deletions_json.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::cmd;

TEST_CASE("Deletions in JSON: Kafka's own form, fields in any order, the version left out") {
  auto parsed = parse_deletions(
      R"({"partitions":[{"topic":"a","partition":0,"offset":5},{"offset":-1,"partition":1,"topic":"a"}],"version":1})");
  REQUIRE(parsed.ok());
  CHECK(*parsed == std::vector<FiledDeletion>{{"a", PartitionId(0), Offset(5)}, {"a", PartitionId(1), Offset(-1)}});
  CHECK(parse_deletions(R"({"partitions":[{"topic":"a","partition":0,"offset":0}]})").ok());
}

TEST_CASE("Deletions in JSON: what is wrong is said") {
  const std::string good = R"({"topic":"a","partition":0,"offset":5})";
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"", "empty"},
      {"[]", "an object is expected"},
      {"{}", "\"partitions\" is missing"},
      {R"({"partitions":[]})", "names none"},
      {R"({"partitions":{}})", "is a list"},
      {R"({"partitions":[1]})", "a list of objects"},
      {R"({"version":2,"partitions":[)" + good + "]}", "only \"version\" 1"},
      {R"({"version":"1","partitions":[)" + good + "]}", "only \"version\" 1"},
      {R"({"partitions":[)" + good + R"(],"partitions":[]})", "\"partitions\" is there twice"},
      {R"({"partitions":[)" + good + R"(],"more":1})", "no field \"more\""},
      {R"({"partitions":[)" + good + "," + good + "]}", "a-0 is named twice"},
      {R"({"partitions":[{"topic":"a","partition":0}]})", "\"offset\" is missing"},
      {R"({"partitions":[{"partition":0,"offset":5}]})", "\"topic\" is missing"},
      {R"({"partitions":[{"topic":"a","offset":5}]})", "\"partition\" is missing"},
      {R"({"partitions":[{"topic":"a","partition":0,"offset":5,"x":1}]})", "no field \"x\""},
      {R"({"partitions":[{"topic":"a","topic":"b","partition":0,"offset":5}]})", "\"topic\" is there twice"},
      {R"({"partitions":[{"topic":1,"partition":0,"offset":5}]})", "\"topic\" is a text"},
      {R"({"partitions":[{"topic":"a/b","partition":0,"offset":5}]})", ""},
      {R"({"partitions":[{"topic":"a","partition":-1,"offset":5}]})", "a number from 0 on"},
      {R"({"partitions":[{"topic":"a","partition":0,"offset":-2}]})", "a number from 0 on, or -1"},
      {R"({"partitions":[{"topic":"a","partition":0,"offset":1.5}]})", "a number from 0 on, or -1"},
  };
  for (const auto& [json, why] : wrong) {
    INFO(json);
    auto parsed = parse_deletions(json);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().message.find(why) != std::string::npos);
  }
}
