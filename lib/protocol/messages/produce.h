// Produce: batches to append, one for each partition.
//   5 log start offset | 8 which records were bad | 9 flexible | 10 the leader in the answer | 12 adds partitions to
//   transactions | 13 topic ids
// Versions 0 to 2 are advertised and not served: old librdkafka asks for version 0 before it compresses.
// A Produce with acks 0 has no answer at all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct ProduceRequest {
  static constexpr std::string_view message_name = "ProduceRequest";
  static constexpr ApiKey api_key = ApiKey::produce;
  static constexpr VersionRange versions{3, 13};
  static constexpr int16_t flexible_from = 9;
  static constexpr int16_t last_with_names = 12;  // later ones name topics by their ids

  struct PartitionProduceData {
    int32_t index = 0;
    std::optional<Bytes> records = Bytes{};  // a view: of the frame when decoded, of the caller's bytes when encoded
    bool operator==(const PartitionProduceData&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = PartitionProduceData;
      f("index", &S::index, always());
      f("records", &S::records, always().nullable());
    }
  };

  struct TopicProduceData {
    std::string name;
    Uuid topic_id;
    std::vector<PartitionProduceData> partition_data;
    bool operator==(const TopicProduceData&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = TopicProduceData;
      f("name", &S::name, between(3, 12).ignorable());
      f("topic_id", &S::topic_id, since(13).ignorable());
      f("partition_data", &S::partition_data, always());
    }
  };

  std::optional<std::string> transactional_id;
  int16_t acks = 0;  // 0 none, 1 the leader, -1 all in sync
  int32_t timeout_ms = 0;
  std::vector<TopicProduceData> topic_data;
  bool operator==(const ProduceRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ProduceRequest;
    f("transactional_id", &S::transactional_id, always().nullable());
    f("acks", &S::acks, always());
    f("timeout_ms", &S::timeout_ms, always());
    f("topic_data", &S::topic_data, always());
  }
};

struct ProduceResponse {
  static constexpr std::string_view message_name = "ProduceResponse";
  static constexpr ApiKey api_key = ApiKey::produce;
  static constexpr VersionRange versions{3, 13};
  static constexpr int16_t flexible_from = 9;

  struct BatchIndexAndErrorMessage {
    int32_t batch_index = 0;  // of the record in its batch
    std::optional<std::string> batch_index_error_message;
    bool operator==(const BatchIndexAndErrorMessage&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = BatchIndexAndErrorMessage;
      f("batch_index", &S::batch_index, since(8));
      f("batch_index_error_message", &S::batch_index_error_message, since(8).nullable());
    }
  };

  struct LeaderIdAndEpoch {
    int32_t leader_id = -1;
    int32_t leader_epoch = -1;
    bool operator==(const LeaderIdAndEpoch&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = LeaderIdAndEpoch;
      f("leader_id", &S::leader_id, since(10));
      f("leader_epoch", &S::leader_epoch, since(10));
    }
  };

  struct PartitionProduceResponse {
    int32_t index = 0;
    int16_t error_code = 0;
    int64_t base_offset = 0;          // -1 with an error
    int64_t log_append_time_ms = -1;  // -1: the topic keeps its producers' times
    int64_t log_start_offset = -1;    // -1: unknown
    std::vector<BatchIndexAndErrorMessage> record_errors;
    std::optional<std::string> error_message;
    LeaderIdAndEpoch current_leader;
    bool is_damaged = false;  // ours: the error is of what lies on the leader's disk, and does not pass
    bool operator==(const PartitionProduceResponse&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = PartitionProduceResponse;
      f("index", &S::index, always());
      f("error_code", &S::error_code, always());
      f("base_offset", &S::base_offset, always());
      f("log_append_time_ms", &S::log_append_time_ms, always());
      f("log_start_offset", &S::log_start_offset, since(5).ignorable());
      f("record_errors", &S::record_errors, since(8).ignorable());
      f("error_message", &S::error_message, since(8).nullable().ignorable());
      f("current_leader", &S::current_leader, since(10).tag(0));
      f("is_damaged", &S::is_damaged, since(9).ignorable().tag(private_tag));
    }
  };

  struct TopicProduceResponse {
    std::string name;
    Uuid topic_id;
    std::vector<PartitionProduceResponse> partition_responses;
    bool operator==(const TopicProduceResponse&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = TopicProduceResponse;
      f("name", &S::name, between(3, 12).ignorable());
      f("topic_id", &S::topic_id, since(13).ignorable());
      f("partition_responses", &S::partition_responses, always());
    }
  };

  struct NodeEndpoint {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    bool operator==(const NodeEndpoint&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = NodeEndpoint;
      f("node_id", &S::node_id, since(10));
      f("host", &S::host, since(10));
      f("port", &S::port, since(10));
      f("rack", &S::rack, since(10).nullable());
    }
  };

  std::vector<TopicProduceResponse> responses;
  int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints;
  bool operator==(const ProduceResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ProduceResponse;
    f("responses", &S::responses, always());
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("node_endpoints", &S::node_endpoints, since(10).tag(0));
  }
};

}  // namespace bobbin::protocol
