// The records of __consumer_offsets: the bytes that the decoder of Kafka 4.3.1 (its DumpLogSegments) read, other
// versions, and what must not be accepted.
#include "group/records.h"

#include <catch2/catch.hpp>

#include "protocol/hex.h"

namespace bobbin::group {
namespace {

using protocol::hex;
using protocol::in_hex;

const std::string kafka_offset_key = hex("0001 | 0002'g1' 0006'orders' 00000000");
const std::string kafka_offset_value = hex("0003 | 000000000000002a 00000001 0004'meta' 0000018bcfe56800");
const std::string kafka_group_key = hex("0002 | 0002'g1'");
const std::string subscription = hex("0003 00000001 0006'orders' ffffffff 00000000 ffffffff ffff");
const std::string assignment = hex("0003 00000001 0006'orders' 00000002 00000000 00000001 ffffffff");
const std::string kafka_group_value =
    hex("0003 | 0008'consumer' 00000001 0005'range' 0003'c-1' 0000018bcfe56800 | 00000001 |"
        "0003'c-1' ffff 0003'cli' 000a'/127.0.0.1' 000493e0 0000afc8 | 0000001c") +
    subscription + hex("0000001e") + assignment;

const StoredOffset some_offset{Offset(42), LeaderEpoch(1), "meta", Timestamp(1700000000000)};

StoredGroup some_group() {
  StoredGroup group;
  group.protocol_type = "consumer";
  group.generation = 1;
  group.protocol = "range";
  group.leader = "c-1";
  group.current_state_timestamp = Timestamp(1700000000000);
  group.members.push_back({"c-1", std::nullopt, "cli", "/127.0.0.1", 300'000, 45'000, subscription, assignment});
  return group;
}

// `read` takes the whole and nothing else. In memory of its own, so that a sanitizer sees a read beyond the cut.
template <class Read>
void must_be_whole(const std::string& bytes, Read read) {
  REQUIRE(read(bytes).ok());
  for (size_t n = 0; n < bytes.size(); n++) {
    const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(n));
    const auto result = read(Bytes(cut.data(), cut.size()));
    CAPTURE(n);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == Errc::malformed);
  }
  const std::string longer = bytes + "x";
  CHECK(read(Bytes(longer)).error().code == Errc::malformed);
}

template <class T>
void check_unsupported(const Result<T>& result, std::string_view message) {
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == Errc::unsupported_version);
  CHECK(result.error().message == message);
}

TEST_CASE("Group records: an offset, as Kafka writes it") {
  CHECK(in_hex(offset_key("g1", "orders", 0)) == in_hex(kafka_offset_key));
  CHECK(read_key(kafka_offset_key).value() == Key(OffsetKey{"g1", "orders", 0}));
  CHECK(in_hex(offset_value(some_offset)) == in_hex(kafka_offset_value));
  CHECK(read_offset(kafka_offset_value).value() == some_offset);
}

TEST_CASE("Group records: a group, as Kafka writes it") {
  CHECK(in_hex(group_key("g1")) == in_hex(kafka_group_key));
  CHECK(read_key(kafka_group_key).value() == Key(GroupKey{"g1"}));
  CHECK(in_hex(group_value(some_group())) == in_hex(kafka_group_value));
  CHECK(read_group(kafka_group_value).value() == some_group());
}

TEST_CASE("Group records: an empty group has neither protocol nor leader; a static member has its name") {
  StoredGroup empty;
  empty.protocol_type = "consumer";
  empty.generation = 2;
  const std::string bytes = hex("0003 | 0008'consumer' 00000002 ffff ffff ffffffffffffffff 00000000");
  CHECK(in_hex(group_value(empty)) == in_hex(bytes));
  CHECK(read_group(bytes).value() == empty);

  StoredGroup group = some_group();
  group.members[0].group_instance_id = "i-1";
  group.members.push_back({"c-2", std::nullopt, "", "", -1, 10'000, "", std::string(40'000, 'a')});
  const std::string written = group_value(group);
  CHECK(read_group(written).value() == group);
}

