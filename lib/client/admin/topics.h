// Topics: made, told of, grown and deleted. All block until answered or nobody answered for the target's time-out. A Result
// that failed says that the question did not get through; what the cluster said of one item is in that item's status,
// Kafka's error turned into a sentence (sentences.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "bobbin/values.h"
#include "client/topology.h"

namespace bobbin::client {

class Session;

using api::Config;
using api::NewTopic;

struct CreatedTopic {
  std::string name;
  Status status;  // topic_already_exists, invalid_topic_exception, invalid_config, invalid_replication_factor, ...
  TopicId id;
  int32_t partitions = -1;  // -1: an old cluster does not tell
  int16_t replication_factor = -1;
  std::vector<Config> configs;  // all that count for it, where the cluster tells
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

// Each with its error where it is not there; in the order asked for.
Result<std::vector<TopicView>> describe_topics(Session&, const std::vector<std::string>& names);
// All, by name. Internal ones are marked.
Result<std::vector<TopicView>> list_topics(Session&);

}  // namespace bobbin::client
