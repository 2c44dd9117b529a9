// ListPartitionReassignments: which partitions are being moved to other replicas. Flexible from its one version.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct ListPartitionReassignmentsRequest {
  static constexpr std::string_view message_name = "ListPartitionReassignmentsRequest";
  static constexpr ApiKey api_key = ApiKey::list_partition_reassignments;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  struct ListPartitionReassignmentsTopics {
    std::string name;
    std::vector<int32_t> partition_indexes;
    bool operator==(const ListPartitionReassignmentsTopics&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ListPartitionReassignmentsTopics;
      f("name", &S::name, always());
      f("partition_indexes", &S::partition_indexes, always());
    }
  };

  int32_t timeout_ms = 60'000;
  std::optional<std::vector<ListPartitionReassignmentsTopics>> topics;  // null: all
  bool operator==(const ListPartitionReassignmentsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ListPartitionReassignmentsRequest;
    f("timeout_ms", &S::timeout_ms, always());
    f("topics", &S::topics, always().nullable());
  }
};

struct ListPartitionReassignmentsResponse {
  static constexpr std::string_view message_name = "ListPartitionReassignmentsResponse";
  static constexpr ApiKey api_key = ApiKey::list_partition_reassignments;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  struct OngoingPartitionReassignment {
    int32_t partition_index = 0;
    std::vector<int32_t> replicas;  // all that there are while it moves
    std::vector<int32_t> adding_replicas;
    std::vector<int32_t> removing_replicas;
    bool operator==(const OngoingPartitionReassignment&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OngoingPartitionReassignment;
      f("partition_index", &S::partition_index, always());
      f("replicas", &S::replicas, always());
      f("adding_replicas", &S::adding_replicas, always());
      f("removing_replicas", &S::removing_replicas, always());
    }
  };

  struct OngoingTopicReassignment {
    std::string name;
    std::vector<OngoingPartitionReassignment> partitions;
    bool operator==(const OngoingTopicReassignment&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OngoingTopicReassignment;
      f("name", &S::name, always());
      f("partitions", &S::partitions, always());
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  Elements<OngoingTopicReassignment> topics;
  bool operator==(const ListPartitionReassignmentsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ListPartitionReassignmentsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("error_code", &S::error_code, always());
    f("error_message", &S::error_message, always().nullable());
    f("topics", &S::topics, always());
  }
};

}  // namespace bobbin::protocol
