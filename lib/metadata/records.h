// Metadata records: what the metadata log is made of (metadata_log.h). They are Kafka's own, so that its tools read our
// log; what each does to the cluster, image.h says. One record of the log is
//
//   unsigned varint frame version (1), unsigned varint record type, unsigned varint record version, the message
//
// in the flexible form, and its key is null. Written in the newest version that Kafka 4.3.1 knows; older ones are read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::metadata {

using protocol::always;
using protocol::since;
using protocol::VersionRange;

// A broker began a life.
struct RegisterBrokerRecord {
  static constexpr std::string_view message_name = "RegisterBrokerRecord";
  static constexpr uint32_t record_type = 0;
  static constexpr VersionRange versions{0, 4};
  static constexpr int16_t flexible_from = 0;

  struct BrokerEndpoint {
    std::string name;  // of the listener
    std::string host;
    uint16_t port = 0;
    int16_t security_protocol = 0;  // 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL
    bool operator==(const BrokerEndpoint&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = BrokerEndpoint;
      f("name", &S::name, always());
      f("host", &S::host, always());
      f("port", &S::port, always());
      f("security_protocol", &S::security_protocol, always());
    }
  };

  struct BrokerFeature {
    std::string name;
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;
    bool operator==(const BrokerFeature&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = BrokerFeature;
      f("name", &S::name, always());
      f("min_supported_version", &S::min_supported_version, always());
      f("max_supported_version", &S::max_supported_version, always());
    }
  };

  int32_t broker_id = 0;
  bool is_migrating_zk_broker = false;
  Uuid incarnation_id;       // one life of the process
  int64_t broker_epoch = 0;  // the offset of this record
  std::vector<BrokerEndpoint> end_points;
  std::vector<BrokerFeature> features;
  std::optional<std::string> rack;
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::vector<Uuid> log_dirs;
  std::optional<std::vector<Uuid>> cordoned_log_dirs;  // null: not told
  bool operator==(const RegisterBrokerRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = RegisterBrokerRecord;
    f("broker_id", &S::broker_id, always());
    f("is_migrating_zk_broker", &S::is_migrating_zk_broker, since(2));
    f("incarnation_id", &S::incarnation_id, always());
    f("broker_epoch", &S::broker_epoch, always());
    f("end_points", &S::end_points, always());
    f("features", &S::features, always());
    f("rack", &S::rack, always().nullable());
    f("fenced", &S::fenced, always());
    f("in_controlled_shutdown", &S::in_controlled_shutdown, since(1));
    f("log_dirs", &S::log_dirs, since(3).tag(0));
    f("cordoned_log_dirs", &S::cordoned_log_dirs, since(4).nullable().tag(1));
  }
};

// A broker is not part of the cluster any more.
struct UnregisterBrokerRecord {
  static constexpr std::string_view message_name = "UnregisterBrokerRecord";
  static constexpr uint32_t record_type = 1;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  int32_t broker_id = 0;
  int64_t broker_epoch = 0;
  bool operator==(const UnregisterBrokerRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = UnregisterBrokerRecord;
    f("broker_id", &S::broker_id, always());
    f("broker_epoch", &S::broker_epoch, always());
  }
};

// A topic was created; its partitions follow.
struct TopicRecord {
  static constexpr std::string_view message_name = "TopicRecord";
  static constexpr uint32_t record_type = 2;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  std::string name;
  Uuid topic_id;
  bool operator==(const TopicRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = TopicRecord;
    f("name", &S::name, always());
    f("topic_id", &S::topic_id, always());
  }
};

// A partition was created, or as a whole in a snapshot.
struct PartitionRecord {
  static constexpr std::string_view message_name = "PartitionRecord";
  static constexpr uint32_t record_type = 3;
  static constexpr VersionRange versions{0, 2};
  static constexpr int16_t flexible_from = 0;

  int32_t partition_id = -1;
  Uuid topic_id;
  std::vector<int32_t> replicas;
  std::vector<int32_t> isr;
  std::vector<int32_t> removing_replicas;
  std::vector<int32_t> adding_replicas;
  int32_t leader = -1;  // -1: none
  int32_t leader_epoch = -1;
  int32_t partition_epoch = -1;
  std::vector<Uuid> directories;     // of each replica
  int8_t leader_recovery_state = 0;  // 0 recovered, 1 recovering from an unclean election
  std::optional<std::vector<int32_t>> eligible_leader_replicas;
  std::optional<std::vector<int32_t>> last_known_elr;
  bool operator==(const PartitionRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = PartitionRecord;
    f("partition_id", &S::partition_id, always());
    f("topic_id", &S::topic_id, always());
    f("replicas", &S::replicas, always());
    f("isr", &S::isr, always());
    f("removing_replicas", &S::removing_replicas, always());
    f("adding_replicas", &S::adding_replicas, always());
    f("leader", &S::leader, always());
    f("leader_epoch", &S::leader_epoch, always());
    f("partition_epoch", &S::partition_epoch, always());
    f("directories", &S::directories, since(1));
    f("leader_recovery_state", &S::leader_recovery_state, always().tag(0));
    f("eligible_leader_replicas", &S::eligible_leader_replicas, since(2).nullable().tag(1));
    f("last_known_elr", &S::last_known_elr, since(2).nullable().tag(2));
  }
};

