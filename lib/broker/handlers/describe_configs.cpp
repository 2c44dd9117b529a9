// DescribeConfigs 1 to 4, of topics (2) and brokers (4). What counts and where it comes from; null keys mean all.
#include "broker/handlers/handlers.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::DescribeConfigsRequest;
using Response = protocol::DescribeConfigsResponse;

struct Described {
  std::span<const metadata::ConfigKey> keys;
  metadata::ConfigLayers layers;
};

Result<Described> layers_of(Broker& broker, const RequestMessage::DescribeConfigsResource& asked) {
  const auto* file = &broker.options().static_configs;
  if (asked.resource_type == 2) {
    if (!broker.image().topic(asked.resource_name))
      return error(Errc::unknown_topic_or_partition, "no topic is called " + asked.resource_name);
    return Described{metadata::topic_configs(), broker.image().topic_layers(asked.resource_name, broker.options().id, file)};
  }
  if (asked.resource_type == 4) {
    if (asked.resource_name.empty()) {
      Described all{metadata::broker_configs(), {}};
      all.layers.dynamic_default = &broker.image().configs(metadata::ConfigScope::broker, "");
      return all;
    }
    int id = std::atoi(asked.resource_name.c_str());
    if (std::to_string(id) != asked.resource_name || !broker.image().broker(BrokerId(id)))
      return error(Errc::invalid_request, "no broker has the id " + asked.resource_name);
    return Described{metadata::broker_configs(), broker.image().broker_layers(BrokerId(id), file)};
  }
  return error(Errc::invalid_request, "configs belong to topics (2) and brokers (4)");
}

Response::DescribeConfigsResourceResult describe(const metadata::ConfigKey& key, const metadata::ConfigLayers& layers,
                                                 const RequestMessage& message, bool over_tcp) {
  Response::DescribeConfigsResourceResult told;
  auto chain = metadata::effective_chain(key, layers);
  metadata::ConfigValue value = metadata::effective(key, layers);
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

}  // namespace

void handle(Broker& broker, const Request& request, protocol::DescribeConfigsRequest message, Reply reply) {
  Response response;
  const Peer* peer = broker.connections().peer(request.connection);
  bool over_tcp = !peer || !peer->unix;
  for (const auto& asked : message.resources) {
    auto& told = response.results.emplace_back();
    told.error_message = "";
    told.resource_type = asked.resource_type;
    told.resource_name = asked.resource_name;
    auto described = layers_of(broker, asked);
    if (!described) {
      told.error_code = wire_code(described.error().code);
      told.error_message = described.error().message;
      continue;
    }
    for (const metadata::ConfigKey& key : described->keys) {
      const auto& wanted = asked.configuration_keys;
      if (!wanted || std::find(wanted->begin(), wanted->end(), key.name) != wanted->end())
        told.configs.push_back(describe(key, described->layers, message, over_tcp));
    }
  }
  reply.send(answer_to(request).frame(response));
}

}  // namespace bobbin::broker
