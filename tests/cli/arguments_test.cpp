#include "cmd/words/arguments.h"

#include <catch2/catch.hpp>

#include "cmd/consume/options.h"
#include "cmd/produce/options.h"

using namespace bobbin;
using namespace bobbin::cmd;

namespace {

constexpr Timestamp now{1'800'000'000'000};

std::vector<std::string> words(const std::string& line) {
  std::vector<std::string> out;
  bool open = false;
  char quote = 0;
  for (char c : line) {
    if (quote) {
      if (c == quote) quote = 0;
      else out.back() += c;
    } else if (c == ' ') {
      open = false;
    } else {
      if (!open) out.emplace_back();
      open = true;
      if (c == '\'' || c == '"') quote = c;
      else out.back() += c;
    }
  }
  return out;
}

Arguments parse(const std::string& line) {
  auto parsed = Arguments::parse(words(line));
  INFO(line << ": " << (parsed ? "" : parsed.error().message));
  REQUIRE(parsed.ok());
  return *parsed;
}

std::string refusal(const std::string& line) {
  auto parsed = Arguments::parse(words(line));
  INFO(line);
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error().code == Errc::usage);
  return parsed.error().message;
}

std::string produce_refusal(const std::string& line) {
  auto options = read_produce_options(parse("produce " + line), now);
  INFO(line);
  REQUIRE_FALSE(options.ok());
  return options.error().message;
}

