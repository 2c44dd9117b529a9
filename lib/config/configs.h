// Settings: one table of every name that topics and brokers know, with Kafka's names, types and defaults where Kafka
// has them. What is in the table has an effect; Kafka's other names are known and refused with a sentence.
//
// Values are kept as text in Kafka's form: sizes and durations are plain numbers. "64MiB" and "7d" are accepted and
// become that number.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "config/config_table.h"

namespace bobbin::config {

const ConfigKey* find_config(ConfigScope scope, std::string_view name);  // nullptr: unknown or without effect

// Whether an earlier version took it, though it is not taken any more: it would lock people out. It may stand where it stands.
bool is_outlived_config(ConfigScope scope, std::string_view name, std::string_view value);

// The value as it is stored. Errc::invalid_config with a sentence: an unknown name (and the nearest known one), one of
// Kafka's names that has no effect here, or a value out of range (and the range).
Result<std::string> checked_config(ConfigScope scope, std::string_view name, std::string_view value);

using ConfigMap = std::map<std::string, std::string, std::less<>>;

// The layers that a value is looked up in, strongest first; null ones are skipped. The maps must outlive it.
struct ConfigLayers {
  const ConfigMap* topic = nullptr;            // this topic's own
  const ConfigMap* dynamic_broker = nullptr;   // one broker's, kept in the metadata
  const ConfigMap* dynamic_default = nullptr;  // all brokers', kept in the metadata
  const ConfigMap* static_file = nullptr;      // bobbin.toml and --set
};

struct ConfigValue {
  std::string_view name;  // of the key that holds it: the topic's or a broker's synonym
  std::string value;      // in the asked key's unit (log.retention.hours=1 is retention.ms=3600000)
  ConfigSource source = ConfigSource::built_in;
};

// The value that counts.
ConfigValue effective(const ConfigKey& key, const ConfigLayers& layers);
// Every value that is set for it, the one that counts first, the built-in one last (Kafka's "synonyms"). A stored number that
// cannot be, as another program or an earlier version may have written it, is not among them.
std::vector<ConfigValue> effective_chain(const ConfigKey& key, const ConfigLayers& layers);

enum class FlushPolicy : int8_t { ack, os };

// What the settings of a topic mean to the one who keeps its logs; numbers as in Kafka.
struct TopicSettings {
  bool delete_policy = true;
  bool compact_policy = false;
  std::string compression_type = "producer";
  FlushPolicy flush_policy = FlushPolicy::ack;
  int64_t file_delete_delay_ms = 0;
  int32_t index_interval_bytes = 0;
  int32_t max_message_bytes = 0;
  bool log_append_time = false;
  int64_t timestamp_before_max_ms = 0;
  int64_t timestamp_after_max_ms = 0;
  int32_t min_insync_replicas = 1;
  std::string leader_throttled, follower_throttled;  // see names_replica()
  int64_t retention_bytes = -1;                      // -1: no limit
  int64_t retention_ms = -1;                         // -1: no limit
  int32_t segment_bytes = 0;
  int32_t segment_index_bytes = 0;
  int64_t segment_jitter_ms = 0;
  int64_t segment_ms = 0;
  bool operator==(const TopicSettings&) const = default;
};
TopicSettings topic_settings(const ConfigLayers& layers);
// Of Kafka's "PARTITION:BROKER,..." or "*", what the replicas of throttles are named by.
bool names_replica(std::string_view list, PartitionId partition, BrokerId broker);

// What a broker's own settings mean.
struct BrokerSettings {
  int32_t num_partitions = 1;
  int16_t default_replication_factor = 1;
  bool auto_create_topics = true;
  int64_t retention_check_interval_ms = 0;
  int32_t socket_request_max_bytes = 0;
  int64_t connections_max_idle_ms = 0;
  int32_t connections_max = 0;
  int32_t connections_per_ip_max = 0;
  int32_t connections_a_second_max = 0;
  int64_t queued_request_bytes_max = 0;  // below 0: no limit
  int64_t producer_id_expiration_ms = 0;
  int64_t idle_exit_ms = 0;  // 0 or below: never
  int64_t session_timeout_ms = 6000;
  int64_t replica_lag_ms_max = 30'000;
  int64_t leader_throttle = INT64_MAX, follower_throttle = INT64_MAX;  // bytes a second
  bool leader_rebalance = true;
  int64_t leader_check_interval_ms = 300'000;
  int32_t leader_imbalance_percent_max = 10;
  int32_t group_session_ms_min = 6000, group_session_ms_max = 1'800'000;
  int32_t group_size_max = INT32_MAX;
  int64_t groups_memory_max = int64_t{256} << 20;
  int32_t group_initial_delay_ms = 3000;
  bool is_group_initial_delay_set = false;  // by somebody
  int32_t offset_metadata_max = 4096;
  int64_t offsets_retention_ms = 7LL * 24 * 3600 * 1000;
  int64_t offsets_check_interval_ms = 600'000;
  int32_t offsets_topic_partitions = 50;
  int32_t offsets_topic_replicas = 3;
  int32_t offsets_topic_segment_bytes = 16'777'216;
  std::string listeners;         // "PLAINTEXT://127.0.0.1:9092" of broker 1, or empty
  bool insecure_listen = false;  // the listener may be one that other machines reach
  bool core_dumps = false;
  bool operator==(const BrokerSettings&) const = default;
};
BrokerSettings broker_settings(const ConfigLayers& layers);

// "PLAINTEXT://[::1]:9092", also without the name: a listener in its parts. Errc::invalid_config: what is wrong with it. An
// empty host, "*" and "::" are every interface.
struct ListenerParts {
  std::string name = "PLAINTEXT";
  std::string host;  // without brackets
  uint16_t port = 0;
  std::string text() const;
  std::string address() const;  // without the name
  bool operator==(const ListenerParts&) const = default;
};
Result<ListenerParts> parse_listener(std::string_view text);
// "PLAINTEXT://127.0.0.1:9092" is where broker 1 listens; broker k does k-1 ports higher. Port 0 stays: any free one.
// What parses as no listener stays as it is.
std::string listener_of(std::string_view first, BrokerId id);

}  // namespace bobbin::config