// A config was set or removed.
struct ConfigRecord {
  static constexpr std::string_view message_name = "ConfigRecord";
  static constexpr uint32_t record_type = 4;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  int8_t resource_type = 0;  // 2 topic, 4 broker
  std::string resource_name;
  std::string name;
  std::optional<std::string> value;  // null: removed
  bool operator==(const ConfigRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ConfigRecord;
    f("resource_type", &S::resource_type, always());
    f("resource_name", &S::resource_name, always());
    f("name", &S::name, always());
    f("value", &S::value, always().nullable());
  }
};

inline constexpr int32_t leader_unchanged = -2;

// What changed of a partition; its partition epoch grows by one, and its leader epoch if it has a new leader.
struct PartitionChangeRecord {
  static constexpr std::string_view message_name = "PartitionChangeRecord";
  static constexpr uint32_t record_type = 5;
  static constexpr VersionRange versions{0, 2};
  static constexpr int16_t flexible_from = 0;

  int32_t partition_id = -1;
  Uuid topic_id;
  std::optional<std::vector<int32_t>> isr;  // null: unchanged, as below
  int32_t leader = leader_unchanged;        // -1: none
  std::optional<std::vector<int32_t>> replicas;
  std::optional<std::vector<int32_t>> removing_replicas;
  std::optional<std::vector<int32_t>> adding_replicas;
  int8_t leader_recovery_state = -1;  // -1: unchanged
  std::optional<std::vector<int32_t>> eligible_leader_replicas;
  std::optional<std::vector<int32_t>> last_known_elr;
  std::optional<std::vector<Uuid>> directories;
  bool operator==(const PartitionChangeRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = PartitionChangeRecord;
    f("partition_id", &S::partition_id, always());
    f("topic_id", &S::topic_id, always());
    f("isr", &S::isr, always().nullable().tag(0));
    f("leader", &S::leader, always().tag(1));
    f("replicas", &S::replicas, always().nullable().tag(2));
    f("removing_replicas", &S::removing_replicas, always().nullable().tag(3));
    f("adding_replicas", &S::adding_replicas, always().nullable().tag(4));
    f("leader_recovery_state", &S::leader_recovery_state, always().tag(5));
    f("eligible_leader_replicas", &S::eligible_leader_replicas, since(2).nullable().tag(6));
    f("last_known_elr", &S::last_known_elr, since(2).nullable().tag(7));
    f("directories", &S::directories, since(1).nullable().tag(8));
  }
};

// A broker is thought dead.
struct FenceBrokerRecord {
  static constexpr std::string_view message_name = "FenceBrokerRecord";
  static constexpr uint32_t record_type = 7;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  int32_t id = 0;
  int64_t epoch = 0;
  bool operator==(const FenceBrokerRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = FenceBrokerRecord;
    f("id", &S::id, always());
    f("epoch", &S::epoch, always());
  }
};

// A broker is thought alive again.
struct UnfenceBrokerRecord {
  static constexpr std::string_view message_name = "UnfenceBrokerRecord";
  static constexpr uint32_t record_type = 8;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  int32_t id = 0;
  int64_t epoch = 0;
  bool operator==(const UnfenceBrokerRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = UnfenceBrokerRecord;
    f("id", &S::id, always());
    f("epoch", &S::epoch, always());
  }
};

// A topic was deleted.
struct RemoveTopicRecord {
  static constexpr std::string_view message_name = "RemoveTopicRecord";
  static constexpr uint32_t record_type = 9;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  Uuid topic_id;
  bool operator==(const RemoveTopicRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = RemoveTopicRecord;
    f("topic_id", &S::topic_id, always());
  }
};

// Which feature level the log is written in.
struct FeatureLevelRecord {
  static constexpr std::string_view message_name = "FeatureLevelRecord";
  static constexpr uint32_t record_type = 12;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  std::string name;
  int16_t feature_level = 0;
  bool operator==(const FeatureLevelRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = FeatureLevelRecord;
    f("name", &S::name, always());
    f("feature_level", &S::feature_level, always());
  }
};

