// Metadata: the brokers, the topics, and who leads each partition.
//   1 all topics by null, the controller, racks, internal topics | 2 cluster id | 3 throttle time
//   4 whether to create what is missing | 5 offline replicas | 7 leader epochs | 8 authorized operations | 9 flexible
//   10 topic ids | 11 no cluster operations | 12 asking by topic id | 13 an error for the whole
// In version 0 an empty list of topics means all of them; from 1 on null does, and an empty list means none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct MetadataRequest {
  static constexpr std::string_view message_name = "MetadataRequest";
  static constexpr ApiKey api_key = ApiKey::metadata;
  static constexpr VersionRange versions{0, 13};
  static constexpr int16_t flexible_from = 9;

  struct MetadataRequestTopic {
    Uuid topic_id;  // zero: ask by name
    std::optional<std::string> name;
    bool operator==(const MetadataRequestTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = MetadataRequestTopic;
      f("topic_id", &S::topic_id, since(10).ignorable());
      f("name", &S::name, always().nullable(10));
    }
  };

  std::optional<std::vector<MetadataRequestTopic>> topics;  // null: all; in version 0 an empty list means all, too
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;
  bool operator==(const MetadataRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = MetadataRequest;
    f("topics", &S::topics, always().nullable(1));
    f("allow_auto_topic_creation", &S::allow_auto_topic_creation, since(4));
    f("include_cluster_authorized_operations", &S::include_cluster_authorized_operations, between(8, 10));
    f("include_topic_authorized_operations", &S::include_topic_authorized_operations, since(8));
  }
};

struct MetadataResponse {
  static constexpr std::string_view message_name = "MetadataResponse";
  static constexpr ApiKey api_key = ApiKey::metadata;
  static constexpr VersionRange versions{0, 13};
  static constexpr int16_t flexible_from = 9;

  struct MetadataResponseBroker {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    bool operator==(const MetadataResponseBroker&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = MetadataResponseBroker;
      f("node_id", &S::node_id, always());
      f("host", &S::host, always());
      f("port", &S::port, always());
      f("rack", &S::rack, since(1).nullable().ignorable());
    }
  };

  struct MetadataResponsePartition {
    int16_t error_code = 0;
    int32_t partition_index = 0;
    int32_t leader_id = 0;      // -1: none
    int32_t leader_epoch = -1;  // -1: unknown
    std::vector<int32_t> replica_nodes;
    std::vector<int32_t> isr_nodes;
    std::vector<int32_t> offline_replicas;
    bool operator==(const MetadataResponsePartition&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = MetadataResponsePartition;
      f("error_code", &S::error_code, always());
      f("partition_index", &S::partition_index, always());
      f("leader_id", &S::leader_id, always());
      f("leader_epoch", &S::leader_epoch, since(7).ignorable());
      f("replica_nodes", &S::replica_nodes, always());
      f("isr_nodes", &S::isr_nodes, always());
      f("offline_replicas", &S::offline_replicas, since(5).ignorable());
    }
  };

  struct MetadataResponseTopic {
    int16_t error_code = 0;
    std::optional<std::string> name;  // null: an unknown id was asked for
    Uuid topic_id;
    bool is_internal = false;
    std::vector<MetadataResponsePartition> partitions;
    int32_t topic_authorized_operations = INT32_MIN;  // bits; INT32_MIN: not asked for
    bool operator==(const MetadataResponseTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = MetadataResponseTopic;
      f("error_code", &S::error_code, always());
      f("name", &S::name, always().nullable(12));
      f("topic_id", &S::topic_id, since(10).ignorable());
      f("is_internal", &S::is_internal, since(1).ignorable());
      f("partitions", &S::partitions, always());
      f("topic_authorized_operations", &S::topic_authorized_operations, since(8));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<MetadataResponseBroker> brokers;
  std::optional<std::string> cluster_id;
  int32_t controller_id = -1;  // -1: none
  Elements<MetadataResponseTopic> topics;
  int32_t cluster_authorized_operations = INT32_MIN;  // bits; INT32_MIN: not asked for
  int16_t error_code = 0;
  bool operator==(const MetadataResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = MetadataResponse;
    f("throttle_time_ms", &S::throttle_time_ms, since(3).ignorable());
    f("brokers", &S::brokers, always());
    f("cluster_id", &S::cluster_id, since(2).nullable().ignorable());
    f("controller_id", &S::controller_id, since(1).ignorable());
    f("topics", &S::topics, always());
    f("cluster_authorized_operations", &S::cluster_authorized_operations, between(8, 10));
    f("error_code", &S::error_code, since(13).ignorable());
  }
};

}  // namespace bobbin::protocol
