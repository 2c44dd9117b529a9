// Fetch: records from an offset on; also how followers replicate.
//   5 log start offset | 7 sessions | 9 fencing by leader epoch | 11 racks | 12 flexible; diverging epochs, the leader
//   in the answer | 13 topic ids, reading in place (ours) | 15 the replica in a tag | 16 where leaders are | 17 directories | 18 high watermark
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct FetchRequest {
  static constexpr std::string_view message_name = "FetchRequest";
  static constexpr ApiKey api_key = ApiKey::fetch;
  static constexpr VersionRange versions{4, 18};
  static constexpr int16_t flexible_from = 12;
  static constexpr int16_t last_with_names = 12;  // later ones name topics by their ids

  struct FetchPartition {
    int32_t partition = 0;
    int32_t current_leader_epoch = -1;  // -1: no fencing
    int64_t fetch_offset = 0;
    int32_t last_fetched_epoch = -1;  // -1: none
    int64_t log_start_offset = -1;    // of a follower; -1: a consumer
    int32_t partition_max_bytes = 0;  // the first batch may exceed it
    Uuid replica_directory_id;
    int64_t high_watermark = INT64_MAX;  // that the follower knows
    bool read_in_place = false;          // ours: a place in the leader's files will do instead of records
    int64_t kept_start = -1;             // ours: of a follower's log start, what outlives it; -1: all of it
    bool operator==(const FetchPartition&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = FetchPartition;
      f("partition", &S::partition, always());
      f("current_leader_epoch", &S::current_leader_epoch, since(9).ignorable());
      f("fetch_offset", &S::fetch_offset, always());
      f("last_fetched_epoch", &S::last_fetched_epoch, since(12));
      f("log_start_offset", &S::log_start_offset, since(5).ignorable());
      f("partition_max_bytes", &S::partition_max_bytes, always());
      f("replica_directory_id", &S::replica_directory_id, since(17).ignorable().tag(0));
      f("high_watermark", &S::high_watermark, since(18).ignorable().tag(1));
      f("read_in_place", &S::read_in_place, since(13).ignorable().tag(private_tag));
      f("kept_start", &S::kept_start, since(13).ignorable().tag(private_tag + 1));
    }
  };

  struct FetchTopic {
    std::string topic;
    Uuid topic_id;
    std::vector<FetchPartition> partitions;
    bool operator==(const FetchTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = FetchTopic;
      f("topic", &S::topic, between(4, 12).ignorable());
      f("topic_id", &S::topic_id, since(13).ignorable());
      f("partitions", &S::partitions, always());
    }
  };

  struct ForgottenTopic {
    std::string topic;
    Uuid topic_id;
    std::vector<int32_t> partitions;
    bool operator==(const ForgottenTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ForgottenTopic;
      f("topic", &S::topic, between(7, 12).ignorable());
      f("topic_id", &S::topic_id, since(13).ignorable());
      f("partitions", &S::partitions, since(7));
    }
  };

  struct ReplicaState {
    int32_t replica_id = -1;  // -1: a consumer
    int64_t replica_epoch = -1;
    bool operator==(const ReplicaState&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ReplicaState;
      f("replica_id", &S::replica_id, since(15));
      f("replica_epoch", &S::replica_epoch, since(15));
    }
  };

  int32_t replica_id = -1;  // -1: a consumer
  int32_t max_wait_ms = 0;
  int32_t min_bytes = 0;
  int32_t max_bytes = INT32_MAX;   // the first batch may exceed it
  int8_t isolation_level = 0;      // 0 read uncommitted, 1 read committed
  int32_t session_id = 0;          // 0: none
  int32_t session_epoch = -1;      // -1: no session wanted
  std::vector<FetchTopic> topics;  // in the order of service
  std::vector<ForgottenTopic> forgotten_topics_data;
  std::string rack_id;
  std::optional<std::string> cluster_id;
  ReplicaState replica_state;  // who fetches, from version 15 on
  bool busy = false;           // ours: the client does not sleep while it waits, and asks its broker to do the same
  bool operator==(const FetchRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = FetchRequest;
    f("replica_id", &S::replica_id, between(4, 14));
    f("max_wait_ms", &S::max_wait_ms, always());
    f("min_bytes", &S::min_bytes, always());
    f("max_bytes", &S::max_bytes, always());
    f("isolation_level", &S::isolation_level, always());
    f("session_id", &S::session_id, since(7).ignorable());
    f("session_epoch", &S::session_epoch, since(7).ignorable());
    f("topics", &S::topics, always());
    f("forgotten_topics_data", &S::forgotten_topics_data, since(7));
    f("rack_id", &S::rack_id, since(11).ignorable());
    f("cluster_id", &S::cluster_id, since(12).nullable().ignorable().tag(0));
    f("replica_state", &S::replica_state, since(15).tag(1));
    f("busy", &S::busy, since(13).ignorable().tag(private_tag));
  }
};

struct FetchResponse {
  static constexpr std::string_view message_name = "FetchResponse";
  static constexpr ApiKey api_key = ApiKey::fetch;
  static constexpr VersionRange versions{4, 18};
  static constexpr int16_t flexible_from = 12;

  struct AbortedTransaction {
    int64_t producer_id = 0;
    int64_t first_offset = 0;
    bool operator==(const AbortedTransaction&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = AbortedTransaction;
      f("producer_id", &S::producer_id, always());
      f("first_offset", &S::first_offset, always());
    }
  };