// A block of producer ids was given out.
struct ProducerIdsRecord {
  static constexpr std::string_view message_name = "ProducerIdsRecord";
  static constexpr uint32_t record_type = 15;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  int64_t next_producer_id = 0;  // no id from here on was ever given out
  bool operator==(const ProducerIdsRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ProducerIdsRecord;
    f("broker_id", &S::broker_id, always());
    f("broker_epoch", &S::broker_epoch, always());
    f("next_producer_id", &S::next_producer_id, always());
  }
};

// What changed of a registered broker.
struct BrokerRegistrationChangeRecord {
  static constexpr std::string_view message_name = "BrokerRegistrationChangeRecord";
  static constexpr uint32_t record_type = 17;
  static constexpr VersionRange versions{0, 3};
  static constexpr int16_t flexible_from = 0;

  int32_t broker_id = 0;
  int64_t broker_epoch = 0;
  int8_t fenced = 0;                                   // 1 fenced, -1 unfenced, 0 unchanged
  int8_t in_controlled_shutdown = 0;                   // 1 yes, 0 unchanged
  std::vector<Uuid> log_dirs;                          // empty: unchanged
  std::optional<std::vector<Uuid>> cordoned_log_dirs;  // null: unchanged
  bool operator==(const BrokerRegistrationChangeRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = BrokerRegistrationChangeRecord;
    f("broker_id", &S::broker_id, always());
    f("broker_epoch", &S::broker_epoch, always());
    f("fenced", &S::fenced, always().tag(0));
    f("in_controlled_shutdown", &S::in_controlled_shutdown, since(1).tag(1));
    f("log_dirs", &S::log_dirs, since(2).tag(2));
    f("cordoned_log_dirs", &S::cordoned_log_dirs, since(3).nullable().tag(3));
  }
};

// Nothing: proves that the log can be written.
struct NoOpRecord {
  static constexpr std::string_view message_name = "NoOpRecord";
  static constexpr uint32_t record_type = 20;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  bool operator==(const NoOpRecord&) const = default;

  template <class F>
  static constexpr void fields(F&&) {}
};

// The first of records that count only together with an EndTransactionRecord.
struct BeginTransactionRecord {
  static constexpr std::string_view message_name = "BeginTransactionRecord";
  static constexpr uint32_t record_type = 23;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  std::optional<std::string> name;
  bool operator==(const BeginTransactionRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = BeginTransactionRecord;
    f("name", &S::name, always().nullable().tag(0));
  }
};

// The last of them: they all count.
struct EndTransactionRecord {
  static constexpr std::string_view message_name = "EndTransactionRecord";
  static constexpr uint32_t record_type = 24;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  bool operator==(const EndTransactionRecord&) const = default;

  template <class F>
  static constexpr void fields(F&&) {}
};

// The value of the control record that opens a snapshot file (control type 3).
struct SnapshotHeaderRecord {
  static constexpr std::string_view message_name = "SnapshotHeaderRecord";
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  int16_t version = 0;
  int64_t last_contained_log_timestamp = 0;
  bool operator==(const SnapshotHeaderRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = SnapshotHeaderRecord;
    f("version", &S::version, always());
    f("last_contained_log_timestamp", &S::last_contained_log_timestamp, always());
  }
};

// ... and of the one that closes it (control type 4).
struct SnapshotFooterRecord {
  static constexpr std::string_view message_name = "SnapshotFooterRecord";
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  int16_t version = 0;
  bool operator==(const SnapshotFooterRecord&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = SnapshotFooterRecord;
    f("version", &S::version, always());
  }
};
using AnyRecord = std::variant<RegisterBrokerRecord, UnregisterBrokerRecord, TopicRecord, PartitionRecord, ConfigRecord,
                               PartitionChangeRecord, FenceBrokerRecord, UnfenceBrokerRecord, RemoveTopicRecord,
                               FeatureLevelRecord, ProducerIdsRecord, BrokerRegistrationChangeRecord, NoOpRecord,
                               BeginTransactionRecord, EndTransactionRecord>;

// The value of a record of the log.
std::string encode_record(const AnyRecord& record);

// Back again. Errc::malformed: cut short, or something follows the message. Errc::unsupported_version: a frame version,
// record type or record version that this program does not know; skipping it would make another cluster of the log.
Result<AnyRecord> decode_record(Bytes value);

// "PartitionChangeRecord".
std::string_view record_name(const AnyRecord& record);

// Values of the control records around a snapshot.
std::string encode_control_value(const SnapshotHeaderRecord& header);
std::string encode_control_value(const SnapshotFooterRecord& footer);
Result<SnapshotHeaderRecord> decode_snapshot_header(Bytes value);
Result<SnapshotFooterRecord> decode_snapshot_footer(Bytes value);

}  // namespace bobbin::metadata
