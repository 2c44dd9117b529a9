// OffsetForLeaderEpoch: where a leader epoch ends in a partition.
//   3 who asks | 4 flexible
#pragma once

#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct OffsetForLeaderEpochRequest {
  static constexpr std::string_view message_name = "OffsetForLeaderEpochRequest";
  static constexpr ApiKey api_key = ApiKey::offset_for_leader_epoch;
  static constexpr VersionRange versions{2, 4};
  static constexpr int16_t flexible_from = 4;

  struct OffsetForLeaderPartition {
    int32_t partition = 0;
    int32_t current_leader_epoch = -1;  // -1: no fencing
    int32_t leader_epoch = 0;
    bool operator==(const OffsetForLeaderPartition&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetForLeaderPartition;
      f("partition", &S::partition, always());
      f("current_leader_epoch", &S::current_leader_epoch, always());
      f("leader_epoch", &S::leader_epoch, always());
    }
  };

  struct OffsetForLeaderTopic {
    std::string topic;
    std::vector<OffsetForLeaderPartition> partitions;
    bool operator==(const OffsetForLeaderTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetForLeaderTopic;
      f("topic", &S::topic, always());
      f("partitions", &S::partitions, always());
    }
  };

  int32_t replica_id = -2;  // -1: a consumer, -2: one that may look above the high watermark
  std::vector<OffsetForLeaderTopic> topics;
  bool operator==(const OffsetForLeaderEpochRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = OffsetForLeaderEpochRequest;
    f("replica_id", &S::replica_id, since(3).ignorable());
    f("topics", &S::topics, always());
  }
};

struct OffsetForLeaderEpochResponse {
  static constexpr std::string_view message_name = "OffsetForLeaderEpochResponse";
  static constexpr ApiKey api_key = ApiKey::offset_for_leader_epoch;
  static constexpr VersionRange versions{2, 4};
  static constexpr int16_t flexible_from = 4;

  struct EpochEndOffset {
    int16_t error_code = 0;
    int32_t partition = 0;
    int32_t leader_epoch = -1;  // the latest one up to that which was asked for; -1: none
    int64_t end_offset = -1;    // -1: none
    bool operator==(const EpochEndOffset&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = EpochEndOffset;
      f("error_code", &S::error_code, always());
      f("partition", &S::partition, always());
      f("leader_epoch", &S::leader_epoch, always());
      f("end_offset", &S::end_offset, always());
    }
  };

  struct OffsetForLeaderTopicResult {
    std::string topic;
    std::vector<EpochEndOffset> partitions;
    bool operator==(const OffsetForLeaderTopicResult&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetForLeaderTopicResult;
      f("topic", &S::topic, always());
      f("partitions", &S::partitions, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<OffsetForLeaderTopicResult> topics;
  bool operator==(const OffsetForLeaderEpochResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = OffsetForLeaderEpochResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("topics", &S::topics, always());
  }
};

}  // namespace bobbin::protocol
