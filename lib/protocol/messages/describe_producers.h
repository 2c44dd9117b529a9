// DescribeProducers: the idempotent and transactional producers of partitions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct DescribeProducersRequest {
  static constexpr std::string_view message_name = "DescribeProducersRequest";
  static constexpr ApiKey api_key = ApiKey::describe_producers;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  struct TopicRequest {
    std::string name;
    std::vector<int32_t> partition_indexes;
    bool operator==(const TopicRequest&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = TopicRequest;
      f("name", &S::name, always());
      f("partition_indexes", &S::partition_indexes, always());
    }
  };

  std::vector<TopicRequest> topics;
  bool operator==(const DescribeProducersRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DescribeProducersRequest;
    f("topics", &S::topics, always());
  }
};

struct DescribeProducersResponse {
  static constexpr std::string_view message_name = "DescribeProducersResponse";
  static constexpr ApiKey api_key = ApiKey::describe_producers;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  struct ProducerState {
    int64_t producer_id = 0;
    int32_t producer_epoch = 0;
    int32_t last_sequence = -1;   // -1: none
    int64_t last_timestamp = -1;  // -1: none
    int32_t coordinator_epoch = 0;
    int64_t current_txn_start_offset = -1;  // -1: no transaction is open
    bool operator==(const ProducerState&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ProducerState;
      f("producer_id", &S::producer_id, always());
      f("producer_epoch", &S::producer_epoch, always());
      f("last_sequence", &S::last_sequence, always());
      f("last_timestamp", &S::last_timestamp, always());
      f("coordinator_epoch", &S::coordinator_epoch, always());
      f("current_txn_start_offset", &S::current_txn_start_offset, always());
    }
  };

  struct PartitionResponse {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    std::vector<ProducerState> active_producers;
    bool operator==(const PartitionResponse&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = PartitionResponse;
      f("partition_index", &S::partition_index, always());
      f("error_code", &S::error_code, always());
      f("error_message", &S::error_message, always().nullable());
      f("active_producers", &S::active_producers, always());
    }
  };

  struct TopicResponse {
    std::string name;
    std::vector<PartitionResponse> partitions;
    bool operator==(const TopicResponse&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = TopicResponse;
      f("name", &S::name, always());
      f("partitions", &S::partitions, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<TopicResponse> topics;
  bool operator==(const DescribeProducersResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DescribeProducersResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("topics", &S::topics, always());
  }
};

}  // namespace bobbin::protocol
