// One handler per API, each in a file of its own that opens with the versions it serves and what it does not serve.
#pragma once

#include "broker/routes.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"

namespace bobbin::broker {

void handle(Broker&, const Request&, protocol::ApiVersionsRequest, Reply);
void handle(Broker&, const Request&, protocol::CreatePartitionsRequest, Reply);
void handle(Broker&, const Request&, protocol::CreateTopicsRequest, Reply);
void handle(Broker&, const Request&, protocol::DeleteTopicsRequest, Reply);
void handle(Broker&, const Request&, protocol::DescribeClusterRequest, Reply);
void handle(Broker&, const Request&, protocol::DescribeConfigsRequest, Reply);
void handle(Broker&, const Request&, protocol::FetchRequest, Reply);
void handle(Broker&, const Request&, protocol::FindCoordinatorRequest, Reply);
void handle(Broker&, const Request&, protocol::IncrementalAlterConfigsRequest, Reply);
void handle(Broker&, const Request&, protocol::InitProducerIdRequest, Reply);
void handle(Broker&, const Request&, protocol::ListOffsetsRequest, Reply);
void handle(Broker&, const Request&, protocol::MetadataRequest, Reply);
void handle(Broker&, const Request&, protocol::ProduceRequest, Reply);

// --- shared by handlers ---

// An error as it goes out: ours that have no number of Kafka's become UNKNOWN_SERVER_ERROR or, from the disk,
// KAFKA_STORAGE_ERROR.
int16_t wire_code(Errc code);

struct HostPort {
  std::string host;
  int32_t port = 0;
};
// Where this client reaches that broker: on the listener that it came in on. Over the unix socket a broker is known by
// its id; host and port are then only a sentence.
HostPort address_for(Broker& broker, ConnectionId asking, BrokerId whom);

// The topic that a request names, by id where its version carries ids. nullptr and the right error otherwise: that it is
// unknown, unless the metadata could not be read, where it may well be.
struct NamedTopic {
  const metadata::Topic* topic = nullptr;
  Errc error = Errc::none;
};
NamedTopic find_topic(const Broker& broker, const std::string& name, const Uuid& id, bool by_id);

// The broker that a resource of DescribeConfigs names; nullptr: there is none.
const metadata::Broker* broker_named(const metadata::Image& image, const std::string& name);

// visit(const metadata::Topic*, int32_t partition) for each partition that a request names; nullptr: the topic is unknown.
template <class Visit>
void for_each_named(const Broker& broker, const protocol::ProduceRequest& message, int16_t version,
                    const Visit& visit) {
  for (const auto& data : message.topic_data) {
    const metadata::Topic* topic =
        find_topic(broker, data.name, data.topic_id, version > message.last_with_names).topic;
    for (const auto& part : data.partition_data) visit(topic, part.index);
  }
}
template <class Visit>
void for_each_named(const Broker& broker, const protocol::FetchRequest& message, int16_t version, const Visit& visit) {
  for (const auto& asked : message.topics) {
    const metadata::Topic* topic =
        find_topic(broker, asked.topic, asked.topic_id, version > message.last_with_names).topic;
    for (const auto& part : asked.partitions) visit(topic, part.partition);
  }
}
template <class Visit>
void for_each_named(const Broker& broker, const protocol::ListOffsetsRequest& message, int16_t, const Visit& visit) {
  for (const auto& asked : message.topics) {
    const metadata::Topic* topic = broker.image().topic(asked.name);
    for (const auto& part : asked.partitions) visit(topic, part.partition_index);
  }
}

// What a request has to wait for before it is handled (routes.cpp).
struct Needs {
  // It names what this broker does not know, so that its answer would deny it. Another broker may have made it a moment ago:
  // the metadata is read once more before that is said.
  bool unknown = false;
  std::vector<cluster::TopicPartition> closed = {};  // logs that a job opens
};
Needs needs_of(Broker&, const protocol::ProduceRequest&, int16_t version);
Needs needs_of(Broker&, const protocol::FetchRequest&, int16_t version);
Needs needs_of(Broker&, const protocol::ListOffsetsRequest&, int16_t version);
Needs needs_of(Broker&, const protocol::DescribeConfigsRequest&, int16_t version);
Needs needs_of(Broker&, const protocol::DescribeClusterRequest&, int16_t version);

// The partition as its leader keeps it, or Kafka's error.
Result<cluster::Partition*> find_leader(Broker& broker, const metadata::Topic& topic, int32_t partition);

// KIP-951: who leads it now, and where, for a Fetch or a Produce that came to the wrong broker. `told` is the answer's part
// for that partition. Nothing is told of a leader that does not live.
template <class Told, class Response>
void tell_leader(Broker& broker, ConnectionId asking, const metadata::Topic& topic, int32_t partition, Told& told,
                 Response& response) {
  const auto& now = topic.partitions[static_cast<size_t>(partition)];
  if (now.leader == broker_none || !broker.is_live(now.leader)) return;
  told.current_leader = {now.leader.value, now.leader_epoch.value};
  for (const auto& known : response.node_endpoints)
    if (known.node_id == now.leader.value) return;
  HostPort at = address_for(broker, asking, now.leader);
  response.node_endpoints.push_back({now.leader.value, at.host, at.port, std::nullopt});
}

// KIP-320: whether the epoch that a client believes in is this reign's. `epoch` -1: it does not say.
Errc check_leader_epoch(const cluster::Partition& partition, int32_t epoch);

// As Kafka, for the same reason: one request must not make a transaction of any size.
inline constexpr int64_t changes_max = 10'000;
// Errc::policy_violation: a request that changes more things than that, or makes more records (partitions, settings) of it.
Status check_changes(size_t things, int64_t records = 0);

// What became of each of several changes, or of all of them.
class Outcomes {
 public:
  explicit Outcomes(std::vector<Status> each) : each_(std::move(each)) {}
  static Outcomes all(Status same) {
    Outcomes outcomes{std::vector<Status>()};
    outcomes.same_ = std::move(same);
    return outcomes;
  }
  const Status& operator[](size_t i) const { return same_ ? *same_ : each_[i]; }

 private:
  std::vector<Status> each_;
  std::optional<Status> same_;
};

// `count` changes of one request that run one after the other, each of which succeeds or fails alone: change(i, image).
// `done` is told when the last has ended.
using ChangeAt = std::function<Result<std::vector<metadata::AnyRecord>>(size_t i, const metadata::Image&)>;
void submit_all(Broker& broker, size_t count, ChangeAt change, std::function<void(const Outcomes&)> done);

}  // namespace bobbin::broker
