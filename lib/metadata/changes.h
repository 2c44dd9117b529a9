// What can be changed in the metadata, as pure functions: the image before, and the records that make it so, or Kafka's
// error and a sentence. To be wrapped in a Change (transactions.h), which runs them on the image under the lock.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metadata/image.h"
#include "metadata/placement.h"

namespace bobbin::metadata {

using Records = std::vector<AnyRecord>;

struct NewTopic {
  std::string name;
  TopicId id;                           // a new random one
  int32_t partitions = -1;              // -1: num.partitions
  int16_t replication_factor = -1;      // -1: default.replication.factor
  std::vector<Assignment> assignments;  // or these: then both numbers are -1
  std::vector<std::pair<std::string, std::optional<std::string>>> configs;
  bool is_brokers_own = false;  // its name may be a reserved one
};

// topic_already_exists, invalid_topic_exception (name, reserved name, collision), invalid_partitions, invalid_replication_factor,
// invalid_replica_assignment, invalid_config, invalid_request.
Result<Records> create_topic(const Image&, const NewTopic&, const Placement&, const config::BrokerSettings& defaults);

// unknown_topic_or_partition, unknown_topic_id.
Result<Records> delete_topic(const Image&, std::string_view name);
Result<Records> delete_topic(const Image&, const TopicId& id);

// Makes it `count` partitions in all. unknown_topic_or_partition, invalid_partitions (not more than there are),
// invalid_replica_assignment (also: another number of replicas than the topic's), invalid_replication_factor. `assignments`:
// replicas of each added partition in order, or none.
Result<Records> create_partitions(const Image&, std::string_view name, int32_t count,
                                  const std::vector<std::vector<BrokerId>>& assignments, const Placement&);

enum class ConfigOp : int8_t { set = 0, remove = 1, append = 2, subtract = 3 };  // Kafka's numbers
struct ConfigChange {
  std::string name;
  ConfigOp op = ConfigOp::set;
  std::optional<std::string> value;
};
// Kafka's IncrementalAlterConfigs. unknown_topic_or_partition, broker_id_not_registered, invalid_config,
// invalid_request (a key named twice, no value). Removing an unknown key is fine.
Result<Records> alter_configs(const Image&, const ConfigResource&, const std::vector<ConfigChange>&);

}  // namespace bobbin::metadata
