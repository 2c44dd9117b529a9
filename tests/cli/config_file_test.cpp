#include "cmd/config_file.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::cmd;

namespace {
std::string problem(std::string_view text) {
  auto parsed = parse_config_file(text, "bobbin.toml");
  INFO(text);
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error().code == Errc::invalid_config);
  return parsed.error().message;
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("bobbin.toml: dotted keys, quoted keys and tables spell the same names") {
  for (auto text : {"num.partitions = 3\nlog.segment.bytes = \"64MiB\"", "\"num.partitions\" = 3\n\"log.segment.bytes\" = 67108864", "[num]\npartitions = 3\n[log.segment]\nbytes = \"64MiB\""}) {
    auto parsed = parse_config_file(text, "bobbin.toml");
    INFO(text << (parsed ? "" : parsed.error().message));
    REQUIRE(parsed.ok());
    CHECK(*parsed == metadata::ConfigMap{{"num.partitions", "3"}, {"log.segment.bytes", "67108864"}});
  }
  CHECK(parse_config_file("", "bobbin.toml")->empty());
  CHECK(parse_config_file("auto.create.topics.enable = false", "bobbin.toml")->at("auto.create.topics.enable") == "false");
}

TEST_CASE("bobbin.toml: what is wrong is told with its line and the nearest name") {
  CHECK(has(problem("\nnum.partitons = 3"), "bobbin.toml:2"));
  CHECK(has(problem("\nnum.partitons = 3"), "num.partitions"));
  CHECK(has(problem("num.partitions = 0"), "num.partitions"));
  CHECK(has(problem("num.partitions = "), "bobbin.toml:1"));
  CHECK(has(problem("num.partitions = 1.5"), "num.partitions"));
}

TEST_CASE("bobbin.toml: a file that is not there has no configs, and --set comes before it") {
  auto configs = static_configs("/nonexistent/bobbin.toml", {"num.partitions=7"});
  REQUIRE(configs.ok());
  CHECK(configs->at("num.partitions") == "7");
  CHECK_FALSE(static_configs("/nonexistent/bobbin.toml", {"num.partitions"}).ok());
  CHECK_FALSE(static_configs("/nonexistent/bobbin.toml", {"nonsense=1"}).ok());
}
