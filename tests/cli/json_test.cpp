#include "cmd/output/json_envelope.h"

#include <catch2/catch.hpp>
#include <random>

#include "cmd/output/format.h"
#include "record/batch_builder.h"

using namespace bobbin;
using namespace bobbin::cmd;

namespace {

std::string problem(Bytes json) {
  Envelope e;
  Status status = parse_envelope(json, e);
  return status ? "" : status.error().message;
}

std::string base64(Bytes bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

// Through a batch, as consume sees it, into JSON.
std::string printed(const Envelope& e) {
  record::BatchBuilder builder;
  std::vector<record::Header> headers;
  for (const HeaderText& h : e.headers)
    headers.push_back({h.key, h.value ? std::optional<Bytes>(*h.value) : std::nullopt});
  auto view = [](const std::optional<std::string>& s) { return s ? std::optional<Bytes>(*s) : std::nullopt; };
  builder.add(e.timestamp.value_or(Timestamp(0)), view(e.key), view(e.value), headers);
  auto sealed = builder.seal({});
  record::RecordReader reader;
  REQUIRE(reader.open(record::BatchView(*sealed), 1 << 20).ok());
  record::Record r;
  REQUIRE(*reader.next(r));
  std::string out;
  Format::json().append(out, {"t", e.partition.value_or(PartitionId(0)), r});
  return out;
}

}  // namespace

TEST_CASE("JSON: every field, and the forms of null") {
  Envelope e;
  REQUIRE(
      parse_envelope(
          R"({"topic":"x","partition":3,"offset":9,"timestamp":17,"key":"k","value":"v","headers":[{"key":"a","value":"1"},{"key":"a","value":null}]})",
          e)
          .ok());
  CHECK(e == Envelope{PartitionId(3), Timestamp(17), "k", "v", {{"a", "1"}, {"a", std::nullopt}}});
  REQUIRE(
      parse_envelope(
          R"({"partition":null,"timestamp":null,"key":null,"value":null,"headers":null,"topic":null,"offset":null})", e)
          .ok());
  CHECK(e == Envelope{});
  REQUIRE(parse_envelope(" {} ", e).ok());
  CHECK(e == Envelope{});
  REQUIRE(parse_envelope(R"({"key":"","value":""})", e).ok());
  CHECK(e.key == "");
  CHECK(e.value == "");
}

TEST_CASE("JSON: what steers a terminal is written as a number, by the list that everything else goes by") {
  for (const char* steers :
       {"\x1b", "\x7f", "\xc2\x9b", "\xd8\x9c", "\xe2\x80\x8e", "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa9"}) {
    std::string out;
    append_json_string(out, std::string("a") + steers + "b");
    CAPTURE(out);
    CHECK(out.size() == 10);
    CHECK(out.starts_with("\"a\\u"));
    CHECK(out.ends_with("b\""));
  }
  std::string out;
  append_json_string(out, "gr\xc3\xbc\xc3\x9f \xd8\xa7 \xe2\x82\xac \xf0\x9f\xa7\xb5");
  CHECK(out == "\"gr\xc3\xbc\xc3\x9f \xd8\xa7 \xe2\x82\xac \xf0\x9f\xa7\xb5\"");
  out.clear();
  append_json_text(out, "not \xff UTF-8 \x1b");
  CHECK(out == R"("not \\xff UTF-8 \\x1b")");
}

TEST_CASE("JSON: where a record came from may be anything but a structure") {
  Envelope e;
  for (const char* from : {R"(5)", R"("x")", R"(null)", R"(true)", R"(1.5)", R"(99999999999999999999)"}) {
    CHECK(parse_envelope(std::string(R"({"topic":)") + from + R"(,"value":"v","offset":)" + from + "}", e).ok());
    CHECK(e.value == "v");
  }
  CHECK_FALSE(parse_envelope(R"({"topic":[1],"value":"v"})", e).ok());
  CHECK_FALSE(parse_envelope(R"({"offset":{},"value":"v"})", e).ok());
}

TEST_CASE("JSON: what is no envelope is refused with a reason") {
  for (Bytes bad : {"",
                    "null",
                    "[]",
                    "1",
                    "\"x\"",
                    "{",
                    "{}{}",
                    "{\"value\":}",
                    "{\"value\":1}",
                    "{\"value\":{}}",
                    "{\"value\":[]}",
                    "{\"partition\":-1}",
                    "{\"partition\":1.5}",
                    "{\"partition\":2147483648}",
                    "{\"timestamp\":\"x\"}",
                    "{\"timestamp\":-9223372036854775809}",
                    "{\"timestamp\":9223372036854775808}",
                    "{\"headers\":{}}",
                    "{\"headers\":[1]}",
                    "{\"headers\":[[]]}",
                    "{\"headers\":[null]}",
                    "{\"headers\":[{}]}",
                    "{\"headers\":[{\"value\":\"x\"}]}",
                    "{\"headers\":[{\"key\":null}]}",
                    "{\"headers\":[{\"key\":\"a\",\"more\":1}]}",
                    "{\"value_b64\":\"x\"}",
                    "{\"value_b64\":null}",
                    "{\"value\":\"\\ud800\"}",
                    "{\"value\":\"\xff\"}",
                    "{\"value\":\"\xed\xa0\x80\"}",
                    "{\"value\":\"a\nb\"}",
                    "{\"partition\":true}"}) {
    INFO(bad);
    CHECK_FALSE(problem(bad).empty());
  }
  CHECK_FALSE(problem(Bytes("{}\0{}", 5)).empty());
  CHECK_FALSE(problem(std::string(100000, '[')).empty());
}

TEST_CASE("JSON: an unknown field is named, with the nearest known one; nothing is said twice") {
  CHECK(problem(R"({"vlaue":"x"})").find("did you mean \"value\"") != std::string::npos);
  CHECK(problem(R"({"value":"x","value":"y"})").find("twice") != std::string::npos);
  CHECK(problem(R"({"value":"x","value_b64":"eQ=="})").find("twice") != std::string::npos);
}

TEST_CASE("JSON: text that would steer a terminal is escaped, and comes back the same") {
  std::string out;
  append_json_string(out, "a\"\\\n\x1b[31m\x7f\u0085\u202e\u2028z\u00e9");
  CHECK(out == "\"a\\\"\\\\\\n\\u001b[31m\\u007f\\u0085\\u202e\\u2028z\u00e9\"");
  Envelope e;
  REQUIRE(parse_envelope("{\"value\":" + out + "}", e).ok());
  CHECK(e.value == "a\"\\\n\x1b[31m\x7f\u0085\u202e\u2028z\u00e9");
}

TEST_CASE("JSON: random bytes come back: keys, values, headers with duplicates, timestamps") {
  unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  auto bytes = [&] {
    std::string s(random() % 20, '\0');
    bool text = random() % 2;
    for (char& c : s) c = static_cast<char>(text ? random() % 128 : random() % 256);
    return s;
  };
  auto maybe = [&]() -> std::optional<std::string> { return random() % 4 ? std::optional(bytes()) : std::nullopt; };
  for (int i = 0; i < 2000; i++) {
    Envelope e{PartitionId(static_cast<int32_t>(random() % 9)),
               Timestamp(static_cast<int64_t>(random())),
               maybe(),
               maybe(),
               {}};
    for (size_t n = random() % 4; n > 0; n--) e.headers.push_back({random() % 2 ? "same" : bytes(), maybe()});
    std::string json = printed(e);
    REQUIRE(json.ends_with("}\n"));
    REQUIRE(json.find('\n') == json.size() - 1);
    Envelope back;
    Status status = parse_envelope(json, back);
    INFO(json << (status ? "" : status.error().message));
    REQUIRE(status.ok());
    REQUIRE(back == e);
  }
}

TEST_CASE("base64: known values, and only the canonical form is read") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xfe") == "//4=");
  CHECK(parse_base64("Zm9vYg==") == "foob");
  for (std::string_view bad : {"Z", "Zg=", "Zg", "Zh==", "Zm9=", "Z===", "=Zg=", "Zg==Zg==", "Zg\n=", "Z-8="}) {
    INFO(bad);
    CHECK_FALSE(parse_base64(bad));
  }
}