  struct EpochEndOffset {
    int32_t epoch = -1;
    int64_t end_offset = -1;
    bool operator==(const EpochEndOffset&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = EpochEndOffset;
      f("epoch", &S::epoch, since(12));
      f("end_offset", &S::end_offset, since(12));
    }
  };

  struct LeaderIdAndEpoch {
    int32_t leader_id = -1;
    int32_t leader_epoch = -1;
    bool operator==(const LeaderIdAndEpoch&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = LeaderIdAndEpoch;
      f("leader_id", &S::leader_id, since(12));
      f("leader_epoch", &S::leader_epoch, since(12));
    }
  };

  struct SnapshotId {
    int64_t end_offset = -1;
    int32_t epoch = -1;
    bool operator==(const SnapshotId&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = SnapshotId;
      f("end_offset", &S::end_offset, always());
      f("epoch", &S::epoch, always());
    }
  };

  // Ours, instead of records: whole batches that lie in the leader's segment file, at these bytes.
  struct Place {
    int64_t segment = -1;     // the offset that its files are named by; -1: no place
    int64_t position = 0;     // where the batch with the asked offset begins
    int64_t end = 0;          // one past the last byte that may be read; below the high watermark no file gets shorter
    int64_t next_offset = 0;  // behind the last of these batches
    int64_t capacity = 0;     // no segment of this log becomes longer; how much to map
    bool operator==(const Place&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = Place;
      f("segment", &S::segment, since(13));
      f("position", &S::position, since(13));
      f("end", &S::end, since(13));
      f("next_offset", &S::next_offset, since(13));
      f("capacity", &S::capacity, since(13));
    }
  };

  // Ours: where this partition goes on behind what this answer gives, and the slot of the leader's region (metadata/
  // region.h) that shows how far, so that a client of this machine need not ask for it. The descriptor of the region comes
  // with the first of these on a connection.
  struct Tail {
    int64_t slot = -1;  // -1: none
    int64_t generation = 0;
    int64_t segment = -1;  // as in Place
    int64_t position = 0;
    int64_t offset = 0;  // of the batch that will begin there
    int64_t capacity = 0;
    bool operator==(const Tail&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = Tail;
      f("slot", &S::slot, since(13));
      f("generation", &S::generation, since(13));
      f("segment", &S::segment, since(13));
      f("position", &S::position, since(13));
      f("offset", &S::offset, since(13));
      f("capacity", &S::capacity, since(13));
    }
  };

  struct PartitionData {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    int64_t high_watermark = 0;  // -1 with offset_out_of_range
    int64_t last_stable_offset = -1;
    int64_t log_start_offset = -1;
    std::optional<std::vector<AbortedTransaction>> aborted_transactions;  // null for read uncommitted
    int32_t preferred_read_replica = -1;                                  // -1: the leader
    std::optional<Bytes> records = Bytes{};  // a view, as in ProduceRequest. Send none as empty, not as null
    EpochEndOffset diverging_epoch;          // where the logs part; its end_offset is -1 where they do not
    LeaderIdAndEpoch current_leader;
    SnapshotId snapshot_id;
    Place place;
    Tail tail;
    std::optional<std::string> damage;  // ours, with corrupt_message: the file, and what is wrong with it
    int32_t place_epoch = -1;           // ours, for followers: of the batch that begins at the place
    bool operator==(const PartitionData&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = PartitionData;
      f("partition_index", &S::partition_index, always());
      f("error_code", &S::error_code, always());
      f("high_watermark", &S::high_watermark, always());
      f("last_stable_offset", &S::last_stable_offset, always());
      f("log_start_offset", &S::log_start_offset, since(5).ignorable());
      f("aborted_transactions", &S::aborted_transactions, always().nullable());
      f("preferred_read_replica", &S::preferred_read_replica, since(11));
      f("records", &S::records, always().nullable());
      f("diverging_epoch", &S::diverging_epoch, since(12).tag(0));
      f("current_leader", &S::current_leader, since(12).tag(1));
      f("snapshot_id", &S::snapshot_id, since(12).tag(2));
      f("place", &S::place, since(13).ignorable().tag(private_tag));
      f("tail", &S::tail, since(13).ignorable().tag(private_tag + 1));
      f("damage", &S::damage, since(12).nullable().ignorable().tag(private_tag + 2));
      f("place_epoch", &S::place_epoch, since(13).ignorable().tag(private_tag + 3));
    }
  };

  struct FetchableTopicResponse {
    std::string topic;
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    bool operator==(const FetchableTopicResponse&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = FetchableTopicResponse;
      f("topic", &S::topic, between(4, 12).ignorable());
      f("topic_id", &S::topic_id, since(13).ignorable());
      f("partitions", &S::partitions, always());
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
      f("node_id", &S::node_id, since(16));
      f("host", &S::host, since(16));
      f("port", &S::port, since(16));
      f("rack", &S::rack, since(16).nullable());
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int32_t session_id = 0;  // 0: no session
  std::vector<FetchableTopicResponse> responses;
  std::vector<NodeEndpoint> node_endpoints;
  bool operator==(const FetchResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = FetchResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("error_code", &S::error_code, since(7).ignorable());
    f("session_id", &S::session_id, since(7));
    f("responses", &S::responses, always());
    f("node_endpoints", &S::node_endpoints, since(16).tag(0));
  }
};

}  // namespace bobbin::protocol
