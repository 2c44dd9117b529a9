#include "metadata/changes.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/number.h"
#include "base/text.h"
#include "base/uuid.h"
#include "metadata/names.h"
#include "metadata/partition_change.h"

namespace bobbin::metadata {
namespace {

// As Kafka, for the same reason: one request must not make a transaction of any size.
constexpr int32_t partitions_max = 10'000;

std::string quoted(std::string_view name) { return "'" + escaped_for_line(name) + "'"; }

Error unknown_topic(std::string_view name) {
  return error(Errc::unknown_topic_or_partition, "there is no topic " + quoted(name));
}

Status check_new_name(const Image& image, std::string_view name, bool is_brokers_own) {
  BOBBIN_TRY(check_topic_name(name));
  if (image.topic(name)) return error(Errc::topic_already_exists, "topic " + quoted(name) + " exists already");
  if (is_reserved_topic(name) && !is_brokers_own)
    return error(Errc::invalid_topic_exception,
                 quoted(name) + " is what brokers call a topic of their own: choose another name");
  if (const Topic* other = image.colliding_with(name))
    return error(Errc::invalid_topic_exception,
                 "topic " + quoted(name) + " collides with " + quoted(other->name) + ": '.' and '_' count as the same");
  return {};
}

Status check_partition_count(int64_t count) {
  if (count < 1)
    return error(Errc::invalid_partitions, "a topic has at least 1 partition, not " + std::to_string(count));
  if (count > partitions_max)
    return error(Errc::invalid_partitions, std::to_string(count) + " partitions are too many: at most " +
                                               std::to_string(partitions_max) + " at once");
  return {};
}

ConfigRecord config_record(const ConfigResource& resource, const std::string& name, std::optional<std::string> value) {
  ConfigRecord r;
  r.resource_type = static_cast<int8_t>(resource.scope);
  r.resource_name = resource.name;
  r.name = name;
  r.value = std::move(value);
  return r;
}

// Of a name that is given twice the last value counts, as in Kafka.
Result<Records> first_configs(const NewTopic& topic) {
  Records out;
  std::map<std::string_view, size_t> last;
  for (size_t i = 0; i < topic.configs.size(); i++) last[topic.configs[i].first] = i;
  ConfigResource resource{config::ConfigScope::topic, topic.name};
  for (size_t i = 0; i < topic.configs.size(); i++) {
    const auto& [name, value] = topic.configs[i];
    if (last.at(name) != i) continue;
    if (!value) return error(Errc::invalid_config, quoted(name) + " has no value");
    BOBBIN_TRY_ASSIGN(checked, config::checked_config(config::ConfigScope::topic, name, *value));
    out.emplace_back(config_record(resource, name, std::move(checked)));
  }
  return out;
}

// The replicas of each partition of a new topic.
Result<ReplicaLists> first_replicas(const Image& image, const NewTopic& topic, const Placement& placement,
                                    const config::BrokerSettings& defaults) {
  if (!topic.assignments.empty()) {
    if (topic.partitions != -1 || topic.replication_factor != -1)
      return error(Errc::invalid_request,
                   "give either an assignment of replicas or numbers of partitions and replicas, not both");
    BOBBIN_TRY(check_partition_count(static_cast<int64_t>(topic.assignments.size())));
    return checked_assignments(image, topic.assignments, placement);
  }
  int32_t count = topic.partitions == -1 ? defaults.num_partitions : topic.partitions;
  BOBBIN_TRY(check_partition_count(count));
  int16_t replicas = topic.replication_factor == -1 ? defaults.default_replication_factor : topic.replication_factor;
  if (replicas < 1)
    return error(Errc::invalid_replication_factor,
                 "replication factor " + std::to_string(replicas) + ": at least 1 is needed");
  return place(image, nullptr, static_cast<size_t>(count), static_cast<size_t>(replicas), placement);
}

std::vector<std::string> items_of(std::string_view list) {
  std::vector<std::string> items;
  for (std::string_view part : split(list, ','))
    if (std::string_view item = trimmed(part); !item.empty()) items.emplace_back(item);
  return items;
}

// A list with items more or fewer.
std::string edited(const std::string& current, const ConfigChange& change) {
  std::vector<std::string> items = items_of(current);
  for (const std::string& item : items_of(*change.value)) {
    auto found = std::find(items.begin(), items.end(), item);
    if (change.op == ConfigOp::append && found == items.end()) items.push_back(item);
    if (change.op == ConfigOp::subtract && found != items.end()) items.erase(found);
  }
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + item;
  return out;
}

Status check_resource(const Image& image, const ConfigResource& resource) {
  if (resource.scope == config::ConfigScope::topic)
    return image.topic(resource.name) ? Status() : unknown_topic(resource.name);
  if (resource.name.empty()) return {};
  auto id = number_in<int32_t>(resource.name);
  if (!id) return error(Errc::invalid_request, quoted(resource.name) + " is not the id of a broker");
  if (!image.broker(BrokerId(*id))) return error(Errc::broker_id_not_registered, "there is no broker " + resource.name);
  return {};
}

// What the key holds now, as the cluster sees it (files of single brokers aside).
std::string current_value(const Image& image, const ConfigResource& resource, const config::ConfigKey& key) {
  config::ConfigLayers layers;
  layers.dynamic_default = &image.configs(config::ConfigScope::broker, "");
  (resource.scope == config::ConfigScope::topic ? layers.topic : layers.dynamic_broker) =
      &image.configs(resource.scope, resource.name);
  if (resource.scope == config::ConfigScope::broker && resource.name.empty()) layers.dynamic_broker = nullptr;
  return config::effective(key, layers).value;
}

// The value that is to be stored, or nothing to remove it.
Result<std::optional<std::string>> wanted_value(const Image& image, const ConfigResource& resource,
                                                const ConfigChange& change) {
  std::optional<std::string> none;
  if (change.op == ConfigOp::remove) return none;
  if (!change.value) return error(Errc::invalid_request, quoted(change.name) + " has no value");
  const config::ConfigKey* key = config::find_config(resource.scope, change.name);
  std::string value = *change.value;
  if (key && change.op != ConfigOp::set) {
    if (key->type != config::ConfigType::list)
      return error(Errc::invalid_config, quoted(change.name) + " is not a list: nothing can be added or taken away");
    value = edited(current_value(image, resource, *key), change);
  }
  BOBBIN_TRY_ASSIGN(checked, config::checked_config(resource.scope, change.name, value));
  return std::optional<std::string>(std::move(checked));
}

// R11: who is eligible was so under the min.insync.replicas of then. Where the isr is large enough now, others may commit
// without them.
void follow_min_isr(const Image& image, const ConfigResource& resource, Records& out) {
  config::ConfigMap changed = image.configs(resource.scope, resource.name);
  for (const AnyRecord& record : out) {
    const auto& config = std::get<ConfigRecord>(record);
    if (config.value) changed[config.name] = *config.value;
    else changed.erase(config.name);
  }
  auto layer = [&](config::ConfigScope scope, const std::string& name) {
    return ConfigResource{scope, name} == resource ? &changed : &image.configs(scope, name);
  };
  auto follow = [&](const Topic& topic) {
    config::ConfigLayers layers;
    layers.topic = layer(config::ConfigScope::topic, topic.name);
    layers.dynamic_default = layer(config::ConfigScope::broker, "");
    for (size_t i = 0; i < topic.partitions.size(); i++) {
      const int32_t min_isr = min_isr_under(layers, topic.partitions[i]);
      PartitionChange change(topic, PartitionId(static_cast<int32_t>(i)), min_isr);
      if (auto record = change.record()) out.emplace_back(std::move(*record));
    }
  };
  if (resource.scope == config::ConfigScope::topic) return follow(*image.topic(resource.name));
  for (const auto& [name, topic] : image.topics()) follow(topic);
}

Records removal(const TopicId& id) {
  RemoveTopicRecord r;
  r.topic_id = id;
  Records out;
  out.emplace_back(r);
  return out;
}

}  // namespace

Result<Records> create_topic(const Image& image, const NewTopic& topic, const Placement& placement,
                             const config::BrokerSettings& defaults) {
  BOBBIN_TRY(check_new_name(image, topic.name, topic.is_brokers_own));
  BOBBIN_TRY_ASSIGN(partitions, first_replicas(image, topic, placement, defaults));
  BOBBIN_TRY_ASSIGN(configs, first_configs(topic));
  Records out;
  TopicRecord made;
  made.name = topic.name;
  made.topic_id = topic.id;
  out.emplace_back(std::move(made));
  for (AnyRecord& config : configs) out.push_back(std::move(config));
  for (size_t i = 0; i < partitions.size(); i++)
    out.emplace_back(first_reign(image, topic.id, i, partitions[i], placement));
  return out;
}

Result<Records> delete_topic(const Image& image, std::string_view name) {
  const Topic* topic = image.topic(name);
  if (!topic) return unknown_topic(name);
  return removal(topic->id);
}

Result<Records> delete_topic(const Image& image, const TopicId& id) {
  if (!image.topic(id)) return error(Errc::unknown_topic_id, "there is no topic with the id " + to_string(id));
  return removal(id);
}

Result<Records> create_partitions(const Image& image, std::string_view name, int32_t count,
                                  const std::vector<std::vector<BrokerId>>& assignments, const Placement& placement) {
  const Topic* topic = image.topic(name);
  if (!topic) return unknown_topic(name);
  int64_t have = static_cast<int64_t>(topic->partitions.size());
  if (count <= have)
    return error(Errc::invalid_partitions, "topic " + quoted(name) + " has " + std::to_string(have) +
                                               " partitions already: the new number must be larger, and " +
                                               std::to_string(count) + " is not");
  BOBBIN_TRY(check_partition_count(count - have));
  size_t added = static_cast<size_t>(count - have);
  std::vector<std::vector<BrokerId>> replicas = assignments;
  if (!assignments.empty() && assignments.size() != added)
    return error(Errc::invalid_replica_assignment, std::to_string(added) + " partitions are added, but " +
                                                       std::to_string(assignments.size()) + " assignments are given");
  const Partition& first = topic->partitions.front();
  const size_t copies = first.replicas.size() - first.adding_replicas.size();
  for (size_t i = 0; i < assignments.size(); i++) {
    BOBBIN_TRY(check_replicas(image, static_cast<int32_t>(have) + static_cast<int32_t>(i), assignments[i], placement));
    if (assignments[i].size() != copies)
      return error(Errc::invalid_replica_assignment, "the partitions of " + quoted(name) + " have " +
                                                         std::to_string(copies) + " replicas, not " +
                                                         std::to_string(assignments[i].size()));
  }
  if (assignments.empty()) {
    BOBBIN_TRY_ASSIGN(chosen, place(image, topic, added, copies, placement));
    replicas = std::move(chosen);
  }
  Records out;
  for (size_t i = 0; i < added; i++)
    out.emplace_back(first_reign(image, topic->id, static_cast<size_t>(have) + i, replicas[i], placement));
  return out;
}

Result<Records> alter_configs(const Image& image, const ConfigResource& resource,
                              const std::vector<ConfigChange>& changes) {
  // As in Kafka, of a topic that is not there it is told first what is wrong with the configs.
  const bool is_of_topic = resource.scope == config::ConfigScope::topic;
  if (!is_of_topic) BOBBIN_TRY(check_resource(image, resource));
  const config::ConfigMap& stored = image.configs(resource.scope, resource.name);
  Records out;
  std::set<std::string_view> seen;
  for (const ConfigChange& change : changes) {
    if (!seen.insert(change.name).second)
      return error(Errc::invalid_request, quoted(change.name) + " is changed twice");
    BOBBIN_TRY_ASSIGN(wanted, wanted_value(image, resource, change));
    auto now = stored.find(change.name);
    bool same = now == stored.end() ? !wanted : wanted == now->second;
    if (!same) out.emplace_back(config_record(resource, change.name, std::move(wanted)));
  }
  if (is_of_topic) BOBBIN_TRY(check_resource(image, resource));
  if (!out.empty() && seen.contains("min.insync.replicas")) follow_min_isr(image, resource, out);
  return out;
}

}  // namespace bobbin::metadata
