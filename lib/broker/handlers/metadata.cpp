// Metadata 0 to 13. Leaders whose process is dead are told as none (LEADER_NOT_AVAILABLE). A topic that is asked for by
// name and missing is created when both the request and auto.create.topics.enable allow it; the metadata log is read
// once more before anything is called missing, since another broker may just have made it.
#include "broker/handlers/handlers.h"
#include "metadata/changes.h"
#include "metadata/names.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::MetadataRequest;
using Response = protocol::MetadataResponse;

struct Pending {
  Answer answer;
  ConnectionId connection;
  RequestMessage message;
  Reply reply;
  std::map<std::string, Errc> refused;  // creations that failed
};

Response::MetadataResponseTopic describe(Broker& broker, const metadata::Topic& topic, const std::vector<BrokerId>& live) {
  Response::MetadataResponseTopic told;
  told.name = topic.name;
  told.topic_id = topic.id;
  told.is_internal = metadata::is_internal_topic(topic.name);
  auto lives = [&](BrokerId id) { return std::find(live.begin(), live.end(), id) != live.end(); };
  for (size_t i = 0; i < topic.partitions.size(); i++) {
    const metadata::Partition& partition = topic.partitions[i];
    auto& p = told.partitions.emplace_back();
    p.partition_index = static_cast<int32_t>(i);
    bool led = partition.leader != broker_none && lives(partition.leader);
    p.leader_id = led ? partition.leader.value : -1;
    p.leader_epoch = partition.leader_epoch.value;
    if (!led) p.error_code = static_cast<int16_t>(Errc::leader_not_available);
    for (BrokerId r : partition.replicas) {
      p.replica_nodes.push_back(r.value);
      if (!lives(r)) p.offline_replicas.push_back(r.value);
    }
    for (BrokerId r : partition.isr) p.isr_nodes.push_back(r.value);
  }
  (void)broker;
  return told;
}

void tell_topic(Broker& broker, const Pending& p, const RequestMessage::MetadataRequestTopic& asked,
                const std::vector<BrokerId>& live, Response& response) {
  bool by_id = !asked.topic_id.is_zero();
  auto fail = [&](Errc code) {
    auto& told = response.topics.emplace_back();
    told.error_code = wire_code(code);
    told.name = asked.name;
    told.topic_id = asked.topic_id;
    if (!told.name && p.answer.version < 12) told.name = "";
  };
  if (by_id && p.answer.version < 12) return fail(Errc::invalid_request);
  if (!by_id && !asked.name) return fail(Errc::invalid_request);
  NamedTopic named = find_topic(broker, asked.name.value_or(""), asked.topic_id, by_id);
  if (named.topic) {
    response.topics.push_back(describe(broker, *named.topic, live));
  } else if (!by_id && !metadata::check_topic_name(*asked.name)) {
    fail(Errc::invalid_topic_exception);
  } else if (auto it = p.refused.find(asked.name.value_or("")); !by_id && it != p.refused.end()) {
    fail(it->second);
  } else {
    fail(named.error);
  }
}

void answer(Broker& broker, Pending& p) {
  Response response;
  std::vector<BrokerId> live = broker.live_brokers();
  for (BrokerId id : live) {
    HostPort at = address_for(broker, p.connection, id);
    response.brokers.push_back({id.value, at.host, at.port, std::nullopt});
  }
  response.cluster_id = broker.cluster_id();
  response.controller_id = live.empty() ? -1 : live.front().value;
  bool all = !p.message.topics || (p.answer.version == 0 && p.message.topics->empty());
  if (all) {
    for (const auto& [name, topic] : broker.image().topics()) response.topics.push_back(describe(broker, topic, live));
  } else {
    for (const auto& asked : *p.message.topics) tell_topic(broker, p, asked, live, response);
  }
  p.reply.send(p.answer.frame(response));
}

std::vector<std::string> missing_topics(const Broker& broker, const RequestMessage& message) {
  std::vector<std::string> missing;
  if (!message.topics) return missing;
  for (const auto& asked : *message.topics)
    if (asked.topic_id.is_zero() && asked.name && metadata::check_topic_name(*asked.name) &&
        !broker.image().topic(*asked.name))
      missing.push_back(*asked.name);
  return missing;
}

bool has_unknown_id(const Broker& broker, const RequestMessage& message) {
  if (!message.topics) return false;
  for (const auto& asked : *message.topics)
    if (!asked.topic_id.is_zero() && !broker.image().topic(asked.topic_id)) return true;
  return false;
}

void create_missing(Broker& broker, std::shared_ptr<Pending> pending, const std::vector<std::string>& missing) {
  std::vector<metadata::Change> changes;
  for (const std::string& name : missing) {
    metadata::NewTopic topic;
    topic.name = name;
    topic.id = os::random_uuid(broker.world().random);
    changes.push_back([topic, placement = metadata::Placement{broker.live_brokers(), broker.world().random.next()},
                       settings = broker.settings()](const metadata::Image& image) -> Result<metadata::Records> {
      if (image.topic(topic.name)) return metadata::Records{};  // somebody was faster: just as good
      return metadata::create_topic(image, topic, placement, settings);
    });
  }
  submit_all(broker, std::move(changes), [&broker, pending, missing](std::vector<Status> results) {
    for (size_t i = 0; i < results.size(); i++)
      if (!results[i]) {
        // Kafka: a name that collides is told as unknown.
        Errc code = results[i].error().code;
        pending->refused[missing[i]] = code == Errc::invalid_topic_exception ? Errc::unknown_topic_or_partition : code;
      }
    answer(broker, *pending);
  });
}

}  // namespace

void handle(Broker& broker, const Request& request, protocol::MetadataRequest message, Reply reply) {
  auto pending = std::make_shared<Pending>(Pending{answer_to(request), request.connection, std::move(message), std::move(reply), {}});
  bool may_create = pending->message.allow_auto_topic_creation || request.version < 4;
  // All topics: what other brokers did a moment ago belongs to it.
  bool complete = pending->message.topics && missing_topics(broker, pending->message).empty() &&
                  !has_unknown_id(broker, pending->message);
  if (complete) return answer(broker, *pending);
  broker.look_again([&broker, pending, may_create] {
    auto missing = missing_topics(broker, pending->message);
    if (!missing.empty() && may_create && broker.knows_latest_metadata() && broker.settings().auto_create_topics)
      return create_missing(broker, pending, missing);
    answer(broker, *pending);
  });
}

}  // namespace bobbin::broker
