// The codec's rules, one by one, on a message made for it, and on Kafka's where they differ by version.
#include "protocol/codec_body.h"

#include <catch2/catch.hpp>

#include "protocol/hex.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/metadata.h"

namespace bobbin::protocol {
namespace {

// Versions 0 (plain), 1 (flexible).
struct Sample {
  static constexpr std::string_view message_name = "Sample";
  static constexpr VersionRange versions{0, 1};
  static constexpr int16_t flexible_from = 1;

  struct Cursor {
    std::string topic;
    bool operator==(const Cursor&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      f("topic", &Cursor::topic, always());
    }
  };

  bool flag = false;
  std::optional<Cursor> cursor{};
  std::optional<std::vector<std::string>> names{};
  int32_t size = 7;
  std::optional<std::string> note{};
  bool operator==(const Sample&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = Sample;
    f("flag", &S::flag, always());
    f("cursor", &S::cursor, always().nullable());
    f("names", &S::names, always().nullable(1));
    f("size", &S::size, since(1).tag(0));
    f("note", &S::note, since(1).nullable().tag(3));
  }
};

std::string encoded(const Sample& s, int16_t version) {
  std::string out;
  encode(s, version, out);
  return in_hex(out);
}

Sample decoded(std::string_view text, int16_t version) {
  const std::string bytes = hex(text);
  const auto s = decode<Sample>(bytes, version);
  REQUIRE(s.ok());
  return *s;
}

Error decode_error(std::string_view text, int16_t version) {
  const std::string bytes = hex(text);
  auto s = decode<Sample>(bytes, version);
  REQUIRE_FALSE(s.ok());
  return s.error();
}

TEST_CASE("Codec: a struct that may be null has a byte in front") {
  CHECK(encoded({}, 0) == in_hex(hex("00 ff 00000000")));
  CHECK(encoded({.cursor = Sample::Cursor{"a"}}, 0) == in_hex(hex("00 01 0001'a' 00000000")));
  CHECK(encoded({.cursor = Sample::Cursor{"a"}, .names = {{}}}, 1) == in_hex(hex("00 01 02'a' 00 01 00")));
  CHECK(decoded("00 ff 00000000", 0) == Sample{.names = {{}}});
  CHECK(decoded("00 01 0001'a' 00000000", 0) == Sample{.cursor = Sample::Cursor{"a"}, .names = {{}}});
}

TEST_CASE("Codec: tagged fields are written where they differ from their defaults, in the order of tags") {
  CHECK(encoded({}, 1) == in_hex(hex("00 ff 00 00")));
  CHECK(encoded({.size = 8, .note = "n"}, 1) == in_hex(hex("00 ff 00 02 | 00 04 00000008 | 03 02 02'n'")));
  CHECK(decoded("00 ff 00 01 03 02 02'n'", 1) == Sample{.note = "n"});
}

TEST_CASE("Codec: unknown tagged fields are skipped, wherever they are") {
  CHECK(decoded("00 01 02'a' 01 05 01 ff | 01 | 03 00 04 00000009 | 02 00 | 8001 03 'xyz'", 1) ==
        Sample{.cursor = Sample::Cursor{"a"}, .names = {{}}, .size = 9});
}

TEST_CASE("Codec: a tagged field does not read beyond its size") {
  const Error e = decode_error("00 ff 00 01 00 03 00000009", 1);
  CHECK(e.code == Errc::malformed);
  CHECK(e.message == "Sample version 1 does not parse at size");
}

TEST_CASE("Codec: lengths below zero are null, bytes other than 0 are true") {
  CHECK(decoded("05 fe 00000000", 0) == Sample{.flag = true, .names = {{}}});
  MetadataRequest all;
  const std::string bytes = hex("fffffffe");
  const auto request = decode<MetadataRequest>(bytes, 1);
  REQUIRE(request.ok());
  CHECK(*request == all);
}

TEST_CASE("Codec: null where none may be is malformed") {
  const Error e = decode_error("00 ff ffffffff", 0);
  CHECK(e.code == Errc::malformed);
  CHECK(e.message == "Sample version 0 does not parse at names");
  CHECK(decode_error("00 ff 00000001 ffff", 0).code == Errc::malformed);
  CHECK(decode_error("00 01 00 00 01 00", 1).message == "Sample version 1 does not parse at cursor.topic");
}

TEST_CASE("Codec: a count is not believed before the bytes are there") {
  for (auto text : {"7fffffff", "00100000 0001'a' 0001'b'", "00000003 0000 0000"}) {
    const std::string bytes = hex(text);
    const auto request = decode<MetadataRequest>(bytes, 0);
    REQUIRE_FALSE(request.ok());
    CHECK(request.error().message == "MetadataRequest version 0 does not parse at topics");
  }
  const std::string longest = hex("ffffffff0f");
  CHECK_FALSE(decode<MetadataRequest>(longest, 9).ok());
  const std::string too_long = hex("ffffffff7f");
  CHECK_FALSE(decode<MetadataRequest>(too_long, 9).ok());
}

TEST_CASE("Codec: a string of more than 32767 bytes is malformed even where its length could say so") {
  const std::string longest(32767, 'x');
  std::string out;
  encode(Sample{.cursor = Sample::Cursor{longest}}, 1, out);
  CHECK(decode<Sample>(out, 1)->cursor->topic == longest);
  const std::string longer = hex("00 01 81 80 02") + std::string(32768, 'x') + hex("00 00 00");
  CHECK_FALSE(decode<Sample>(longer, 1).ok());
}

TEST_CASE("Codec: a string that is too long is cut between characters, or refused by encodable()") {
  const std::string text = std::string(32766, 'x') + "\xc3\xa9";
  Sample s{.cursor = Sample::Cursor{text}};
  std::string out;
  encode(s, 0, out);
  CHECK(decode<Sample>(out, 0)->cursor->topic == std::string(32766, 'x'));
  const Status status = encodable(s, 0);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Errc::invalid_request);
  CHECK(status.error().message.starts_with("cursor: topic: 32768 bytes"));
}

TEST_CASE("Codec: a version that the message does not have is refused") {
  for (const int16_t version : std::initializer_list<int16_t>{-1, 2}) {
    CHECK(decode<Sample>("", version).error().code == Errc::unsupported_version);
    CHECK(encodable(Sample{}, version).error().code == Errc::unsupported_version);
  }
}

TEST_CASE("Codec: encodable() names what a version cannot say") {
  DescribeClusterRequest cluster;
  CHECK(encodable(cluster, 0).ok());
  cluster.include_fenced_brokers = true;
  CHECK(encodable(cluster, 2).ok());
  const Status status = encodable(cluster, 1);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Errc::unsupported_version);
  CHECK(status.error().message.starts_with("include_fenced_brokers: "));

