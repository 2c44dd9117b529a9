// ElectLeaders: gives partitions another leader.
//   1 the kind of election, an error for the whole | 2 flexible
// In version 0 every election is one of preferred leaders.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct ElectLeadersRequest {
  static constexpr std::string_view message_name = "ElectLeadersRequest";
  static constexpr ApiKey api_key = ApiKey::elect_leaders;
  static constexpr VersionRange versions{0, 2};
  static constexpr int16_t flexible_from = 2;

  struct TopicPartitions {
    std::string topic;
    std::vector<int32_t> partitions;
    bool operator==(const TopicPartitions&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = TopicPartitions;
      f("topic", &S::topic, always());
      f("partitions", &S::partitions, always());
    }
  };

  int8_t election_type = 0;                                      // 0 the preferred leader, 1 an unclean one
  std::optional<std::vector<TopicPartitions>> topic_partitions;  // null: all
  int32_t timeout_ms = 60'000;
  bool operator==(const ElectLeadersRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ElectLeadersRequest;
    f("election_type", &S::election_type, since(1));
    f("topic_partitions", &S::topic_partitions, always().nullable());
    f("timeout_ms", &S::timeout_ms, always());
  }
};

struct ElectLeadersResponse {
  static constexpr std::string_view message_name = "ElectLeadersResponse";
  static constexpr ApiKey api_key = ApiKey::elect_leaders;
  static constexpr VersionRange versions{0, 2};
  static constexpr int16_t flexible_from = 2;

  struct PartitionResult {
    int32_t partition_id = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    bool operator==(const PartitionResult&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = PartitionResult;
      f("partition_id", &S::partition_id, always());
      f("error_code", &S::error_code, always());
      f("error_message", &S::error_message, always().nullable());
    }
  };

  struct ReplicaElectionResult {
    std::string topic;
    std::vector<PartitionResult> partition_result;
    bool operator==(const ReplicaElectionResult&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ReplicaElectionResult;
      f("topic", &S::topic, always());
      f("partition_result", &S::partition_result, always());
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<ReplicaElectionResult> replica_election_results;
  bool operator==(const ElectLeadersResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ElectLeadersResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("error_code", &S::error_code, since(1));
    f("replica_election_results", &S::replica_election_results, always());
  }
};

}  // namespace bobbin::protocol
