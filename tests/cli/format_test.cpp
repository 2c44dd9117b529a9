#include "cmd/output/format.h"

#include <catch2/catch.hpp>

#include "record/batch_builder.h"

using namespace bobbin;
using namespace bobbin::cmd;

namespace {

// One record in partition 3 of topic t, at offset 42, at 2026-01-31T10:00:05.250Z.
struct Sample {
  std::string batch;
  record::RecordReader reader;
  record::Record record;

  Sample(std::optional<Bytes> key, std::optional<Bytes> value, std::vector<record::Header> headers = {}) {
    record::BatchBuilder builder;
    builder.add(Timestamp(1769853605250), key, value, headers);
    record::BatchFields fields;
    fields.base_offset = Offset(42);
    batch = *builder.seal(fields);
    REQUIRE(reader.open(record::BatchView(batch), 1 << 20).ok());
    REQUIRE(*reader.next(record));
  }
  std::string through(Format format) const {
    std::string out;
    format.append(out, {"t", PartitionId(3), record});
    return out;
  }
  std::string letters(std::string_view text, std::string null_text = "") const {
    auto format = Format::letters(text, null_text);
    INFO(text);
    REQUIRE(format.ok());
    return through(*format);
  }
};

}  // namespace

TEST_CASE("Format: the letters of kcat and rpk") {
  Sample s("key", "value", {{"h", "1"}, {"h", "2"}});
  CHECK(s.letters("%t/%p/%o %k=%s %v %K %S %V") == "t/3/42 key=value value 3 5 5");
  CHECK(s.letters("%T") == "1769853605250");
  CHECK(s.letters("%d") == "1769853605250");
  CHECK(s.letters("%d{%F %T}") == "2026-01-31 10:00:05");
  CHECK(s.letters("%d{strftime[%Y]}") == "2026");
  CHECK(s.letters("%h %H") == "h=1,h=2 2");
  CHECK(s.letters("%h{<%k:%v>}") == "<h:1><h:2>");
  CHECK(s.letters("%R") == std::string("\0\0\0\5", 4));
  CHECK(s.letters("%v{hex} %k{base64}") == "76616c7565 a2V5");
  CHECK(s.letters("100%% \\n\\t\\x41\\\\") == "100% \n\tA\\");
}

TEST_CASE("Format: null has size -1 and prints as nothing, or as what was asked for") {
  Sample s(std::nullopt, std::nullopt, {{"h", std::nullopt}});
  CHECK(s.letters("[%k|%s|%K|%S|%h]") == "[||-1|-1|h=]");
  CHECK(s.letters("[%k|%s]", "NULL") == "[NULL|NULL]");
  CHECK(s.letters("%R") == "\xff\xff\xff\xff");
  Sample empty("", "");
  CHECK(empty.letters("[%k|%s|%S]", "NULL") == "[||0]");
}

TEST_CASE("Format: times before 1970, and none") {
  Sample s("k", "v");
  s.record.timestamp = Timestamp(-1500);
  CHECK(s.letters("%T %d{%F %T}") == "-1500 1969-12-31 23:59:58");
  s.record.timestamp = Timestamp(-1000);
  CHECK(s.letters("%d{%T}") == "23:59:59");
  s.record.timestamp = timestamp_none;
  CHECK(s.letters("%T %d{%F %T}") == "-1 -1");
}

TEST_CASE("Format: a letter that means nothing is refused") {
  for (std::string_view bad : {"%q", "%", "a%", "%d{", "%s{gzip}", "%t{x}", "\\q", "%h{%o}"}) {
    INFO(bad);
    auto format = Format::letters(bad, "");
    REQUIRE_FALSE(format.ok());
    CHECK(format.error().code == Errc::usage);
  }
}

