// CreateTopics 2 to 7. All topics of a request share one metadata transaction round; each succeeds or fails alone.
// Answered when the metadata is on the disk, whatever timeout_ms says. Names beginning with two underscores are for
// brokers.
#include "broker/handlers/handlers.h"
#include "metadata/changes.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::CreateTopicsRequest;
using Response = protocol::CreateTopicsResponse;

metadata::NewTopic to_new_topic(const RequestMessage::CreatableTopic& asked, TopicId id) {
  metadata::NewTopic topic;
  topic.name = asked.name;
  topic.id = id;
  topic.partitions = asked.num_partitions;
  topic.replication_factor = asked.replication_factor;
  for (const auto& a : asked.assignments) {
    metadata::Assignment assignment;
    assignment.partition = PartitionId(a.partition_index);
    for (int32_t b : a.broker_ids) assignment.replicas.push_back(BrokerId(b));
    topic.assignments.push_back(std::move(assignment));
  }
  for (const auto& c : asked.configs) topic.configs.emplace_back(c.name, c.value);
  return topic;
}

void tell_created(Broker& broker, const std::string& name, Response::CreatableTopicResult& told) {
  const metadata::Topic* topic = broker.image().topic(name);
  if (!topic) return;
  told.topic_id = topic->id;
  told.num_partitions = static_cast<int32_t>(topic->partitions.size());
  told.replication_factor = static_cast<int16_t>(topic->partitions.empty() ? 0 : topic->partitions.front().replicas.size());
  auto layers = broker.image().topic_layers(name, broker.options().id, &broker.options().static_configs);
  told.configs.emplace();
  for (const metadata::ConfigKey& key : metadata::topic_configs()) {
    metadata::ConfigValue value = metadata::effective(key, layers);
    told.configs->push_back({std::string(key.name), value.value, false, static_cast<int8_t>(value.source), false});
  }
}

void tell_failed(const Error& e, Response::CreatableTopicResult& told) {
  told.error_code = wire_code(e.code);
  told.error_message = e.message.empty() ? std::string(name(e.code)) : e.message;
}

}  // namespace

void handle(Broker& broker, const Request& request, protocol::CreateTopicsRequest message, Reply reply) {
  struct Pending {
    Answer answer;
    RequestMessage message;
    Reply reply;
    std::vector<metadata::NewTopic> topics;
  };
  auto pending = std::make_shared<Pending>(Pending{answer_to(request), std::move(message), std::move(reply), {}});
  std::map<std::string, int> named;
  for (const auto& topic : pending->message.topics) named[topic.name]++;

  std::vector<metadata::Change> changes;
  for (const auto& asked : pending->message.topics) {
    if (named[asked.name] > 1) {
      changes.push_back([](const metadata::Image&) -> Result<metadata::Records> {
        return error(Errc::invalid_request, "the topic is named twice in one request");
      });
      continue;
    }
    auto topic = to_new_topic(asked, os::random_uuid(broker.world().random));
    changes.push_back([topic, validate_only = pending->message.validate_only,
                       placement = metadata::Placement{broker.live_brokers(), broker.world().random.next()},
                       settings = broker.settings()](const metadata::Image& image) -> Result<metadata::Records> {
      auto records = metadata::create_topic(image, topic, placement, settings);
      if (records && validate_only) return metadata::Records{};
      return records;
    });
  }
  submit_all(broker, std::move(changes), [&broker, pending](std::vector<Status> results) {
    Response response;
    for (size_t i = 0; i < results.size(); i++) {
      auto& told = response.topics.emplace_back();
      told.name = pending->message.topics[i].name;
      if (results[i]) {
        tell_created(broker, told.name, told);
      } else {
        tell_failed(results[i].error(), told);
      }
    }
    pending->reply.send(pending->answer.frame(response));
  });
}

}  // namespace bobbin::broker