TEST_CASE("Group records: an offset that expires is written in version 1, the only one that says when") {
  StoredOffset expiring = some_offset;
  expiring.expire_timestamp = Timestamp(1700000000001);
  const std::string bytes = hex("0001 | 000000000000002a 0004'meta' 0000018bcfe56800 0000018bcfe56801");
  CHECK(in_hex(offset_value(expiring)) == in_hex(bytes));
  expiring.leader_epoch = leader_epoch_none;  // which that version lacks
  CHECK(read_offset(bytes).value() == expiring);
}

TEST_CASE("Group records: offsets of other versions are read") {
  StoredOffset expected = some_offset;
  CHECK(read_offset(hex("0004 | 000000000000002a 00000001 05'meta' 0000018bcfe56800 00")).value() == expected);
  CHECK(read_offset(hex("0004 | 000000000000002a 00000001 05'meta' 0000018bcfe56800 02 |"
                        "00 10 000102030405060708090a0b0c0d0e0f | 01 01 ff"))
            .value() == expected);
  expected.leader_epoch = leader_epoch_none;
  for (auto version : {"0000", "0002"})
    CHECK(read_offset(hex(version) + hex("000000000000002a 0004'meta' 0000018bcfe56800")).value() == expected);
}

TEST_CASE("Group records: groups of other versions are read") {
  StoredGroup expected = some_group();
  expected.members[0].subscription = "s";
  expected.members[0].assignment = "";
  CHECK(read_group(hex("0004 | 09'consumer' 00000001 06'range' 04'c-1' 0000018bcfe56800 | 02 |"
                       "04'c-1' 00 04'cli' 0b'/127.0.0.1' 000493e0 0000afc8 02's' 01 00 | 00"))
            .value() == expected);
  CHECK(read_group(hex("0002 | 0008'consumer' 00000001 0005'range' 0003'c-1' 0000018bcfe56800 | 00000001 |"
                       "0003'c-1' 0003'cli' 000a'/127.0.0.1' 000493e0 0000afc8 00000001's' 00000000"))
            .value() == expected);
  expected.current_state_timestamp = timestamp_none;
  CHECK(read_group(hex("0001 | 0008'consumer' 00000001 0005'range' 0003'c-1' | 00000001 |"
                       "0003'c-1' 0003'cli' 000a'/127.0.0.1' 000493e0 0000afc8 00000001's' 00000000"))
            .value() == expected);
  expected.members[0].rebalance_timeout = -1;
  CHECK(read_group(hex("0000 | 0008'consumer' 00000001 0005'range' 0003'c-1' | 00000001 |"
                       "0003'c-1' 0003'cli' 000a'/127.0.0.1' 0000afc8 00000001's' 00000000"))
            .value() == expected);
}

TEST_CASE("Group records: keys of other groups are told by their type, and Kafka's ancient key is an offset's") {
  for (int16_t type : std::initializer_list<int16_t>{-1, 3, 8, 16, 23, 32767}) {
    std::string key;
    append_be(key, type);
    CHECK(read_key(key + "anything").value() == Key(OtherKey{type}));
    CHECK(read_key(key).value() == Key(OtherKey{type}));
  }
  CHECK(read_key(hex("0000 | 0001'g' 0001't' 00000007")).value() == Key(OffsetKey{"g", "t", 7}));
}

TEST_CASE("Group records: what is cut at any byte, or too long, is malformed") {
  must_be_whole(kafka_offset_key, read_key);
  must_be_whole(kafka_group_key, read_key);
  must_be_whole(kafka_offset_value, read_offset);
  must_be_whole(kafka_group_value, read_group);
}

TEST_CASE("Group records: a count is not believed before the bytes are there") {
  const auto group = read_group(hex("0003 | 0001'c' 00000001 ffff ffff ffffffffffffffff 7fffffff"));
  REQUIRE_FALSE(group.ok());
  CHECK(group.error().message == "GroupMetadataValue version 3 does not parse at members");
}

TEST_CASE("Group records: a version that nobody knows is said") {
  check_unsupported(read_offset(hex("0005 00")),
                    "OffsetCommitValue has version 5 in __consumer_offsets, written by a newer program; use that one");
  check_unsupported(read_group(hex("0005 00")),
                    "GroupMetadataValue has version 5 in __consumer_offsets, written by a newer program; use that one");
  CHECK(read_offset(hex("ffff 00")).error().code == Errc::unsupported_version);
}

}  // namespace
}  // namespace bobbin::group
