// The messages that the records of __consumer_offsets are made of (records.h), under Kafka's names: a key and a value
// for each type. Keys have one version. Values:
//   OffsetCommitValue    1 when it expires | 2 without that | 3 leader epoch | 4 flexible, topic id
//   GroupMetadataValue   1 rebalance timeouts | 2 when its state changed | 3 static members | 4 flexible
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::group {

using protocol::always;
using protocol::between;
using protocol::never_flexible;
using protocol::since;
using protocol::VersionRange;

struct OffsetCommitKey {
  static constexpr std::string_view message_name = "OffsetCommitKey";
  static constexpr int16_t record_type = 1;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = never_flexible;

  std::string group;
  std::string topic;
  int32_t partition = 0;
  bool operator==(const OffsetCommitKey&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = OffsetCommitKey;
    f("group", &S::group, always());
    f("topic", &S::topic, always());
    f("partition", &S::partition, always());
  }
};

struct OffsetCommitValue {
  static constexpr std::string_view message_name = "OffsetCommitValue";
  static constexpr int16_t record_type = 1;
  static constexpr VersionRange versions{0, 4};
  static constexpr int16_t flexible_from = 4;

  int64_t offset = 0;
  int32_t leader_epoch = -1;
  std::string metadata;
  int64_t commit_timestamp = 0;
  int64_t expire_timestamp = -1;
  Uuid topic_id;
  bool operator==(const OffsetCommitValue&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = OffsetCommitValue;
    f("offset", &S::offset, always());
    f("leader_epoch", &S::leader_epoch, since(3).ignorable());
    f("metadata", &S::metadata, always());
    f("commit_timestamp", &S::commit_timestamp, always());
    f("expire_timestamp", &S::expire_timestamp, between(1, 1).ignorable());
    f("topic_id", &S::topic_id, since(4).ignorable().tag(0));
  }
};

struct GroupMetadataKey {
  static constexpr std::string_view message_name = "GroupMetadataKey";
  static constexpr int16_t record_type = 2;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = never_flexible;

  std::string group;
  bool operator==(const GroupMetadataKey&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = GroupMetadataKey;
    f("group", &S::group, always());
  }
};

struct GroupMetadataValue {
  static constexpr std::string_view message_name = "GroupMetadataValue";
  static constexpr int16_t record_type = 2;
  static constexpr VersionRange versions{0, 4};
  static constexpr int16_t flexible_from = 4;

  struct MemberMetadata {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string client_id;
    std::string client_host;
    int32_t rebalance_timeout = -1;
    int32_t session_timeout = 0;
    Bytes subscription;
    Bytes assignment;
    bool operator==(const MemberMetadata&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = MemberMetadata;
      f("member_id", &S::member_id, always());
      f("group_instance_id", &S::group_instance_id, since(3).nullable().ignorable());
      f("client_id", &S::client_id, always());
      f("client_host", &S::client_host, always());
      f("rebalance_timeout", &S::rebalance_timeout, since(1).ignorable());
      f("session_timeout", &S::session_timeout, always());
      f("subscription", &S::subscription, always());
      f("assignment", &S::assignment, always());
    }
  };

  std::string protocol_type;
  int32_t generation = 0;
  std::optional<std::string> protocol;
  std::optional<std::string> leader;
  int64_t current_state_timestamp = -1;
  std::vector<MemberMetadata> members;
  bool operator==(const GroupMetadataValue&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = GroupMetadataValue;
    f("protocol_type", &S::protocol_type, always());
    f("generation", &S::generation, always());
    f("protocol", &S::protocol, always().nullable());
    f("leader", &S::leader, always().nullable());
    f("current_state_timestamp", &S::current_state_timestamp, since(2).ignorable());
    f("members", &S::members, always());
  }
};

}  // namespace bobbin::group
