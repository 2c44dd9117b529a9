// ListOffsets: the offset at a time, or at an end, of a partition.
//   2 isolation level | 4 leader epochs | 6 flexible | 7 the newest time (-3) | 8 the earliest local (-4)
//   9 the last in tiered storage (-5) | 10 a time limit | 11 the earliest not yet uploaded (-6)
#pragma once

#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct ListOffsetsRequest {
  static constexpr std::string_view message_name = "ListOffsetsRequest";
  static constexpr ApiKey api_key = ApiKey::list_offsets;
  static constexpr VersionRange versions{1, 11};
  static constexpr int16_t flexible_from = 6;

  struct ListOffsetsPartition {
    int32_t partition_index = 0;
    int32_t current_leader_epoch = -1;
    int64_t timestamp = 0;  // or -1 latest, -2 earliest, -3 of the newest time, -4 earliest local
    bool operator==(const ListOffsetsPartition&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ListOffsetsPartition;
      f("partition_index", &S::partition_index, always());
      f("current_leader_epoch", &S::current_leader_epoch, since(4).ignorable());
      f("timestamp", &S::timestamp, always());
    }
  };

  struct ListOffsetsTopic {
    std::string name;
    std::vector<ListOffsetsPartition> partitions;
    bool operator==(const ListOffsetsTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ListOffsetsTopic;
      f("name", &S::name, always());
      f("partitions", &S::partitions, always());
    }
  };

  int32_t replica_id = 0;  // -1: a consumer
  int8_t isolation_level = 0;
  std::vector<ListOffsetsTopic> topics;
  int32_t timeout_ms = 0;
  bool operator==(const ListOffsetsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ListOffsetsRequest;
    f("replica_id", &S::replica_id, always());
    f("isolation_level", &S::isolation_level, since(2));
    f("topics", &S::topics, always());
    f("timeout_ms", &S::timeout_ms, since(10).ignorable());
  }
};

struct ListOffsetsResponse {
  static constexpr std::string_view message_name = "ListOffsetsResponse";
  static constexpr ApiKey api_key = ApiKey::list_offsets;
  static constexpr VersionRange versions{1, 11};
  static constexpr int16_t flexible_from = 6;

  struct ListOffsetsPartitionResponse {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    int64_t timestamp = -1;  // -1: none found, or an end was asked for
    int64_t offset = -1;     // -1: none found
    int32_t leader_epoch = -1;
    std::optional<std::string> damage;  // ours, with corrupt_message: the file, and what is wrong with it
    bool operator==(const ListOffsetsPartitionResponse&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ListOffsetsPartitionResponse;
      f("partition_index", &S::partition_index, always());
      f("error_code", &S::error_code, always());
      f("timestamp", &S::timestamp, always());
      f("offset", &S::offset, always());
      f("leader_epoch", &S::leader_epoch, since(4));
      f("damage", &S::damage, since(6).nullable().ignorable().tag(private_tag));
    }
  };

  struct ListOffsetsTopicResponse {
    std::string name;
    std::vector<ListOffsetsPartitionResponse> partitions;
    bool operator==(const ListOffsetsTopicResponse&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ListOffsetsTopicResponse;
      f("name", &S::name, always());
      f("partitions", &S::partitions, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<ListOffsetsTopicResponse> topics;
  bool operator==(const ListOffsetsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ListOffsetsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, since(2).ignorable());
    f("topics", &S::topics, always());
  }
};

}  // namespace bobbin::protocol
