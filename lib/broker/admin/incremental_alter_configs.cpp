// IncrementalAlterConfigs 0 and 1, of topics (2) and brokers (4; "" is the default of all brokers). A resource that is named
// twice is answered once and left as it is. What decides who gets in is changed over the unix socket only.
#include "protocol/messages/incremental_alter_configs.h"
#include "broker/admin/config_resources.h"
#include "broker/admin/submitting.h"
#include "broker/named_once.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::IncrementalAlterConfigsRequest;
using Response = protocol::IncrementalAlterConfigsResponse;

struct Altering {
  Answer answer;
  Reply reply;
  RequestMessage message;
  NamedOnce named;
  bool over_tcp;

  const RequestMessage::AlterConfigsResource& resource(size_t i) const { return message.resources[named.first[i]]; }
};

// The config that this client may not change, if any.
std::optional<std::string> forbidden(const Altering& altering, const RequestMessage::AlterConfigsResource& asked) {
  if (asked.resource_type != 4 || !altering.over_tcp) return std::nullopt;
  for (const auto& c : asked.configs) {
    const config::ConfigKey* key = config::find_config(config::ConfigScope::broker, c.name);
    if (key && key->opens_door) return c.name;
  }
  return std::nullopt;
}

Result<metadata::Records> change(const Altering& altering, size_t i, const metadata::Image& image) {
  const auto& asked = altering.resource(i);
  if (altering.named.repeated[i]) return error(Errc::invalid_request, "the resource is named twice in one request");
  if (auto door = forbidden(altering, asked)) return closed_door(*door);
  BOBBIN_TRY(check_config_resource(asked.resource_type, asked.resource_name));
  std::vector<metadata::ConfigChange> wanted;
  for (const auto& c : asked.configs)
    wanted.push_back({c.name, static_cast<metadata::ConfigOp>(c.config_operation), c.value});
  auto records = metadata::alter_configs(
      image, {static_cast<config::ConfigScope>(asked.resource_type), asked.resource_name}, wanted);
  if (records && altering.message.validate_only) return metadata::Records{};
  return records;
}

void answer(Altering& altering, const Outcomes& results) {
  Response response;
  for (size_t i = 0; i < altering.named.first.size(); i++) {
    auto& told = response.responses.emplace_back();
    told.resource_type = altering.resource(i).resource_type;
    told.resource_name = altering.resource(i).resource_name;
    if (!results[i]) {
      told.error_code = wire_code(results[i].error().code);
      told.error_message = results[i].error().message;
    }
    protocol::encode_ahead<Response>(response.responses, altering.answer.version);
  }
  altering.reply.send_pieces(altering.answer.pieces_of(response, response.responses));
}

void incremental_alter_configs(AdminContext& admin, const Request& request, RequestMessage message, Reply reply) {
  auto altering = std::make_shared<Altering>(Altering{
      answer_to(request), std::move(reply), std::move(message), {}, !admin.connections.is_local(request.connection)});
  const auto& resources = altering->message.resources;
  altering->named = named_once(
      resources.size(), [&](size_t i) { return std::tie(resources[i].resource_type, resources[i].resource_name); });
  const size_t count = altering->named.first.size();
  int64_t configs = 0;
  for (size_t i = 0; i < count; i++) configs += static_cast<int64_t>(altering->resource(i).configs.size());
  if (auto few = check_changes(count, configs); !few) return answer(*altering, Outcomes::all(few));
  submit_all(
      admin, count, [altering](size_t i, const metadata::Image& image) { return change(*altering, i, image); },
      [altering](const Outcomes& results) { answer(*altering, results); });
}

}  // namespace

extern constinit const ServedApi incremental_alter_configs_api = served<incremental_alter_configs>();

}  // namespace bobbin::broker