  DeleteTopicsRequest by_id;
  by_id.topics.push_back({{}, Uuid{{1}}});
  CHECK(encodable(by_id, 6).ok());
  CHECK_FALSE(encodable(by_id, 5).ok());

  DescribeConfigsRequest configs;
  configs.include_documentation = true;
  CHECK_FALSE(encodable(configs, 2).ok());

  MetadataRequest by_null_name;
  by_null_name.topics.emplace().push_back({Uuid{{1}}, std::nullopt});
  CHECK(encodable(by_null_name, 12).ok());
  CHECK_FALSE(encodable(by_null_name, 9).ok());
}

TEST_CASE("Codec: a message that names more than it may is refused before it takes memory") {
  DescribeConfigsRequest request;
  for (int i = 0; i < 3; i++) request.resources.push_back({2, "t", std::vector<std::string>{"a", "b"}});
  for (int16_t version : {int16_t{1}, int16_t{4}}) {
    std::string body;
    encode(request, version, body);
    CHECK(decode<DescribeConfigsRequest>(body, version, 9).ok());  // 3 resources and 6 keys
    auto refused = decode<DescribeConfigsRequest>(body, version, 8);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::message_too_large);
    CHECK(refused.error().message ==
          "DescribeConfigsRequest version " + std::to_string(version) + " names more than 8 things");
  }
  // A count is refused for itself, whatever would follow.
  const std::string many = hex("7fffffff");
  CHECK(decode<DescribeConfigsRequest>(many, 1, 100).error().code == Errc::message_too_large);
  CHECK(decode<DescribeConfigsRequest>(many, 1).error().code == Errc::malformed);
}

TEST_CASE("Codec: elements that are encoded ahead come out as if they had not been") {
  for (int16_t version : {int16_t{1}, int16_t{4}}) {
    DescribeConfigsResponse plain, ahead;
    size_t bytes = 0;
    for (int i = 0; i < 700; i++) {
      DescribeConfigsResponse::DescribeConfigsResult result;
      result.resource_name = "t" + std::to_string(i);
      result.configs.resize(static_cast<size_t>(i % 5));
      for (auto& config : result.configs) config.value = std::string(static_cast<size_t>(i), 'v');
      plain.results.push_back(result);
      ahead.results.push_back(result);
      if (i % 3 != 0) bytes = encode_ahead<DescribeConfigsResponse>(ahead.results, version);
    }
    CHECK(ahead.results.count() == 700);
    CHECK(bytes > 400'000);
    CHECK(encode_response(7, version, ahead) == encode_response(7, version, plain));
    FrameParts parts = encode_response_parts(7, version, ahead);
    CHECK(parts.bytes() == encode_response(7, version, plain).size() - 4);
  }
}

TEST_CASE("Codec: an answer that would be too large is known before it is built") {
  CreateTopicsResponse answer;
  answer.topics.emplace_back().name = std::string(100, 'n');
  std::string body;
  encode(answer, 2, body);
  CHECK(encode_response_within(body.size(), 7, 2, answer).value() == encode_response(7, 2, answer));
  auto refused = encode_response_within(body.size() - 1, 7, 2, answer);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::message_too_large);
}

TEST_CASE("Codec: what may be dropped is dropped where a version lacks it") {
  CreateTopicsResponse answer;
  auto& topic = answer.topics.emplace_back();
  topic.name = "t";
  topic.topic_id = Uuid{{1}};
  topic.num_partitions = 3;
  CHECK(encodable(answer, 2).ok());
  std::string out;
  encode(answer, 2, out);
  CHECK(in_hex(out) == in_hex(hex("00000000 00000001 0001't' 0000 ffff")));
}

}  // namespace
}  // namespace bobbin::protocol
