// AlterConfigs 0 to 2, of topics (2) and brokers (4; "" is the default of all brokers): all configs of a resource at once. What is
// not named gets its default, and so is changed; but what decides who gets in is changed over the unix socket only. A
// resource that is named twice is left as it is, and answered twice. IncrementalAlterConfigs replaces this one (KIP-339).
#include "protocol/messages/alter_configs.h"
#include "broker/admin/config_resources.h"
#include "broker/admin/submitting.h"
#include "broker/named_once.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::AlterConfigsRequest;
using Response = protocol::AlterConfigsResponse;

struct Altering {
  Answer answer;
  Reply reply;
  RequestMessage message;
  std::vector<bool> repeated;
  bool over_tcp;
};

// What is left out of those that are stored is removed.
std::vector<metadata::ConfigChange> changes_to(const RequestMessage::AlterConfigsResource& asked,
                                               const config::ConfigMap& stored) {
  std::vector<metadata::ConfigChange> changes;
  std::set<std::string_view> named;
  for (const auto& c : asked.configs) {
    changes.push_back({c.name, metadata::ConfigOp::set, c.value});
    named.insert(c.name);
  }
  for (const auto& [name, value] : stored)
    if (!named.contains(name)) changes.push_back({name, metadata::ConfigOp::remove, std::nullopt});
  return changes;
}

// Kafka looks at these before it looks at any value.
Status check_names(const RequestMessage::AlterConfigsResource& asked) {
  std::set<std::string_view> named;
  for (const auto& c : asked.configs)
    if (!named.insert(c.name).second) return error(Errc::invalid_request, c.name + " is named twice");
  for (const auto& c : asked.configs)
    if (!c.value) return error(Errc::invalid_request, c.name + " has no value");
  return {};
}

Status check_doors(const metadata::Records& records) {
  for (const auto& record : records) {
    const auto* changed = std::get_if<metadata::ConfigRecord>(&record);
    if (!changed || changed->resource_type != 4) continue;
    const config::ConfigKey* key = config::find_config(config::ConfigScope::broker, changed->name);
    if (key && key->opens_door) return closed_door(changed->name);
  }
  return {};
}

// Whatever is wrong with a broker, or its configs, is a wrong request (KAFKA-13609).
Error as_kafka_has_it(int8_t resource_type, Error why) {
  const bool is_of_request = why.code == Errc::invalid_config || why.code == Errc::broker_id_not_registered;
  if (resource_type == 4 && is_of_request) why.code = Errc::invalid_request;
  return why;
}

Result<metadata::Records> change(const Altering& altering, size_t i, const metadata::Image& image) {
  const auto& asked = altering.message.resources[i];
  if (altering.repeated[i]) return error(Errc::invalid_request, "the resource is named twice in one request");
  BOBBIN_TRY(check_names(asked));
  BOBBIN_TRY(check_config_resource(asked.resource_type, asked.resource_name));
  const metadata::ConfigResource resource{static_cast<config::ConfigScope>(asked.resource_type), asked.resource_name};
  const auto changes = changes_to(asked, image.configs(resource.scope, resource.name));
  auto altered = metadata::alter_configs(image, resource, changes);
  if (!altered) return as_kafka_has_it(asked.resource_type, std::move(altered).error());
  metadata::Records records = std::move(*altered);
  if (altering.over_tcp) BOBBIN_TRY(check_doors(records));
  return altering.message.validate_only ? metadata::Records() : std::move(records);
}

void answer(Altering& altering, const Outcomes& results) {
  Response response;
  for (size_t i = 0; i < altering.message.resources.size(); i++) {
    auto& told = response.responses.emplace_back();
    told.resource_type = altering.message.resources[i].resource_type;
    told.resource_name = altering.message.resources[i].resource_name;
    if (!results[i]) {
      told.error_code = wire_code(results[i].error().code);
      told.error_message = results[i].error().message;
    }
  }
  altering.reply.send(altering.answer.frame(response));
}

void alter_configs(AdminContext& admin, const Request& request, RequestMessage message, Reply reply) {
  auto altering = std::make_shared<Altering>(Altering{
      answer_to(request), std::move(reply), std::move(message), {}, !admin.connections.is_local(request.connection)});
  const auto& resources = altering->message.resources;
  altering->repeated = named_repeatedly(
      resources.size(), [&](size_t i) { return std::tie(resources[i].resource_type, resources[i].resource_name); });
  int64_t configs = 0;
  for (const auto& resource : resources) configs += static_cast<int64_t>(resource.configs.size());
  if (auto few = check_changes(resources.size(), configs); !few) return answer(*altering, Outcomes::all(few));
  submit_all(
      admin, resources.size(),
      [altering](size_t i, const metadata::Image& image) { return change(*altering, i, image); },
      [altering](const Outcomes& results) { answer(*altering, results); });
}

}  // namespace

extern constinit const ServedApi alter_configs_api = served<alter_configs>();

}  // namespace bobbin::broker
