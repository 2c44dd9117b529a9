// DescribeTopicPartitions: topics and their partitions, a page at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

// Where an answer ended, and the next one begins. (Not in the request: clang 14 makes no optional of a struct whose members have
// initial values while what it lies in is not complete.)
struct TopicPartitionsCursor {
  std::string topic_name;
  int32_t partition_index = 0;
  bool operator==(const TopicPartitionsCursor&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = TopicPartitionsCursor;
    f("topic_name", &S::topic_name, always());
    f("partition_index", &S::partition_index, always());
  }
};

struct DescribeTopicPartitionsRequest {
  static constexpr std::string_view message_name = "DescribeTopicPartitionsRequest";
  static constexpr ApiKey api_key = ApiKey::describe_topic_partitions;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  struct TopicRequest {
    std::string name;
    bool operator==(const TopicRequest&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = TopicRequest;
      f("name", &S::name, always());
    }
  };

  std::vector<TopicRequest> topics;
  int32_t response_partition_limit = 2000;
  std::optional<TopicPartitionsCursor> cursor;  // where to begin; null: at the first
  bool operator==(const DescribeTopicPartitionsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DescribeTopicPartitionsRequest;
    f("topics", &S::topics, always());
    f("response_partition_limit", &S::response_partition_limit, always());
    f("cursor", &S::cursor, always().nullable());
  }
};

struct DescribeTopicPartitionsResponse {
  static constexpr std::string_view message_name = "DescribeTopicPartitionsResponse";
  static constexpr ApiKey api_key = ApiKey::describe_topic_partitions;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  struct DescribeTopicPartitionsResponsePartition {
    int16_t error_code = 0;
    int32_t partition_index = 0;
    int32_t leader_id = 0;      // -1: none
    int32_t leader_epoch = -1;  // -1: unknown
    std::vector<int32_t> replica_nodes;
    std::vector<int32_t> isr_nodes;
    std::optional<std::vector<int32_t>> eligible_leader_replicas;
    std::optional<std::vector<int32_t>> last_known_elr;
    std::vector<int32_t> offline_replicas;
    bool operator==(const DescribeTopicPartitionsResponsePartition&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DescribeTopicPartitionsResponsePartition;
      f("error_code", &S::error_code, always());
      f("partition_index", &S::partition_index, always());
      f("leader_id", &S::leader_id, always());
      f("leader_epoch", &S::leader_epoch, always());
      f("replica_nodes", &S::replica_nodes, always());
      f("isr_nodes", &S::isr_nodes, always());
      f("eligible_leader_replicas", &S::eligible_leader_replicas, always().nullable());
      f("last_known_elr", &S::last_known_elr, always().nullable());
      f("offline_replicas", &S::offline_replicas, always());
    }
  };

  struct DescribeTopicPartitionsResponseTopic {
    int16_t error_code = 0;
    std::optional<std::string> name;
    Uuid topic_id;
    bool is_internal = false;
    std::vector<DescribeTopicPartitionsResponsePartition> partitions;
    int32_t topic_authorized_operations = INT32_MIN;  // bits; INT32_MIN: not asked for
    bool operator==(const DescribeTopicPartitionsResponseTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DescribeTopicPartitionsResponseTopic;
      f("error_code", &S::error_code, always());
      f("name", &S::name, always().nullable());
      f("topic_id", &S::topic_id, always());
      f("is_internal", &S::is_internal, always());
      f("partitions", &S::partitions, always());
      f("topic_authorized_operations", &S::topic_authorized_operations, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<DescribeTopicPartitionsResponseTopic> topics;
  std::optional<TopicPartitionsCursor> next_cursor;  // null: this was all
  bool operator==(const DescribeTopicPartitionsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DescribeTopicPartitionsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("topics", &S::topics, always());
    f("next_cursor", &S::next_cursor, always().nullable());
  }
};

}  // namespace bobbin::protocol
