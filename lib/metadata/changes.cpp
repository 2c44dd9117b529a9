#include "metadata/changes.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/number.h"
#include "base/text.h"
#include "base/uuid.h"
#include "metadata/image_records.h"
#include "metadata/names.h"

namespace bobbin::metadata {
namespace {

// As Kafka, for the same reason: one request must not make a transaction of any size.
constexpr int32_t partitions_max = 10'000;

std::string quoted(std::string_view name) { return "'" + escaped_for_line(name) + "'"; }

Error unknown_topic(std::string_view name) {
  return error(Errc::unknown_topic_or_partition, "there is no topic " + quoted(name));
}

Error no_replicas_yet(int64_t asked) {
  return error(Errc::invalid_replication_factor,
               "replication factor " + std::to_string(asked) +
                   ": replicas are not there yet, every partition has one copy; use 1");
}

Status check_new_name(const Image& image, std::string_view name) {
  BOBBIN_TRY(check_topic_name(name));
  if (image.topic(name)) return error(Errc::topic_already_exists, "topic " + quoted(name) + " exists already");
  if (is_reserved_topic(name))
    return error(Errc::invalid_topic_exception,
                 quoted(name) + " is what brokers call a topic of their own: choose another name");
  if (const Topic* other = image.colliding_with(name))
    return error(Errc::invalid_topic_exception,
                 "topic " + quoted(name) + " collides with " + quoted(other->name) + ": '.' and '_' count as the same");
  return {};
}

Status check_replicas(const Image& image, int32_t partition, const std::vector<BrokerId>& replicas) {
  auto refuse = [&](const std::string& why) {
    return error(Errc::invalid_replica_assignment, "partition " + std::to_string(partition) + ": " + why);
  };
  if (replicas.empty()) return refuse("no replica is named");
  std::set<BrokerId> seen;
  for (BrokerId id : replicas) {
    if (!seen.insert(id).second) return refuse("broker " + to_string(id) + " is named twice");
    if (!image.broker(id)) return refuse("there is no broker " + to_string(id));
  }
  if (replicas.size() > 1) return no_replicas_yet(static_cast<int64_t>(replicas.size()));
  return {};
}

// The assignments in order of their partitions, which must be 0 to n - 1.
Result<std::vector<std::vector<BrokerId>>> checked_assignments(const Image& image,
                                                               const std::vector<Assignment>& assignments) {
  std::map<PartitionId, std::vector<BrokerId>> sorted;
  for (const Assignment& a : assignments) {
    if (!sorted.emplace(a.partition, a.replicas).second)
      return error(Errc::invalid_replica_assignment, "partition " + to_string(a.partition) + " is assigned twice");
    BOBBIN_TRY(check_replicas(image, a.partition.value, a.replicas));
  }
  if (sorted.begin()->first.value != 0 || sorted.rbegin()->first.value != static_cast<int32_t>(sorted.size()) - 1)
    return error(Errc::invalid_replica_assignment,
                 "assigned partitions must be numbered 0 to " + std::to_string(sorted.size() - 1));
  std::vector<std::vector<BrokerId>> out;
  for (auto& [number, replicas] : sorted) out.push_back(std::move(replicas));
  return out;
}

Status check_partition_count(int64_t count) {
  if (count < 1)
    return error(Errc::invalid_partitions, "a topic has at least 1 partition, not " + std::to_string(count));
  if (count > partitions_max)
    return error(Errc::invalid_partitions, std::to_string(count) + " partitions are too many: at most " +
                                               std::to_string(partitions_max) + " at once");
  return {};
}

// How many partitions each broker leads, of one topic (or none) and of all.
struct Load {
  size_t of_topic = 0;
  size_t of_all = 0;
  size_t turn = 0;  // who is next when all else is equal
  auto operator<=>(const Load&) const = default;
};

Result<std::vector<std::vector<BrokerId>>> placed(const Image& image, const Topic* topic, size_t count,
                                                  const Placement& placement) {
  if (placement.brokers.empty())
    return error(Errc::invalid_replication_factor, "no broker is there to hold a partition; start one");
  std::map<BrokerId, Load> loads;
  for (size_t i = 0; i < placement.brokers.size(); i++) {
    Load& load = loads[placement.brokers[i]];
    load.turn = (i + placement.brokers.size() - placement.start % placement.brokers.size()) % placement.brokers.size();
    load.of_all = image.led_by(placement.brokers[i]);
  }
  if (topic)
    for (const Partition& p : topic->partitions)
      if (auto found = loads.find(p.leader); found != loads.end()) found->second.of_topic++;
  std::vector<std::vector<BrokerId>> out;
  for (size_t i = 0; i < count; i++) {
    auto least =
        std::min_element(loads.begin(), loads.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    out.push_back({least->first});
    least->second.of_topic++;
    least->second.of_all++;
  }
  return out;
}

Uuid directory_of(const Image& image, BrokerId id) {
  const Broker* broker = image.broker(id);
  return broker && !broker->log_dirs.empty() ? broker->log_dirs.front() : Uuid();
}

PartitionRecord new_partition(const Image& image, const TopicId& topic, size_t number,
                              const std::vector<BrokerId>& replicas) {
  PartitionRecord r;
  r.partition_id = static_cast<int32_t>(number);
  r.topic_id = topic;
  for (BrokerId id : replicas) {
    r.replicas.push_back(id.value);
    r.isr.push_back(id.value);
    r.directories.push_back(directory_of(image, id));
  }
  r.leader = replicas.front().value;
  r.leader_epoch = 0;
  r.partition_epoch = 0;
  return r;
}

ConfigRecord config_record(const ConfigResource& resource, const std::string& name, std::optional<std::string> value) {
  ConfigRecord r;
  r.resource_type = static_cast<int8_t>(resource.scope);
  r.resource_name = resource.name;
  r.name = name;
  r.value = std::move(value);
  return r;
}

Result<Records> first_configs(const NewTopic& topic) {
  Records out;
  std::set<std::string_view> seen;
  ConfigResource resource{config::ConfigScope::topic, topic.name};
  for (const auto& [name, value] : topic.configs) {
    if (!seen.insert(name).second) return error(Errc::invalid_config, quoted(name) + " is given twice");
    if (!value) return error(Errc::invalid_config, quoted(name) + " has no value");
    BOBBIN_TRY_ASSIGN(checked, config::checked_config(config::ConfigScope::topic, name, *value));
    out.emplace_back(config_record(resource, name, std::move(checked)));
  }
  return out;
}

// The replicas of each partition of a new topic.
Result<std::vector<std::vector<BrokerId>>> first_replicas(const Image& image, const NewTopic& topic,
                                                          const Placement& placement,
                                                          const config::BrokerSettings& defaults) {
  if (!topic.assignments.empty()) {
    if (topic.partitions != -1 || topic.replication_factor != -1)
      return error(Errc::invalid_request,
                   "give either an assignment of replicas or numbers of partitions and replicas, not both");
    BOBBIN_TRY(check_partition_count(static_cast<int64_t>(topic.assignments.size())));
    return checked_assignments(image, topic.assignments);
  }
  int32_t count = topic.partitions == -1 ? defaults.num_partitions : topic.partitions;
  BOBBIN_TRY(check_partition_count(count));
  int16_t replicas = topic.replication_factor == -1 ? defaults.default_replication_factor : topic.replication_factor;
  if (replicas < 1)
    return error(Errc::invalid_replication_factor,
                 "replication factor " + std::to_string(replicas) + ": at least 1 is needed");
  if (replicas > 1) return no_replicas_yet(replicas);
  return placed(image, nullptr, static_cast<size_t>(count), placement);
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

// Whether nobody but this broker can lead the partition now.
bool waits_for(const Partition& p, BrokerId id) {
  if (p.leader != broker_none) return false;
  if (p.isr.empty()) return p.replicas == std::vector{id};
  return std::find(p.isr.begin(), p.isr.end(), id) != p.isr.end();
}

PartitionChangeRecord new_reign(const Topic& topic, size_t number, const Registration& who) {
  const Partition& p = topic.partitions[number];
  PartitionChangeRecord r;
  r.partition_id = static_cast<int32_t>(number);
  r.topic_id = topic.id;
  r.leader = who.id.value;
  if (p.isr.empty()) r.isr = {who.id.value};
  if (who.log_dirs.empty() || p.directories.size() != p.replicas.size()) return r;
  std::vector<Uuid> directories = p.directories;
  for (size_t i = 0; i < p.replicas.size(); i++)
    if (p.replicas[i] == who.id) directories[i] = who.log_dirs.front();
  if (directories != p.directories) r.directories = std::move(directories);
  return r;
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
  BOBBIN_TRY(check_new_name(image, topic.name));
  BOBBIN_TRY_ASSIGN(partitions, first_replicas(image, topic, placement, defaults));
  BOBBIN_TRY_ASSIGN(configs, first_configs(topic));
  Records out;
  TopicRecord made;
  made.name = topic.name;
  made.topic_id = topic.id;
  out.emplace_back(std::move(made));
  for (AnyRecord& config : configs) out.push_back(std::move(config));
  for (size_t i = 0; i < partitions.size(); i++) out.emplace_back(new_partition(image, topic.id, i, partitions[i]));
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
  for (size_t i = 0; i < assignments.size(); i++)
    BOBBIN_TRY(check_replicas(image, static_cast<int32_t>(have) + static_cast<int32_t>(i), assignments[i]));
  if (assignments.empty()) {
    BOBBIN_TRY_ASSIGN(chosen, placed(image, topic, added, placement));
    replicas = std::move(chosen);
  }
  Records out;
  for (size_t i = 0; i < added; i++)
    out.emplace_back(new_partition(image, topic->id, static_cast<size_t>(have) + i, replicas[i]));
  return out;
}

Result<Records> alter_configs(const Image& image, const ConfigResource& resource,
                              const std::vector<ConfigChange>& changes) {
  BOBBIN_TRY(check_resource(image, resource));
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
  return out;
}

Result<Records> register_broker(const Image& image, const Registration& who) {
  const Broker* before = image.broker(who.id);
  bool same_life = before && before->incarnation == who.incarnation;
  Records out;
  out.emplace_back(record_of({.id = who.id,
                              .epoch = same_life ? before->epoch : BrokerEpoch(image.next_offset().value),
                              .incarnation = who.incarnation,
                              .endpoints = who.endpoints,
                              .log_dirs = who.log_dirs,
                              .rack = std::nullopt}));
  if (same_life) return out;
  for (const auto& [name, topic] : image.topics())
    for (size_t i = 0; i < topic.partitions.size(); i++)
      if (topic.partitions[i].leader == who.id || waits_for(topic.partitions[i], who.id))
        out.emplace_back(new_reign(topic, i, who));
  return out;
}

Result<Records> take_producer_ids(const Image& image, BrokerId id, BrokerEpoch epoch) {
  const Broker* broker = image.broker(id);
  if (!broker || broker->epoch != epoch)
    return error(Errc::stale_broker_epoch, "broker " + to_string(id) + " has begun another life since");
  ProducerIdsRecord r;
  r.broker_id = id.value;
  r.broker_epoch = epoch.value;
  r.next_producer_id = image.next_producer_id().value + producer_id_block;
  Records out;
  out.emplace_back(r);
  return out;
}

}  // namespace bobbin::metadata
