// OffsetCommit: how far a group has come.
//   3 throttle time | 5 without retention | 6 leader epochs | 7 static members | 8 flexible
//   9 members of the newer protocol, stale_member_epoch, group_id_not_found | 10 topic ids
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct OffsetCommitRequest {
  static constexpr std::string_view message_name = "OffsetCommitRequest";
  static constexpr ApiKey api_key = ApiKey::offset_commit;
  static constexpr VersionRange versions{2, 10};
  static constexpr int16_t flexible_from = 8;

  struct OffsetCommitRequestPartition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;  // -1: unknown
    std::optional<std::string> committed_metadata;
    bool operator==(const OffsetCommitRequestPartition&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetCommitRequestPartition;
      f("partition_index", &S::partition_index, always());
      f("committed_offset", &S::committed_offset, always());
      f("committed_leader_epoch", &S::committed_leader_epoch, since(6).ignorable());
      f("committed_metadata", &S::committed_metadata, always().nullable());
    }
  };

  struct OffsetCommitRequestTopic {
    std::string name;  // up to version 9
    Uuid topic_id;
    std::vector<OffsetCommitRequestPartition> partitions;
    bool operator==(const OffsetCommitRequestTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetCommitRequestTopic;
      f("name", &S::name, between(2, 9).ignorable());
      f("topic_id", &S::topic_id, since(10).ignorable());
      f("partitions", &S::partitions, always());
    }
  };

  std::string group_id;
  int32_t generation_id_or_member_epoch = -1;  // -1: by no member
  std::string member_id;
  std::optional<std::string> group_instance_id;  // null: not a static member
  int64_t retention_time_ms = -1;                // -1: the broker's
  std::vector<OffsetCommitRequestTopic> topics;
  bool operator==(const OffsetCommitRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = OffsetCommitRequest;
    f("group_id", &S::group_id, always());
    f("generation_id_or_member_epoch", &S::generation_id_or_member_epoch, always());
    f("member_id", &S::member_id, always());
    f("group_instance_id", &S::group_instance_id, since(7).nullable());
    f("retention_time_ms", &S::retention_time_ms, between(2, 4).ignorable());
    f("topics", &S::topics, always());
  }
};

struct OffsetCommitResponse {
  static constexpr std::string_view message_name = "OffsetCommitResponse";
  static constexpr ApiKey api_key = ApiKey::offset_commit;
  static constexpr VersionRange versions{2, 10};
  static constexpr int16_t flexible_from = 8;

  struct OffsetCommitResponsePartition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    bool operator==(const OffsetCommitResponsePartition&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetCommitResponsePartition;
      f("partition_index", &S::partition_index, always());
      f("error_code", &S::error_code, always());
    }
  };

  struct OffsetCommitResponseTopic {
    std::string name;  // up to version 9
    Uuid topic_id;
    std::vector<OffsetCommitResponsePartition> partitions;
    bool operator==(const OffsetCommitResponseTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetCommitResponseTopic;
      f("name", &S::name, between(2, 9).ignorable());
      f("topic_id", &S::topic_id, since(10).ignorable());
      f("partitions", &S::partitions, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<OffsetCommitResponseTopic> topics;
  bool operator==(const OffsetCommitResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = OffsetCommitResponse;
    f("throttle_time_ms", &S::throttle_time_ms, since(3).ignorable());
    f("topics", &S::topics, always());
  }
};

}  // namespace bobbin::protocol
