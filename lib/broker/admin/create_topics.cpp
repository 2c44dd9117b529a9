// CreateTopics 2 to 7. All topics of a request share one metadata transaction round; each succeeds or fails alone, but that
// a request for more than 10,000 partitions fails as a whole (POLICY_VIOLATION, as Kafka). Answered when the metadata is on
// the disk, whatever timeout_ms says. The names of brokers' own topics are refused (INVALID_TOPIC_EXCEPTION; Kafka makes
// __consumer_offsets and __transaction_state, and refuses __cluster_metadata with TOPIC_AUTHORIZATION_FAILED). A topic that is
// named twice is answered once and not made.
#include "protocol/messages/create_topics.h"
#include "broker/admin/submitting.h"
#include "broker/named_once.h"
#include "broker/requests.h"
#include "metadata/changes.h"
#include "metadata/config_layers.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::CreateTopicsRequest;
using Response = protocol::CreateTopicsResponse;
using Configs = std::vector<Response::CreatableTopicConfigs>;

// What a topic would be that is only validated.
struct Planned {
  std::vector<size_t> replicas;  // of each partition: how many
  config::ConfigMap configs;
};

struct Creating {
  Answer answer;
  Reply reply;
  RequestMessage message;
  NamedOnce named;
  std::vector<TopicId> ids;
  std::vector<Planned> planned = {};
  uint64_t start = 0;  // of the placement
  config::BrokerSettings settings;
  std::optional<Configs> plain_configs;  // of topics that set none

  const RequestMessage::CreatableTopic& topic(size_t i) const { return message.topics[named.first[i]]; }
};

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

Planned plan_of(const metadata::Records& records) {
  Planned planned;
  for (const auto& record : records) {
    if (const auto* p = std::get_if<metadata::PartitionRecord>(&record)) planned.replicas.push_back(p->replicas.size());
    if (const auto* c = std::get_if<metadata::ConfigRecord>(&record)) planned.configs[c->name] = c->value.value_or("");
  }
  return planned;
}

Result<metadata::Records> change(const AdminContext& admin, Creating& creating, size_t i,
                                 const metadata::Image& image) {
  if (creating.named.repeated[i]) return error(Errc::invalid_request, "the topic is named twice in one request");
  auto records = metadata::create_topic(image, to_new_topic(creating.topic(i), creating.ids[i]),
                                        placement_now(admin, creating.start), creating.settings);
  if (!records || !creating.message.validate_only) return records;
  creating.planned[i] = plan_of(*records);
  return metadata::Records{};
}

// As Kafka counts them: what is wrong in itself counts as none.
int64_t partitions_wanted(const Creating& creating) {
  int64_t sum = 0;
  for (size_t i = 0; i < creating.named.first.size(); i++) {
    const auto& asked = creating.topic(i);
    if (!asked.assignments.empty()) sum += static_cast<int64_t>(asked.assignments.size());
    else sum += asked.num_partitions == -1 ? creating.settings.num_partitions : std::max(asked.num_partitions, 0);
  }
  return sum;
}

Configs configs_of(const config::ConfigLayers& layers) {
  Configs configs;
  for (const config::ConfigKey& key : config::topic_configs()) {
    config::ConfigValue value = config::effective(key, layers);
    configs.push_back({std::string(key.name), value.value, false, static_cast<int8_t>(value.source), false});
  }
  return configs;
}

config::ConfigLayers layers_of(AdminContext& admin, const std::string& name) {
  return metadata::topic_layers(admin.metadata.image(), name, admin.metadata.self(), &admin.metadata.file());
}

// As if it had been made, with an id that nobody gets.
void tell_planned(AdminContext& admin, const Creating& creating, size_t i, Response::CreatableTopicResult& told) {
  const Planned& planned = creating.planned[i];
  told.topic_id = creating.ids[i];
  told.num_partitions = static_cast<int32_t>(planned.replicas.size());
  told.replication_factor = static_cast<int16_t>(planned.replicas.empty() ? 0 : planned.replicas.front());
  auto layers = layers_of(admin, told.name);
  layers.topic = &planned.configs;
  told.configs = configs_of(layers);
}

void tell_created(AdminContext& admin, Creating& creating, const std::string& name,
                  Response::CreatableTopicResult& told) {
  const metadata::Topic* topic = admin.metadata.image().topic(name);
  if (!topic) return;
  told.topic_id = topic->id;
  if (creating.answer.version < 5) return;
  told.num_partitions = static_cast<int32_t>(topic->partitions.size());
  told.replication_factor =
      static_cast<int16_t>(topic->partitions.empty() ? 0 : topic->partitions.front().replicas.size());
  if (!admin.metadata.image().configs(config::ConfigScope::topic, name).empty()) {
    told.configs = configs_of(layers_of(admin, name));
    return;
  }
  if (!creating.plain_configs) creating.plain_configs = configs_of(layers_of(admin, name));
  told.configs = creating.plain_configs;
}

void answer(AdminContext& admin, Creating& creating, const Outcomes& results) {
  Response response;
  for (size_t i = 0; i < creating.named.first.size(); i++) {
    auto& told = response.topics.emplace_back();
    told.name = creating.topic(i).name;
    if (results[i] && creating.message.validate_only) {
      tell_planned(admin, creating, i, told);
    } else if (results[i]) {
      tell_created(admin, creating, told.name, told);
    } else {
      const Error& e = results[i].error();
      told.error_code = wire_code(e.code);
      told.configs.emplace();
      told.error_message = e.message.empty() ? std::string(name(e.code)) : e.message;
    }
    protocol::encode_ahead<Response>(response.topics, creating.answer.version);
  }
  creating.reply.send_pieces(creating.answer.pieces_of(response, response.topics));
}

void create_topics(AdminContext& admin, const Request& request, RequestMessage message, Reply reply) {
  auto creating = std::make_shared<Creating>();
  creating->answer = answer_to(request);
  creating->reply = std::move(reply);
  creating->message = std::move(message);
  const auto& topics = creating->message.topics;
  creating->named = named_once(topics.size(), [&](size_t i) { return std::string_view(topics[i].name); });
  creating->settings = admin.metadata.settings();
  creating->start = admin.world.random.next();
  const size_t count = creating->named.first.size();
  creating->planned.resize(count);
  if (auto few = check_changes(count, partitions_wanted(*creating)); !few)
    return answer(admin, *creating, Outcomes::all(few));
  for (size_t i = 0; i < count; i++) creating->ids.push_back(os::random_uuid(admin.world.random));
  submit_all(
      admin, count,
      [&admin, creating](size_t i, const metadata::Image& image) { return change(admin, *creating, i, image); },
      [&admin, creating](const Outcomes& results) { answer(admin, *creating, results); });
}

}  // namespace

extern constinit const ServedApi create_topics_api = served<create_topics>();

}  // namespace bobbin::broker
