// The requests of administration, one function each. All block until answered or nobody answered for the target's
// time-out. A Result that failed says that the question did not get through; what the cluster said of one item is in that
// item's status, Kafka's error turned into a sentence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/topology.h"

namespace bobbin::client {

class Session;

using ConfigPairs = std::vector<std::pair<std::string, std::string>>;

struct NewTopic {
  std::string name;
  int32_t partitions = -1;          // -1: the brokers' num.partitions
  int16_t replication_factor = -1;  // -1: the brokers' default
  ConfigPairs configs;
};
struct CreatedTopic {
  std::string name;
  Status status;  // topic_already_exists, invalid_topic_exception, invalid_config, invalid_replication_factor, ...
  TopicId id;
  int32_t partitions = -1;  // -1: an old cluster does not tell
  int16_t replication_factor = -1;
  ConfigPairs configs;  // all that count for it, where the cluster tells
};
Result<std::vector<CreatedTopic>> create_topics(Session&, const std::vector<NewTopic>& topics,
                                                bool validate_only = false);

// Makes the topic if it is not there and waits until its leaders are known. True: it was made by this call.
Result<bool> ensure_topic(Session&, const NewTopic& topic);

struct Outcome {
  std::string name;
  Status status;
};
Result<std::vector<Outcome>> delete_topics(Session&, const std::vector<std::string>& names);

// `total`: how many there shall be, not how many more.
Status create_partitions(Session&, const std::string& topic, int32_t total, bool validate_only = false);

enum class ResourceType : int8_t { topic = 2, broker = 4 };

struct ConfigEntry {
  std::string name;
  std::optional<std::string> value;  // null: sensitive
  int8_t source = -1;  // Kafka's numbers: 1 topic, 2 dynamic broker, 3 dynamic default, 4 static, 5 default
  int8_t type = 0;
  bool read_only = false;
  std::string documentation;
};
Result<std::vector<ConfigEntry>> describe_configs(Session&, ResourceType type, const std::string& name);

// The values of single configs, in the order of the questions, all asked of one node (any_node: whichever); nothing: it is
// not told. Of brokers, Kafka's tell each only of themselves.
struct ConfigQuestion {
  ResourceType type;
  std::string resource;
  std::string config;
};
Result<std::vector<std::optional<std::string>>> read_configs(Session&, BrokerId node,
                                                             const std::vector<ConfigQuestion>& questions);

struct ConfigChange {
  enum class Operation : int8_t { set = 0, unset = 1, append = 2, subtract = 3 };
  Operation operation = Operation::set;
  std::string name;
  std::string value;
};
Status alter_configs(Session&, ResourceType type, const std::string& name, const std::vector<ConfigChange>& changes,
                     bool validate_only = false);

struct ClusterDescription {
  std::string cluster_id;
  BrokerId controller = broker_none;
  std::vector<Node> nodes;  // by id
};
Result<ClusterDescription> describe_cluster(Session&);

// Each with its error where it is not there; in the order asked for.
Result<std::vector<TopicView>> describe_topics(Session&, const std::vector<std::string>& names);
// All, by name. Internal ones are marked.
Result<std::vector<TopicView>> list_topics(Session&);

struct OffsetQuery {
  enum class Kind : uint8_t { earliest, latest, time, max_timestamp };
  Kind kind = Kind::latest;
  int64_t time_ms = 0;  // any: also -1 and what lies before 1970
};
struct PartitionOffset {
  PartitionId partition;
  Status status;
  Offset offset = offset_none;           // none: no record at or after that time
  Timestamp timestamp = timestamp_none;  // of that record, if a time was asked for
  LeaderEpoch leader_epoch = leader_epoch_none;
};
// Of every partition of the topic, or of those named; asked of their leaders. unknown_topic_or_partition.
Result<std::vector<PartitionOffset>> list_offsets(Session&, const std::string& topic, OffsetQuery query,
                                                  const std::vector<PartitionId>& partitions = {});

// Kafka's code and message as a sentence for a person; `what` names the thing ("topic orders").
Error kafka_error(int16_t code, const std::optional<std::string>& message, const std::string& what);

}  // namespace bobbin::client