std::string consume_refusal(const std::string& line) {
  auto options = read_consume_options(parse("consume " + line), now);
  INFO(line);
  REQUIRE_FALSE(options.ok());
  return options.error().message;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("arguments: global options before, between and after the command's words") {
  for (auto line :
       {"--dir /x topic create t", "topic --dir /x create t", "topic create --dir /x t", "topic create t --dir=/x"}) {
    Arguments a = parse(line);
    REQUIRE(a.command());
    CHECK(a.command()->name == "topic create");
    CHECK(a.text("dir") == "/x");
    CHECK(a.words() == std::vector<std::string>{"t"});
  }
  CHECK(parse("--output json topic list").text("output") == "json");
}

TEST_CASE("arguments: short, long and Kafka's forms are one") {
  for (auto line : {"produce t -z gzip", "produce t -zgzip", "produce t --compression gzip",
                    "produce t --compression=gzip", "produce t --compression-codec gzip"})
    CHECK(parse(line).text("compression") == "gzip");
  CHECK(parse("produce t -K:").text("key-delimiter") == ":");
  CHECK(parse("produce t -k ''").text("key") == "");
  CHECK(parse("produce t --key=").text("key") == "");
  CHECK(parse("produce --bootstrap-server h:1 --topic t").text("bootstrap-server") == "h:1");
  CHECK(parse("consume t -o -10").text("offset") == "-10");
  CHECK(parse("consume t -n 3").text("max-messages") == "3");
  CHECK(parse("consume t -c3").text("max-messages") == "3");
  Arguments bundle = parse("consume -eJ t");
  CHECK(bundle.has("exit"));
  CHECK(bundle.has("json"));
}

TEST_CASE("arguments: a value may look like an option, a list or nothing") {
  CHECK(parse("produce t -k --key").text("key") == "--key");
  CHECK(parse("produce t -K -").text("key-delimiter") == "-");
  CHECK(parse("consume -r '[ab]'").words() == std::vector<std::string>{"[ab]"});
  CHECK(parse("produce t -D '[x]'").text("delimiter") == "[x]");
  CHECK(parse("consume -- -t").words() == std::vector<std::string>{"-t"});
  CHECK(parse("produce t -H a=1 -H a=2").all("header") == std::vector<std::string>{"a=1", "a=2"});
  CHECK(parse("produce t -z gzip -z lz4").text("compression") == "lz4");
}

TEST_CASE("arguments: --listen takes a word only if it holds a colon") {
  CHECK(parse("broker start --listen").text("listen") == "");
  CHECK(parse("broker start --listen 2").words() == std::vector<std::string>{"2"});
  CHECK(parse("broker start --listen :0 2").text("listen") == ":0");
  CHECK(parse("broker start --listen=h:1").text("listen") == "h:1");
  CHECK(parse("broker start --listen -n 3").text("count") == "3");
}

TEST_CASE("arguments: what is not known is named, with the nearest that is") {
  CHECK(has(refusal("prodcue t"), "did you mean produce"));
  CHECK(has(refusal("topic craete t"), "did you mean create"));
  CHECK(has(refusal("produce t --compresion gzip"), "did you mean --compression"));
  CHECK(has(refusal("produce t --exec cat"), "unknown option --exec"));
  CHECK(has(refusal("produce t -z brotli"), "none of none, gzip, snappy, lz4, zstd"));
  CHECK(has(refusal("topic list --output yaml"), "text, json, tsv"));
  CHECK(has(refusal("--nonsense"), "unknown option --nonsense"));
  CHECK(has(refusal("produce t -k"), "-k"));
  CHECK(has(refusal("produce t --output json"), "unknown option --output"));
}

TEST_CASE("arguments: nothing at all, a group alone, help") {
  CHECK(parse("").command() == nullptr);
  CHECK(parse("topic").group() == "topic");
  CHECK(parse("--help").has("help"));
  CHECK(parse("topic -h").has("help"));
  CHECK(parse("produce -h").has("help"));
  CHECK(parse("--version").has("version"));
}

TEST_CASE("commands: every example of the table parses, and every option is told") {
  for (const Command& command : commands()) {
    for (const Option& option : command.options) {
      INFO(command.name << " --" << option.name);
      CHECK_FALSE(option.doc.empty());
      CHECK(find_option(command, "--" + std::string(option.name)) == &option);
    }
    for (const Example& example : command.examples) {
      std::string line(example.line);
      size_t at = line.find("bobbin ");
      INFO(line);
      REQUIRE(at != std::string::npos);
      line = line.substr(at + 7);
      for (std::string_view end : {" | ", " > ", " < ", " &"}) line = line.substr(0, line.find(end));
      parse(line);
    }
  }
}

TEST_CASE("commands: no two options of a command are written the same") {
  for (const Command& command : commands()) {
    std::map<std::string, int> seen;
    auto count = [&](const Option& o) {
      for (char c : o.shorts) seen[std::string("-") + c]++;
      seen["--" + std::string(o.name)]++;
      std::string aliases(o.aliases);
      for (const std::string& alias : words(aliases)) seen["--" + alias]++;
    };
    for (const Option& o : command.options) count(o);
    for (const Option& o : global_options()) count(o);
    if (command.lists) count(output_option());
    for (const auto& [name, times] : seen) {
      INFO(command.name << " " << name);
      CHECK(times == 1);
    }
  }
}

TEST_CASE("produce: its options become what is meant") {
  auto o = read_produce_options(
      parse("produce t -K '\\t' -Z -H a=b -H c:d=e -H n -p 3 -z zstd --no-sync --on-error file=bad -l a b"), now);
  REQUIRE(o.ok());
  CHECK(o->topic == "t");
  CHECK(o->key_delimiter == "\t");
  CHECK(o->null_texts == std::vector<std::string>{""});
  CHECK(o->headers == std::vector<HeaderText>{{"a", "b"}, {"c", "d=e"}, {"n", std::nullopt}});
  CHECK(o->producer.partition == PartitionId(3));
  CHECK(o->producer.acks == client::Acks::leader);
  CHECK(o->on_error == OnError::keep);
  CHECK(o->reject_file == "bad");
  CHECK(o->files == std::vector<std::string>{"a", "b"});
  CHECK(o->timeout_ms == 120'000);
}

TEST_CASE("produce: Kafka's console producer in its own words") {
  auto o = read_produce_options(parse("produce --bootstrap-server h:9092 --topic t --property parse.key=true "
                                      "--property key.separator=: --request-required-acks -1 --compression-codec lz4"),
                                now);
  REQUIRE(o.ok());
  CHECK(o->key_delimiter == ":");
  CHECK(o->producer.acks == client::Acks::all);
  auto tab = read_produce_options(parse("produce t --property parse.key=true"), now);
  CHECK(tab->key_delimiter == "\t");
  CHECK(has(produce_refusal("t --property security.protocol=SSL"), "TLS"));
  CHECK(has(produce_refusal("t --property parse.kye=true"), "did you mean parse.key"));
}

TEST_CASE("produce: what cannot be meant is a sentence") {
  CHECK(has(produce_refusal(""), "name a topic"));
  CHECK(has(produce_refusal("t u"), "one word too many"));
  CHECK(has(produce_refusal("t -k a -K :"), "give one"));
  CHECK(has(produce_refusal("t -J -k a"), "--json"));
  CHECK(has(produce_refusal("t --no-sync -a all"), "--no-sync"));
  CHECK(has(produce_refusal("t --timeout 5"), "--timeout"));
  CHECK(has(produce_refusal("t -p x"), "--partition"));
  CHECK(has(produce_refusal("t --timestamp yesterday"), "--timestamp"));
  CHECK(has(produce_refusal("t -D ''"), "empty"));
  CHECK(has(produce_refusal("t -D , --frame nul"), "--frame"));
  CHECK(has(produce_refusal("t -K '\\q'"), "backslash"));
  CHECK(has(produce_refusal("t --allow-expired"), "--timestamp"));
  CHECK(has(produce_refusal("t --on-error file="), "names no file"));
}

TEST_CASE("consume: its options become what is meant") {
  auto o = read_consume_options(parse("consume b a b -p 1,0 -p 1 -n 5 -e --idle-timeout 2s"), now);
  REQUIRE(o.ok());
  CHECK(o->topics == std::vector<std::string>{"a", "b"});
  CHECK(o->partitions == std::vector<PartitionId>{PartitionId(0), PartitionId(1)});
  CHECK(o->records_max == 5);
  CHECK(o->idle_timeout_ms == 2000);
  CHECK(o->stop.kind == client::Stop::Kind::end);
  CHECK(o->start.kind == client::Start::Kind::beginning);
  auto kafka = read_consume_options(
      parse("consume --topic t --from-beginning --max-messages 2 --timeout-ms 500 --property print.key=true"), now);
  REQUIRE(kafka.ok());
  CHECK(kafka->idle_timeout_ms == 500);
  CHECK_FALSE(kafka->is_bounded());
}

TEST_CASE("consume: what cannot be meant is a sentence") {
  CHECK(has(consume_refusal(""), "name a topic"));
  CHECK(has(consume_refusal("t -J -f %s"), "--json"));
  CHECK(has(consume_refusal("t -f %q"), "%q"));
  CHECK(has(consume_refusal("t --idle-timeout 5"), "--idle-timeout"));
  CHECK(has(consume_refusal("t -o stored"), "groups"));
  CHECK(has(consume_refusal("t --from-beginning -o end"), "--from-beginning"));
  CHECK(has(consume_refusal("t -p 0,x"), "--partition"));
  CHECK(has(consume_refusal("t -n -1"), "--max-messages"));
  CHECK(has(consume_refusal("t --property print.kee=true"), "did you mean print.key"));
  CHECK_FALSE(consume_refusal("a/b").empty());
}

TEST_CASE("unescaped: the escapes that a delimiter may hold") {
  CHECK(*unescaped("a\\n\\t\\r\\\\\\x41\\xff", "x") == "a\n\t\r\\A\xff");
  CHECK(*unescaped("\\0", "x") == std::string(1, '\0'));
  for (auto bad : {"\\", "\\q", "\\x4", "\\xzz"}) CHECK_FALSE(unescaped(bad, "x").ok());
}
