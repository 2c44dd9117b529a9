// IncrementalAlterConfigs 0 and 1, of topics (2) and brokers (4; "" is the default of all brokers). What decides who gets in
// is changed over the unix socket only.
#include "broker/handlers/handlers.h"
#include "metadata/changes.h"

namespace bobbin::broker {

namespace {

// The config that this client may not change, if any.
std::optional<std::string> forbidden(Broker& broker, ConnectionId connection,
                                     const protocol::IncrementalAlterConfigsRequest::AlterConfigsResource& asked) {
  const Peer* peer = broker.connections().peer(connection);
  if (asked.resource_type != 4 || (peer && peer->unix)) return std::nullopt;
  for (const auto& c : asked.configs) {
    const metadata::ConfigKey* key = metadata::find_config(metadata::ConfigScope::broker, c.name);
    if (key && key->opens_door) return c.name;
  }
  return std::nullopt;
}

}  // namespace

void handle(Broker& broker, const Request& request, protocol::IncrementalAlterConfigsRequest message, Reply reply) {
  struct Pending {
    Answer answer;
    Reply reply;
    protocol::IncrementalAlterConfigsResponse response;
  };
  auto pending = std::make_shared<Pending>(Pending{answer_to(request), std::move(reply), {}});
  std::map<std::pair<int8_t, std::string>, int> named;
  for (const auto& r : message.resources) named[{r.resource_type, r.resource_name}]++;

  std::vector<metadata::Change> changes;
  for (const auto& asked : message.resources) {
    auto& told = pending->response.responses.emplace_back();
    told.resource_type = asked.resource_type;
    told.resource_name = asked.resource_name;
    std::vector<metadata::ConfigChange> wanted;
    for (const auto& c : asked.configs)
      wanted.push_back({c.name, static_cast<metadata::ConfigOp>(c.config_operation), c.value});
    changes.push_back([wanted, type = asked.resource_type, resource = asked.resource_name,
                       twice = named[{asked.resource_type, asked.resource_name}] > 1, door = forbidden(broker, request.connection, asked),
                       validate_only = message.validate_only](const metadata::Image& image) -> Result<metadata::Records> {
      if (twice) return error(Errc::invalid_request, "the resource is named twice in one request");
      if (door)
        return error(Errc::cluster_authorization_failed, *door + " decides who gets in: it is not changed over TCP, but by the owner of the "
                                                         "cluster's directory (bobbin broker start --listen, bobbin.toml)");
      if (type != 2 && type != 4) return error(Errc::invalid_request, "configs belong to topics (2) and brokers (4)");
      auto records = metadata::alter_configs(image, {static_cast<metadata::ConfigScope>(type), resource}, wanted);
      if (records && validate_only) return metadata::Records{};
      return records;
    });
  }
  submit_all(broker, std::move(changes), [pending](std::vector<Status> results) {
    for (size_t i = 0; i < results.size(); i++) {
      if (results[i]) continue;
      pending->response.responses[i].error_code = wire_code(results[i].error().code);
      pending->response.responses[i].error_message = results[i].error().message;
    }
    pending->reply.send(pending->answer.frame(pending->response));
  });
}

}  // namespace bobbin::broker
