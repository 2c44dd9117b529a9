// DescribeConfigs 1 to 4, of topics (2) and brokers (4). What counts and where it comes from; no keys mean all. Of all brokers
// together ("") only what was set for them is told. A resource that is named twice is answered once. An answer ends at 32 MiB: what
// does not fit gets POLICY_VIOLATION.
#include "protocol/messages/describe_configs.h"
#include "base/number.h"
#include "broker/facts/context.h"
#include "broker/named_once.h"
#include "broker/requests.h"
#include "metadata/config_layers.h"
#include "metadata/names.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::DescribeConfigsRequest;
using Response = protocol::DescribeConfigsResponse;

constexpr size_t resources_a_turn = 64;  // about a millisecond
constexpr size_t told_bytes_max = 32 << 20;

// The broker that a resource names; nullptr: there is none.
const metadata::Broker* broker_named(const metadata::Image& image, const std::string& name) {
  auto id = number_in<int32_t>(name);
  // Only as it is written: not "01".
  return id && std::to_string(*id) == name ? image.broker(BrokerId(*id)) : nullptr;
}

struct Described {
  std::span<const config::ConfigKey> keys;
  config::ConfigLayers layers;
};

Result<Described> layers_of(FactsContext& facts, const RequestMessage::DescribeConfigsResource& asked) {
  const auto* file = &facts.metadata.file();
  if (asked.resource_type == 2) {
    BOBBIN_TRY(metadata::check_topic_name(asked.resource_name));
    if (!facts.metadata.image().topic(asked.resource_name))
      return error(Errc::unknown_topic_or_partition, "no topic is called " + asked.resource_name);
    return Described{config::topic_configs(),
                     metadata::topic_layers(facts.metadata.image(), asked.resource_name, facts.metadata.self(), file)};
  }
  if (asked.resource_type == 4) {
    if (asked.resource_name.empty()) {
      Described all{config::broker_configs(), {}};
      all.layers.dynamic_default = &facts.metadata.image().configs(config::ConfigScope::broker, "");
      return all;
    }
    const metadata::Broker* named = broker_named(facts.metadata.image(), asked.resource_name);
    if (!named) return error(Errc::invalid_request, "no broker has the id " + asked.resource_name);
    return Described{config::broker_configs(), metadata::broker_layers(facts.metadata.image(), named->id, file)};
  }
  return error(Errc::invalid_request, "configs belong to topics (2) and brokers (4)");
}

Response::DescribeConfigsResourceResult describe(const config::ConfigKey& key, const config::ConfigLayers& layers,
                                                 const RequestMessage& message, bool over_tcp) {
  Response::DescribeConfigsResourceResult told;
  auto chain = config::effective_chain(key, layers);
  config::ConfigValue value = config::effective(key, layers);
  told.name = std::string(key.name);
  told.value = value.value;
  told.config_source = static_cast<int8_t>(value.source);
  told.read_only = key.opens_door && over_tcp;  // as IncrementalAlterConfigs has it
  told.config_type = static_cast<int8_t>(key.type);
  if (message.include_synonyms)
    for (const auto& v : chain) told.synonyms.push_back({std::string(v.name), v.value, static_cast<int8_t>(v.source)});
  if (message.include_documentation) told.documentation = std::string(key.doc);
  return told;
}

struct Describing {
  Answer answer;
  ConnectionId connection;
  bool over_tcp;
  Reply reply;
  RequestMessage message;
  Response response;
  size_t next = 0;   // of the resources
  size_t bytes = 0;  // of the answer
};

// What a client asks in several pieces of one resource is one question.
std::vector<RequestMessage::DescribeConfigsResource> each_once(
    std::vector<RequestMessage::DescribeConfigsResource> asked) {
  auto key = [&](size_t i) { return std::pair(asked[i].resource_type, std::string_view(asked[i].resource_name)); };
  auto named = named_once(asked.size(), key);
  if (named.first.size() == asked.size()) return asked;
  std::map<std::pair<int8_t, std::string_view>, size_t> place;
  for (size_t i : named.first) place[key(i)] = i;
  for (size_t i = 0; i < asked.size(); i++) {
    const size_t first = place.at(key(i));
    auto& keys = asked[first].configuration_keys;
    auto& more = asked[i].configuration_keys;
    if (first == i || !keys || keys->empty()) continue;
    if (more && !more->empty())
      keys->insert(keys->end(), std::make_move_iterator(more->begin()), std::make_move_iterator(more->end()));
    else keys.reset();
  }
  std::vector<RequestMessage::DescribeConfigsResource> once;
  for (size_t i : named.first) once.push_back(std::move(asked[i]));
  return once;
}

void tell(FactsContext& facts, Describing& d, const RequestMessage::DescribeConfigsResource& asked) {
  auto& told = d.response.results.emplace_back();
  told.error_message = "";
  told.resource_type = asked.resource_type;
  told.resource_name = asked.resource_name;
  auto described = layers_of(facts, asked);
  if (described && d.bytes > told_bytes_max)
    described =
        error(Errc::policy_violation, "the answer is larger than 32 MiB without this one: ask for fewer at once");
  if (!described) {
    told.error_code = wire_code(described.error().code);
    told.error_message = described.error().message;
    return;
  }
  const bool of_all_brokers = asked.resource_type == 4 && asked.resource_name.empty();
  for (const config::ConfigKey& key : described->keys) {
    const auto& wanted = asked.configuration_keys;
    if (of_all_brokers && !described->layers.dynamic_default->contains(key.name)) continue;
    if (!wanted || wanted->empty() || std::find(wanted->begin(), wanted->end(), key.name) != wanted->end())
      told.configs.push_back(describe(key, described->layers, d.message, d.over_tcp));
  }
}

// True when it is answered, or nobody is there any more.
bool tell_some(FactsContext& facts, Describing& d) {
  if (!facts.connections.peer(d.connection)) return true;
  const auto& resources = d.message.resources;
  for (size_t end = std::min(d.next + resources_a_turn, resources.size()); d.next < end; d.next++) {
    tell(facts, d, resources[d.next]);
    d.bytes = protocol::encode_ahead<Response>(d.response.results, d.answer.version);
  }
  if (d.next < resources.size()) return false;
  d.reply.send_pieces(d.answer.pieces_of(d.response, d.response.results));
  return true;
}

void describe_configs(FactsContext& facts, const Request& request, RequestMessage message, Reply reply) {
  auto d = std::make_shared<Describing>();
  d->answer = answer_to(request);
  d->connection = request.connection;
  d->over_tcp = !facts.connections.is_local(request.connection);
  d->reply = std::move(reply);
  message.resources = each_once(std::move(message.resources));
  d->message = std::move(message);
  facts.turns.begin([&facts, d] { return tell_some(facts, *d); });
}

Needs needs_of(FactsContext& facts, const RequestMessage& message, int16_t) {
  const metadata::Image& image = facts.metadata.image();
  return {std::any_of(message.resources.begin(), message.resources.end(), [&](const auto& asked) {
    if (asked.resource_type == 2) return !image.topic(asked.resource_name);
    return asked.resource_type == 4 && !asked.resource_name.empty() && !broker_named(image, asked.resource_name);
  })};
}

}  // namespace

extern constinit const ServedApi describe_configs_api = served<describe_configs, needs_of>();

}  // namespace bobbin::broker
