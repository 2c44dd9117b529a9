#include "client/admin/configs.h"

#include <algorithm>

#include "base/units.h"
#include "client/admin/asking.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/incremental_alter_configs.h"

namespace bobbin::client {

namespace {

// Of the two APIs' results, which name what they are about in the same way.
auto is_about(ResourceType type, const std::string& name) {
  return [type, &name](const auto& result) {
    return result.resource_type == static_cast<int8_t>(type) && result.resource_name == name;
  };
}

}  // namespace

Result<std::vector<ConfigEntry>> describe_configs(Session& session, ResourceType type, const std::string& name) {
  protocol::DescribeConfigsRequest request;
  request.include_documentation = true;
  request.resources.push_back({static_cast<int8_t>(type), name, std::nullopt});
  // Kafka's brokers tell each only of themselves, and ours know no other's --set.
  CallOptions options;
  auto id = parse_number(name, 0, INT32_MAX, "a broker's id");
  BrokerId broker = id ? BrokerId(static_cast<int32_t>(*id)) : broker_none;
  if (type == ResourceType::broker &&
      (session.is_local() ? session.is_alive(broker) : session.topology().nodes.contains(broker)))
    options.node = broker;
  BOBBIN_TRY_ASSIGN(answer, (ask_until_answered<protocol::DescribeConfigsRequest, protocol::DescribeConfigsResponse>(
                                session, options, request)));
  std::string what = (type == ResourceType::topic ? "topic " : "broker ") + name;
  const auto* result = find_result(answer.body.results, is_about(type, name));
  if (!result) return error(Errc::malformed, "the cluster does not say what the configs of " + what + " are");
  BOBBIN_TRY(outcome(result->error_code, result->error_message, what));
  std::vector<ConfigEntry> entries;
  for (const auto& config : result->configs) {
    auto& entry = entries.emplace_back();
    entry.name = config.name;
    entry.value = config.is_sensitive ? std::nullopt : config.value;
    entry.source = config.config_source;
    entry.type = config.config_type;
    entry.read_only = config.read_only;
    entry.documentation = config.documentation.value_or("");
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

Result<std::vector<std::optional<std::string>>> read_configs(Session& session, BrokerId node,
                                                             const std::vector<ConfigQuestion>& questions) {
  protocol::DescribeConfigsRequest request;
  for (const auto& q : questions)
    request.resources.push_back({static_cast<int8_t>(q.type), q.resource, std::vector<std::string>{q.config}});
  CallOptions options;
  options.node = node;
  BOBBIN_TRY_ASSIGN(answer, (ask_until_answered<protocol::DescribeConfigsRequest, protocol::DescribeConfigsResponse>(
                                session, options, request)));
  std::vector<std::optional<std::string>> values(questions.size());
  for (size_t i = 0; i < questions.size(); i++)
    for (const auto& result : answer.body.results) {
      if (result.error_code != 0 || !is_about(questions[i].type, questions[i].resource)(result)) continue;
      for (const auto& config : result.configs)
        if (config.name == questions[i].config) values[i] = config.value;
    }
  return values;
}

Status alter_configs(Session& session, ResourceType type, const std::string& name,
                     const std::vector<ConfigChange>& changes, bool validate_only) {
  protocol::IncrementalAlterConfigsRequest request;
  request.validate_only = validate_only;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = static_cast<int8_t>(type);
  resource.resource_name = name;
  for (const auto& change : changes) {
    std::optional<std::string> value = change.value;
    if (change.operation == ConfigChange::Operation::unset) value.reset();
    resource.configs.push_back({change.name, static_cast<int8_t>(change.operation), value});
  }
  BOBBIN_TRY_ASSIGN(
      answer, (ask_controller<protocol::IncrementalAlterConfigsRequest, protocol::IncrementalAlterConfigsResponse>(
                  session, request)));
  std::string what = (type == ResourceType::topic ? "topic " : "broker ") + name;
  const auto* result = find_result(answer.body.responses, is_about(type, name));
  return result ? outcome(result->error_code, result->error_message, what) : left_out("the configs of " + what);
}

}  // namespace bobbin::client
