// Frames, byte by byte, written by hand from the protocol's description.
#include <catch2/catch.hpp>

#include "protocol/frame.h"
#include "protocol/hex.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/offset_delete.h"
#include "protocol/messages/produce.h"

namespace bobbin::protocol {
namespace {

TEST_CASE("Frame: a version of ApiVersions that is not served is answered in version 0, and nothing more") {
  ApiVersionsResponse answer;
  answer.error_code = static_cast<int16_t>(Errc::unsupported_version);
  answer.api_keys.push_back({18, 0, 4});
  CHECK(in_hex(encode_response(7, 0, answer)) == in_hex(hex("00000010 | 00000007 | 0023 00000001 0012 0000 0004")));
}

TEST_CASE("Frame: ApiVersions 3 has a flexible body behind a header without tagged fields") {
  ApiVersionsResponse answer;
  answer.api_keys.push_back({3, 0, 13});
  answer.finalized_features_epoch = 5;
  answer.finalized_features.push_back({"f", 2, 1});
  CHECK(in_hex(encode_response(1, 3, answer)) ==
        in_hex(hex("00000027 | 00000001 | 0000 02 0003 0000 000d 00 | 00000000 | 02"
                   "01 08 0000000000000005 | 02 08 02 02'f' 0002 0001 00")));
}

TEST_CASE("Frame: a request with header 1") {
  MetadataRequest request;
  request.topics.emplace().push_back({{}, "t"});
  const std::string frame = encode_request(2, "me", 4, request);
  CHECK(in_hex(frame) == in_hex(hex("00000014 | 0003 0004 00000002 0002'me' | 00000001 0001't' | 01")));
}

TEST_CASE("Frame: a request with header 2 keeps its client id as it was") {
  MetadataRequest request;
  request.topics.emplace().push_back({{}, "t"});
  CHECK(in_hex(encode_request(2, "me", 12, request)) ==
        in_hex(hex("00000024 | 0003 000c 00000002 0002'me' 00 |"
                   "02 00000000000000000000000000000000 02't' 00 | 01 | 00 | 00")));
}

TEST_CASE("Frame: all topics are asked for by null") {
  CHECK(in_hex(encode_request(2, "", 1, MetadataRequest{})) ==
        in_hex(hex("0000000e | 0003 0001 00000002 0000 | ffffffff")));
  CHECK(in_hex(encode_request(2, "", 9, MetadataRequest{})) ==
        in_hex(hex("00000010 | 0003 0009 00000002 0000 00 | 00 01 00 00 00")));
}

TEST_CASE("Frame: a produce request carries its records as they are") {
  ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = 30000;
  auto& topic = request.topic_data.emplace_back();
  topic.name = "t";
  topic.partition_data.push_back({1, Bytes("RECORDS")});
  CHECK(in_hex(encode_request(3, "c", 9, request)) ==
        in_hex(hex("00000026 | 0000 0009 00000003 0001'c' 00 | 00 ffff 00007530 |"
                   "02 02't' 02 00000001 08'RECORDS' 00 00 00")));
  CHECK(in_hex(encode_request(3, "c", 3, request)) ==
        in_hex(hex("0000002d | 0000 0003 00000003 0001'c' | ffff ffff 00007530 |"
                   "00000001 0001't' 00000001 00000001 00000007'RECORDS'")));
}

TEST_CASE("Frame: records of a request are read in place") {
  ProduceRequest request;
  auto& topic = request.topic_data.emplace_back();
  topic.partition_data.push_back({0, Bytes("RECORDS")});
  const std::string frame = encode_request(3, "c", 13, request);
  Bytes body = Bytes(frame).substr(frame_size_bytes);
  REQUIRE(decode_request_header(body).ok());
  const auto decoded = decode<ProduceRequest>(body, 13);
  REQUIRE(decoded.ok());
  const Bytes records = *decoded->topic_data.at(0).partition_data.at(0).records;
  CHECK(records == "RECORDS");
  CHECK(records.data() > frame.data());
  CHECK(records.data() < frame.data() + frame.size());
}

TEST_CASE("Frame: a fetch answer without records says empty, not null") {
  FetchResponse answer;
  auto& topic = answer.responses.emplace_back();
  topic.topic = "t";
  auto& partition = topic.partitions.emplace_back();
  partition.high_watermark = 3;
  partition.current_leader = {2, 9};
  CHECK(in_hex(encode_response(1, 12, answer)) ==
        in_hex(hex("00000045 | 00000001 00 | 00000000 0000 00000000 02 02't' 02"
                   "00000000 0000 0000000000000003 ffffffffffffffff ffffffffffffffff 00 ffffffff 01"
                   "01 01 09 00000002 00000009 00 | 00 | 00")));
  CHECK(in_hex(encode_response(1, 4, answer)) ==
        in_hex(hex("00000031 | 00000001 | 00000000 00000001 0001't' 00000001"
                   "00000000 0000 0000000000000003 ffffffffffffffff ffffffff 00000000")));
}

TEST_CASE("Frame: OffsetDelete is never flexible, nor are its headers") {
  OffsetDeleteRequest request;
  request.group_id = "g";
  request.topics.push_back({"t", {{0}}});
  CHECK(in_hex(encode_request(4, "c", 0, request)) ==
        in_hex(hex("0000001d | 002f 0000 00000004 0001'c' | 0001'g' 00000001 0001't' 00000001 00000000")));

  OffsetDeleteResponse answer;
  answer.topics.push_back({"t", {{0, 86}}});
  const std::string frame = encode_response(4, 0, answer);
  CHECK(in_hex(frame) == in_hex(hex("0000001b | 00000004 | 0000 00000000 00000001 0001't' 00000001 00000000 0056")));
  Bytes body = Bytes(frame).substr(frame_size_bytes);
  CHECK(decode_response_header(ApiKey::offset_delete, 0, body).value() == 4);
  CHECK(decode<OffsetDeleteResponse>(body, 0).value() == answer);
}

TEST_CASE("Frame: a header is read back, and the body is what follows it") {
  for (const int16_t version : std::initializer_list<int16_t>{0, 8, 9, 13}) {
    const std::string frame = encode_request(-5, "client", version, MetadataRequest{});
    Bytes body = Bytes(frame).substr(frame_size_bytes);
    const auto header = decode_request_header(body);
    REQUIRE(header.ok());
    CHECK(header->api_key == ApiKey::metadata);
    CHECK(header->api_version == version);
    CHECK(header->correlation_id == -5);
    CHECK(header->client_id == "client");
    CHECK(decode<MetadataRequest>(body, version).ok());
  }
}

TEST_CASE("Frame: a client id of any length leaves the header readable; what fits no length field is left out") {
  for (size_t length : {0u, 1u, 127u, 128u, 32766u, 32767u, 32768u, 40'000u, 65'536u, 70'000u}) {
    CAPTURE(length);
    std::string id(length, 'i');
    for (const int16_t version : std::initializer_list<int16_t>{0, 9}) {
      const std::string frame = encode_request(7, id, version, MetadataRequest{});
      CHECK(frame_length(frame, INT32_MAX).value() == frame.size() - frame_size_bytes);
      Bytes body = Bytes(frame).substr(frame_size_bytes);
      const auto header = decode_request_header(body);
      REQUIRE(header.ok());
      CHECK(header->correlation_id == 7);
      CHECK(header->client_id == Bytes(id).substr(0, 32767));
      CHECK(decode<MetadataRequest>(body, version).ok());
    }
  }
}

TEST_CASE("Frame: a null client id is an empty one") {
  const std::string bytes = hex("0003 0000 00000001 ffff 'body'");
  Bytes frame = bytes;
  const auto header = decode_request_header(frame);
  REQUIRE(header.ok());
  CHECK(header->client_id.empty());
  CHECK(frame == "body");
}

TEST_CASE("Frame: tagged fields of a header are skipped") {
  const std::string bytes = hex("0003 0009 00000001 0001'c' 02 00 01 aa 07 02 bbcc 'body'");
  Bytes frame = bytes;
  REQUIRE(decode_request_header(frame).ok());
  CHECK(frame == "body");

  const std::string answer = hex("00000008 01 05 00 'body'");
  frame = answer;
  const auto correlation_id = decode_response_header(ApiKey::metadata, 9, frame);
  REQUIRE(correlation_id.ok());
  CHECK(*correlation_id == 8);
  CHECK(frame == "body");
}

TEST_CASE("Frame: the header of a version that nobody knows can be read") {
  const std::string bytes = hex("0012 0009 00000001 0001'c' ffffffff");
  Bytes frame = bytes;
  const auto header = decode_request_header(frame);
  REQUIRE(header.ok());
  CHECK(header->api_version == 9);
}

TEST_CASE("Frame: a header cut at any byte is malformed") {
  const std::string bytes = hex("0003 0009 00000001 0001'c' 01 00 01 aa");
  for (size_t n = 0; n < bytes.size(); n++) {
    Bytes frame = Bytes(bytes).substr(0, n);
    const auto header = decode_request_header(frame);
    REQUIRE_FALSE(header.ok());
    CHECK(header.error().code == Errc::malformed);
  }
  const std::string answer = hex("00000008 01 05 00");
  for (size_t n = 0; n < answer.size(); n++) {
    Bytes frame = Bytes(answer).substr(0, n);
    CHECK_FALSE(decode_response_header(ApiKey::metadata, 9, frame).ok());
  }
}

TEST_CASE("Frame: the size is believed only within bounds") {
  CHECK_FALSE(frame_length(hex("000000"))->has_value());
  CHECK(**frame_length(hex("00000000")) == 0);
  CHECK(**frame_length(hex("06400000")) == 104857600);
  CHECK(frame_length(hex("06400001")).error().code == Errc::malformed);
  CHECK(frame_length(hex("ffffffff")).error().code == Errc::malformed);
  CHECK(frame_length("GET / HTTP/1.1").error().code == Errc::malformed);
  CHECK(frame_length(hex("00000011"), 16).error().code == Errc::malformed);
}

}  // namespace
}  // namespace bobbin::protocol
