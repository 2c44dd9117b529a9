// AlterPartitionReassignments: moves partitions to other replicas, and takes back what moves. Flexible from the first version.
//   1 whether another number of replicas is fine
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct AlterPartitionReassignmentsRequest {
  static constexpr std::string_view message_name = "AlterPartitionReassignmentsRequest";
  static constexpr ApiKey api_key = ApiKey::alter_partition_reassignments;
  static constexpr VersionRange versions{0, 1};
  static constexpr int16_t flexible_from = 0;

  struct ReassignablePartition {
    int32_t partition_index = 0;
    std::optional<std::vector<int32_t>> replicas;  // null: the move under way is taken back
    bool operator==(const ReassignablePartition&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ReassignablePartition;
      f("partition_index", &S::partition_index, always());
      f("replicas", &S::replicas, always().nullable());
    }
  };

  struct ReassignableTopic {
    std::string name;
    std::vector<ReassignablePartition> partitions;
    bool operator==(const ReassignableTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ReassignableTopic;
      f("name", &S::name, always());
      f("partitions", &S::partitions, always());
    }
  };

  int32_t timeout_ms = 60'000;
  bool allow_replication_factor_change = true;
  std::vector<ReassignableTopic> topics;
  bool operator==(const AlterPartitionReassignmentsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = AlterPartitionReassignmentsRequest;
    f("timeout_ms", &S::timeout_ms, always());
    f("allow_replication_factor_change", &S::allow_replication_factor_change, since(1));
    f("topics", &S::topics, always());
  }
};

struct AlterPartitionReassignmentsResponse {
  static constexpr std::string_view message_name = "AlterPartitionReassignmentsResponse";
  static constexpr ApiKey api_key = ApiKey::alter_partition_reassignments;
  static constexpr VersionRange versions{0, 1};
  static constexpr int16_t flexible_from = 0;

  struct ReassignablePartitionResponse {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    bool operator==(const ReassignablePartitionResponse&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ReassignablePartitionResponse;
      f("partition_index", &S::partition_index, always());
      f("error_code", &S::error_code, always());
      f("error_message", &S::error_message, always().nullable());
    }
  };

  struct ReassignableTopicResponse {
    std::string name;
    std::vector<ReassignablePartitionResponse> partitions;
    bool operator==(const ReassignableTopicResponse&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ReassignableTopicResponse;
      f("name", &S::name, always());
      f("partitions", &S::partitions, always());
    }
  };

  int32_t throttle_time_ms = 0;
  bool allow_replication_factor_change = true;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  Elements<ReassignableTopicResponse> responses;
  bool operator==(const AlterPartitionReassignmentsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = AlterPartitionReassignmentsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("allow_replication_factor_change", &S::allow_replication_factor_change, since(1).ignorable());
    f("error_code", &S::error_code, always());
    f("error_message", &S::error_message, always().nullable());
    f("responses", &S::responses, always());
  }
};

}  // namespace bobbin::protocol
