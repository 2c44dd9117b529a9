// Records: what __consumer_offsets is made of: how far groups have come, and who is in them. They are Kafka's own, so
// that its tools read our log. A record is
//
//   key     int16 type, then the message of that type's key: 1 OffsetKey, 2 GroupKey
//   value   int16 version, then the message of that type's value in that version; none: what the key had is gone
//
// Written as Kafka 4.3.1's classic coordinator does, at version 3 (offsets that expire: 1). Versions 0 to 4 are read;
// the topic id of version 4 is not kept.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"

namespace bobbin::group {

struct OffsetKey {
  std::string group;
  std::string topic;
  int32_t partition = 0;
  bool operator==(const OffsetKey&) const = default;
};

struct GroupKey {
  std::string group;
  bool operator==(const GroupKey&) const = default;
};

// Of groups of another protocol than the classic one (types 3 to 23 of Kafka 4.3.1); its record is skipped.
struct OtherKey {
  int16_t type = 0;
  bool operator==(const OtherKey&) const = default;
};

using Key = std::variant<OffsetKey, GroupKey, OtherKey>;

struct StoredOffset {
  Offset offset{0};
  LeaderEpoch leader_epoch = leader_epoch_none;
  std::string metadata = {};
  Timestamp commit_timestamp{0};
  Timestamp expire_timestamp = timestamp_none;  // none: as long as the broker keeps offsets
  bool operator==(const StoredOffset&) const = default;
};

struct StoredMember {
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::string client_id;
  std::string client_host;
  int32_t rebalance_timeout = -1;  // ms; -1: the session timeout
  int32_t session_timeout = 0;     // ms
  std::string subscription;
  std::string assignment;
  bool operator==(const StoredMember&) const = default;
};

struct StoredGroup {
  std::string protocol_type;
  int32_t generation = 0;
  std::optional<std::string> protocol;
  std::optional<std::string> leader;  // its member id
  Timestamp current_state_timestamp = timestamp_none;
  std::vector<StoredMember> members;
  bool operator==(const StoredGroup&) const = default;
};

std::string offset_key(const std::string& group, const std::string& topic, int32_t partition);
std::string group_key(const std::string& group);
std::string offset_value(const StoredOffset& stored);
std::string group_value(const StoredGroup& stored);

// Errc::malformed: cut short, or something follows the message.
Result<Key> read_key(Bytes key);

// The same, and Errc::unsupported_version: a version that this program does not know.
Result<StoredOffset> read_offset(Bytes value);
Result<StoredGroup> read_group(Bytes value);

}  // namespace bobbin::group