TEST_CASE("Format: values as lines, with keys, sized, and with Kafka's properties") {
  Sample s("k", "v\n", {{"a", "b"}});
  CHECK(s.through(Format::plain({})) == "v\n\n");
  CHECK(s.through(Format::plain({.delimiter = std::string(1, '\0')})) == std::string("v\n\0", 3));
  CHECK(s.through(Format::plain({.key_delimiter = ":"})) == "k:v\n\n");
  CHECK(s.through(Format::plain({.delimiter = "", .sized = true})) == std::string("\0\0\0\2v\n", 6));
  CHECK(s.through(Format::plain(
            {.key_delimiter = "=", .timestamp = true, .partition = true, .offset = true, .headers = true})) ==
        "CreateTime:1769853605250\tPartition:3\tOffset:42\ta:b\tk=v\n\n");
  CHECK(s.through(Format::plain({.key_delimiter = "=", .value = false})) == "k\n");
}

// What Kafka 4.3.1's DefaultMessageFormatter printed of such records (tests/clients/console_consumer.sh asks it again).
TEST_CASE("Format: columns as Kafka's console consumer prints them") {
  Sample s("k", std::nullopt, {{"n", std::nullopt}, {"e", ""}, {"a", "1"}});
  CHECK(s.through(Format::plain({.key_delimiter = "\t", .null_text = "null", .headers = true})) ==
        "n:null,e:,a:1\tk\tnull\n");
  CHECK(s.through(Format::plain({.value = false, .timestamp = true, .offset = true, .separator = "|"})) ==
        "CreateTime:1769853605250|Offset:42\n");
  CHECK(s.through(Format::plain({.null_text = "null", .delivery = true})) == "Delivery:NOT_PRESENT\tnull\n");
  CHECK(s.through(Format::plain({.value = false, .epoch = true})) == "Epoch:NOT_PRESENT\n");
  CHECK(s.through(Format::plain({.value = false})).empty());
  CHECK_FALSE(Format::plain({.delivery = true}).is_values_only());
  CHECK(Sample(std::nullopt, "v").through(Format::plain({.value = false, .headers = true})) == "NO_HEADERS\n");
  s.record.timestamp_type = record::TimestampType::log_append_time;
  CHECK(s.through(Format::plain({.null_text = "", .timestamp = true})) == "LogAppendTime:1769853605250\t\n");
}

TEST_CASE("Format: JSON keeps null and empty apart") {
  Sample s(std::nullopt, "", {{"h", std::nullopt}});
  CHECK(s.through(Format::json()) ==
        "{\"topic\":\"t\",\"partition\":3,\"offset\":42,\"timestamp\":1769853605250,\"key\":null,\"value\":\"\","
        "\"headers\":[{\"key\":\"h\",\"value\":null}]}\n");
}

TEST_CASE("Format: on a terminal nothing can steer it, anywhere else every byte is itself") {
  Sample s("k", "a\x1b[31m\xff\n");
  Format format = Format::plain({.delimiter = ""});
  CHECK(s.through(format) == "a\x1b[31m\xff\n");
  format.escape_for_terminal();
  std::string shown = s.through(format);
  CHECK(shown.find('\x1b') == std::string::npos);
  CHECK(shown.find('\xff') == std::string::npos);
  CHECK(shown.ends_with("\n"));
}

TEST_CASE("Format: on a terminal nothing of a record can steer it, whichever part is printed") {
  const std::string bad = "a\x1b[2J\r\xc2\x9b\xe2\x80\xae";
  Sample s(bad, bad, {{bad, bad}, {bad, std::nullopt}});
  Format::Plain everything;
  everything.headers = everything.timestamp = everything.partition = everything.offset = true;
  everything.key_delimiter = "|";
  for (Format format : {*Format::letters("%s %k %h", ""), *Format::letters("%v %h{<%k:%v>} %d %t", ""),
                        *Format::letters("%h{%K%V%s%S}", ""), Format::plain(everything), Format::json()}) {
    format.escape_for_terminal();
    std::string out = s.through(format);
    CHECK(out.find('\x1b') == std::string::npos);
    CHECK(out.find('\r') == std::string::npos);
    CHECK(out.find("\xc2\x9b") == std::string::npos);
    CHECK(out.find("\xe2\x80\xae") == std::string::npos);
    CHECK(out.find("[2J") != std::string::npos);
  }
}
