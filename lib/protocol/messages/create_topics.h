// CreateTopics.
//   4 -1 for the broker's defaults | 5 flexible; the answer tells partitions and configs | 7 the topic's id
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct CreateTopicsRequest {
  static constexpr std::string_view message_name = "CreateTopicsRequest";
  static constexpr ApiKey api_key = ApiKey::create_topics;
  static constexpr VersionRange versions{2, 7};
  static constexpr int16_t flexible_from = 5;

  struct CreatableReplicaAssignment {
    int32_t partition_index = 0;
    std::vector<int32_t> broker_ids;
    bool operator==(const CreatableReplicaAssignment&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = CreatableReplicaAssignment;
      f("partition_index", &S::partition_index, always());
      f("broker_ids", &S::broker_ids, always());
    }
  };

  struct CreatableTopicConfig {
    std::string name;
    std::optional<std::string> value;
    bool operator==(const CreatableTopicConfig&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = CreatableTopicConfig;
      f("name", &S::name, always());
      f("value", &S::value, always().nullable());
    }
  };

  struct CreatableTopic {
    std::string name;
    int32_t num_partitions = 0;      // -1: by assignments, or the broker's default
    int16_t replication_factor = 0;  // -1: likewise
    std::vector<CreatableReplicaAssignment> assignments;
    std::vector<CreatableTopicConfig> configs;
    bool operator==(const CreatableTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = CreatableTopic;
      f("name", &S::name, always());
      f("num_partitions", &S::num_partitions, always());
      f("replication_factor", &S::replication_factor, always());
      f("assignments", &S::assignments, always());
      f("configs", &S::configs, always());
    }
  };

  std::vector<CreatableTopic> topics;
  int32_t timeout_ms = 60000;  // 0: do not wait
  bool validate_only = false;
  bool operator==(const CreateTopicsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = CreateTopicsRequest;
    f("topics", &S::topics, always());
    f("timeout_ms", &S::timeout_ms, always());
    f("validate_only", &S::validate_only, always());
  }
};

struct CreateTopicsResponse {
  static constexpr std::string_view message_name = "CreateTopicsResponse";
  static constexpr ApiKey api_key = ApiKey::create_topics;
  static constexpr VersionRange versions{2, 7};
  static constexpr int16_t flexible_from = 5;

  struct CreatableTopicConfigs {
    std::string name;
    std::optional<std::string> value;
    bool read_only = false;
    int8_t config_source = -1;  // as in DescribeConfigs
    bool is_sensitive = false;
    bool operator==(const CreatableTopicConfigs&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = CreatableTopicConfigs;
      f("name", &S::name, since(5));
      f("value", &S::value, since(5).nullable());
      f("read_only", &S::read_only, since(5));
      f("config_source", &S::config_source, since(5).ignorable());
      f("is_sensitive", &S::is_sensitive, since(5));
    }
  };

  struct CreatableTopicResult {
    std::string name;
    Uuid topic_id;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    int32_t num_partitions = -1;
    int16_t replication_factor = -1;
    std::optional<std::vector<CreatableTopicConfigs>> configs;  // null: not told
    int16_t topic_config_error_code = 0;                        // why configs is null
    bool operator==(const CreatableTopicResult&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = CreatableTopicResult;
      f("name", &S::name, always());
      f("topic_id", &S::topic_id, since(7).ignorable());
      f("error_code", &S::error_code, always());
      f("error_message", &S::error_message, always().nullable());
      f("num_partitions", &S::num_partitions, since(5).ignorable());
      f("replication_factor", &S::replication_factor, since(5).ignorable());
      f("configs", &S::configs, since(5).nullable().ignorable());
      f("topic_config_error_code", &S::topic_config_error_code, since(5).ignorable().tag(0));
    }
  };

  int32_t throttle_time_ms = 0;
  Elements<CreatableTopicResult> topics;
  bool operator==(const CreateTopicsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = CreateTopicsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("topics", &S::topics, always());
  }
};

}  // namespace bobbin::protocol
