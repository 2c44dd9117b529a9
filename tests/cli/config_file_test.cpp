#include "cmd/broker/config_file.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "os/temp_dir.h"

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
  for (auto text :
       {"num.partitions = 3\nlog.segment.bytes = \"64MiB\"", "\"num.partitions\" = 3\n\"log.segment.bytes\" = 67108864",
        "[num]\npartitions = 3\n[log.segment]\nbytes = \"64MiB\""}) {
    auto parsed = parse_config_file(text, "bobbin.toml");
    INFO(text << (parsed ? "" : parsed.error().message));
    REQUIRE(parsed.ok());
    CHECK(*parsed == config::ConfigMap{{"num.partitions", "3"}, {"log.segment.bytes", "67108864"}});
  }
  CHECK(parse_config_file("", "bobbin.toml")->empty());
  CHECK(parse_config_file("auto.create.topics.enable = false", "bobbin.toml")->at("auto.create.topics.enable") ==
        "false");
}

TEST_CASE("bobbin.toml: what is wrong is told with its line and the nearest name") {
  CHECK(has(problem("\nnum.partitons = 3"), "bobbin.toml:2"));
  CHECK(has(problem("\nnum.partitons = 3"), "num.partitions"));
  CHECK(has(problem("num.partitions = 0"), "num.partitions"));
  CHECK(has(problem("num.partitions = "), "bobbin.toml:1"));
  CHECK(has(problem("num.partitions = 1.5"), "num.partitions"));
}

TEST_CASE("bobbin.toml: what an earlier version took may stand there, and is told to have no effect") {
  auto configs =
      parse_config_file("queued.max.request.bytes = 1\nmax.connections.per.ip = 0\nnum.partitions = 3", "bobbin.toml");
  REQUIRE(configs.ok());
  auto told = without_effect(*configs);
  REQUIRE(told.size() == 2);
  CHECK(told[0] ==
        "max.connections.per.ip: 0 is out of range: it must be at least 1, at most 2147483647; what stands in "
        "bobbin.toml or came of --set has no effect");
  CHECK(has(told[1], "queued.max.request.bytes: 1 is out of range"));
  CHECK(has(problem("queued.max.request.bytes = -2"), "bobbin.toml:1: queued.max.request.bytes: -2 is out of range"));
  CHECK(without_effect(*parse_config_file("queued.max.request.bytes = 16384", "bobbin.toml")).empty());
  auto set = static_configs("/nonexistent/bobbin.toml", {"queued.max.request.bytes=1"});
  REQUIRE_FALSE(set.ok());
  CHECK(has(set.error().message, "at least 16384 (16KiB)"));
  // What a broker was started with before does not keep it from starting again.
  auto kept = static_configs("/nonexistent/bobbin.toml", {"queued.max.request.bytes=1", "num.partitions=3"}, true);
  REQUIRE(kept.ok());
  CHECK(without_effect(*kept).size() == 1);
  CHECK_FALSE(static_configs("/nonexistent/bobbin.toml", {"queued.max.request.bytes=-2"}, true).ok());
}

TEST_CASE("bobbin.toml: a file that is not there has no configs, and --set comes before it") {
  auto configs = static_configs("/nonexistent/bobbin.toml", {"num.partitions=7"});
  REQUIRE(configs.ok());
  CHECK(configs->at("num.partitions") == "7");
  CHECK_FALSE(static_configs("/nonexistent/bobbin.toml", {"num.partitions"}).ok());
  CHECK_FALSE(static_configs("/nonexistent/bobbin.toml", {"nonsense=1"}).ok());
}

namespace {
std::string repeated(const std::string& text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; i++) out += text;
  return out;
}
}  // namespace

TEST_CASE("bobbin.toml: names and tables inside of each other are counted before they are gone into") {
  std::string deep = repeated("a.", 400'000) + "a = 1\n";
  for (const std::string& text :
       {deep, "[" + repeated("a.", 400'000) + "a]\n", "x = {" + deep, "x = [ \"\"\"a\"\"\"\", {" + deep,
        "x = '''b''''' \n" + deep, "x = " + repeated("[", 400'000), "x = " + repeated("{a=", 300'000),
        "x = 'a\n" + deep, "# \"\n" + deep, "x = \"\\\"\"\n" + deep})
    CHECK(has(problem(text), "one inside of the other"));
  CHECK(has(problem("\n\nnum.partitions = 1\n" + deep), "bobbin.toml:4: "));
  // Dots and brackets in texts and remarks are none.
  std::string dots = repeated(".", 100), open = repeated("[{", 100);
  for (const std::string& text : {"# " + dots + open + "\nnum.partitions = 3", "num.partitions = 3 # " + open,
                                  "num.partitions = \"3\" # " + dots})
    CHECK(parse_config_file(text, "bobbin.toml").ok());
  for (std::string quote : {"\"", "'", "\"\"\"", "'''"})
    CHECK_FALSE(has(problem("x = " + quote + dots + open + quote), "one inside of the other"));
}

TEST_CASE("bobbin.toml: one that does not end is told with its line, and not read") {
  test::TempDir dir;
  std::string path = dir / "bobbin.toml";
  std::ofstream(path) << "num.partitions = 3\n\n";
  for (uint64_t bytes : {uint64_t{1} << 21, uint64_t{1} << 43}) {
    std::filesystem::resize_file(path, bytes);
    auto endless = read_config_file(path);
    REQUIRE_FALSE(endless.ok());
    CHECK(endless.error().code == Errc::damaged);
    CHECK(has(endless.error().message, path + ":3: "));
  }
  std::ofstream(path) << repeated("# a remark\n", 90'000) << "num.partitions = 3\n";
  CHECK(read_config_file(path)->at("num.partitions") == "3");
}

TEST_CASE("bobbin.toml: a table's name that begins with what no name begins with") {
  for (const char* text : {"[=", "[num]\npartitions = 3\n[= 1", "[[=", "[ #", "[\n", "[.]", "[[]]"})
    CHECK(has(problem(text), "bobbin.toml:"));
}

TEST_CASE("bobbin.toml: letters beyond ASCII belong into texts and remarks") {
  for (std::string letter :
       {"\xC3\xA4", "\xC2\xA0", "\xEF\xBA\xBF", "\xE2\x80\x80", "\xE1\x9A\x80", "\xF0\x9F\x98\x80"}) {
    for (std::string text :
         {letter + " = 1", "a." + letter + "3", "a = " + letter, "[" + letter + "]", "a = +\x02" + letter})
      CHECK(has(problem(text), "bobbin.toml:1"));
    CHECK(parse_config_file("# " + letter + "\nnum.partitions = 3 # " + letter, "bobbin.toml")->at("num.partitions") ==
          "3");
  }
  CHECK(parse_config_file("\xEF\xBB\xBFnum.partitions = 3", "bobbin.toml")->at("num.partitions") == "3");
}
