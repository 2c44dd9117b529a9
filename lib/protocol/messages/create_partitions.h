// CreatePartitions: makes topics wider.
//   2 flexible
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct CreatePartitionsRequest {
  static constexpr std::string_view message_name = "CreatePartitionsRequest";
  static constexpr ApiKey api_key = ApiKey::create_partitions;
  static constexpr VersionRange versions{0, 3};
  static constexpr int16_t flexible_from = 2;

  struct CreatePartitionsAssignment {
    std::vector<int32_t> broker_ids;
    bool operator==(const CreatePartitionsAssignment&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = CreatePartitionsAssignment;
      f("broker_ids", &S::broker_ids, always());
    }
  };

  struct CreatePartitionsTopic {
    std::string name;
    int32_t count = 0;                                                   // the new total
    std::optional<std::vector<CreatePartitionsAssignment>> assignments;  // of the added ones; null: the broker chooses
    bool operator==(const CreatePartitionsTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = CreatePartitionsTopic;
      f("name", &S::name, always());
      f("count", &S::count, always());
      f("assignments", &S::assignments, always().nullable());
    }
  };

  std::vector<CreatePartitionsTopic> topics;
  int32_t timeout_ms = 0;
  bool validate_only = false;
  bool operator==(const CreatePartitionsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = CreatePartitionsRequest;
    f("topics", &S::topics, always());
    f("timeout_ms", &S::timeout_ms, always());
    f("validate_only", &S::validate_only, always());
  }
};

struct CreatePartitionsResponse {
  static constexpr std::string_view message_name = "CreatePartitionsResponse";
  static constexpr ApiKey api_key = ApiKey::create_partitions;
  static constexpr VersionRange versions{0, 3};
  static constexpr int16_t flexible_from = 2;

  struct CreatePartitionsTopicResult {
    std::string name;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    bool operator==(const CreatePartitionsTopicResult&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = CreatePartitionsTopicResult;
      f("name", &S::name, always());
      f("error_code", &S::error_code, always());
      f("error_message", &S::error_message, always().nullable());
    }
  };

  int32_t throttle_time_ms = 0;
  Elements<CreatePartitionsTopicResult> results;
  bool operator==(const CreatePartitionsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = CreatePartitionsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("results", &S::results, always());
  }
};

}  // namespace bobbin::protocol
