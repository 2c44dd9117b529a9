// Metadata records: the bytes that Kafka 4.3.1 wrote for a new topic, and what must not be accepted.
#include <catch2/catch.hpp>

#include "metadata/records.h"
#include "protocol/hex.h"

namespace bobbin::metadata {
namespace {

using protocol::hex;
using protocol::in_hex;

const Uuid topic_id{{0x10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};
const Uuid directory{{0x20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};
constexpr std::string_view topic_id_hex = "100102030405060708090a0b0c0d0e0f";
constexpr std::string_view directory_hex = "200102030405060708090a0b0c0d0e0f";

void check_bytes(const AnyRecord& record, const std::string& bytes) {
  CHECK(in_hex(encode_record(record)) == in_hex(bytes));
  const auto again = decode_record(bytes);
  REQUIRE(again.ok());
  CHECK(*again == record);
}

std::string text(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (auto p : parts) out += p;
  return hex(out);
}

TEST_CASE("Metadata records: a topic, as Kafka writes it") {
  check_bytes(TopicRecord{.name = "startup", .topic_id = topic_id},
              text({"01 02 00 | 08 73746172747570 |", topic_id_hex, "00"}));
}

TEST_CASE("Metadata records: a partition, as Kafka writes it") {
  PartitionRecord p;
  p.partition_id = 0;
  p.topic_id = topic_id;
  p.replicas = {1};
  p.isr = {1};
  p.leader = 1;
  p.leader_epoch = 0;
  p.partition_epoch = 0;
  p.directories = {directory};
  check_bytes(p, text({"01 03 02 | 00000000 |", topic_id_hex, "02 00000001 | 02 00000001 | 01 | 01 |",
                       "00000001 | 00000000 | 00000000 | 02", directory_hex, "00"}));
}

TEST_CASE("Metadata records: a change carries only what changed") {
  PartitionChangeRecord c;
  c.partition_id = 0;
  c.topic_id = topic_id;
  c.isr.emplace();
  c.leader = -1;
  check_bytes(c, text({"01 05 02 | 00000000 |", topic_id_hex, "02 | 00 01 01 | 01 04 ffffffff"}));
  c.isr.reset();
  c.leader = -2;
  c.directories = {directory};
  c.last_known_elr = {1};
  check_bytes(c, text({"01 05 02 | 00000000 |", topic_id_hex, "02 | 07 05 02 00000001 | 08 11 02", directory_hex}));
}

TEST_CASE("Metadata records: features and transactions") {
  check_bytes(FeatureLevelRecord{.name = "metadata.version", .feature_level = 30},
              hex("01 0c 00 | 11'metadata.version' | 001e | 00"));
  check_bytes(BeginTransactionRecord{.name = "big"}, hex("01 17 00 | 01 00 04 04'big'"));
  check_bytes(BeginTransactionRecord{}, hex("01 17 00 | 00"));
  check_bytes(EndTransactionRecord{}, hex("01 18 00 | 00"));
  check_bytes(NoOpRecord{}, hex("01 14 00 | 00"));
}

TEST_CASE("Metadata records: a broker, in the newest version and in an old one") {
  RegisterBrokerRecord b;
  b.broker_id = 1;
  b.incarnation_id = topic_id;
  b.broker_epoch = 5;
  b.end_points.push_back({"PLAINTEXT", "localhost", 65535, 0});
  b.log_dirs = {directory};
  check_bytes(
      b, text({"01 00 04 | 00000001 | 00 |", topic_id_hex, "0000000000000005 |",
               "02 0a'PLAINTEXT' 0a'localhost' ffff 0000 00 |", "01 | 00 | 01 | 00 | 01 00 11 02", directory_hex}));

  const std::string old = text({"01 00 00 | 00000001 |", topic_id_hex, "0000000000000005 | 01 | 01 | 00 | 00 | 00"});
  const auto record = decode_record(old);
  REQUIRE(record.ok());
  RegisterBrokerRecord expected;
  expected.broker_id = 1;
  expected.incarnation_id = topic_id;
  expected.broker_epoch = 5;
  expected.fenced = false;
  CHECK(*record == AnyRecord(expected));
}

TEST_CASE("Metadata records: what this program does not know is an error, not skipped") {
  for (auto unknown : {"02 02 00 00", "01 06 00 00", "01 7f 00 00", "01 02 01 00", "01 02 ffffffff0f 00"}) {
    const auto record = decode_record(hex(unknown));
    REQUIRE_FALSE(record.ok());
    CHECK(record.error().code == Errc::unsupported_version);
  }
  CHECK(decode_record(hex("01 06 00 00")).error().message ==
        "the metadata log has a record of type 6, which this program does not know");
}

TEST_CASE("Metadata records: a record cut at any byte, or too long, is malformed") {
  const std::string bytes = encode_record(TopicRecord{.name = "t", .topic_id = topic_id});
  for (size_t n = 0; n < bytes.size(); n++)
    CHECK(decode_record(Bytes(bytes).substr(0, n)).error().code == Errc::malformed);
  CHECK(decode_record(bytes + "x").error().code == Errc::malformed);
}

TEST_CASE("Metadata records: each has its name") {
  CHECK(record_name(PartitionChangeRecord{}) == "PartitionChangeRecord");
  CHECK(record_name(EndTransactionRecord{}) == "EndTransactionRecord");
}

TEST_CASE("Metadata records: header and footer of a snapshot") {
  const SnapshotHeaderRecord header{.last_contained_log_timestamp = 1000};
  CHECK(in_hex(encode_control_value(header)) == in_hex(hex("0000 00000000000003e8 00")));
  CHECK(*decode_snapshot_header(encode_control_value(header)) == header);
  CHECK(in_hex(encode_control_value(SnapshotFooterRecord{})) == in_hex(hex("0000 00")));
  CHECK(decode_snapshot_footer(hex("0000 00")).ok());
  CHECK_FALSE(decode_snapshot_footer(hex("0000")).ok());
}

}  // namespace
}  // namespace bobbin::metadata
