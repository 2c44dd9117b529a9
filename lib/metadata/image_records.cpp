#include "metadata/image_records.h"

namespace bobbin::metadata {
namespace {

std::vector<int32_t> numbers(const std::vector<BrokerId>& ids) {
  std::vector<int32_t> out;
  out.reserve(ids.size());
  for (BrokerId id : ids) out.push_back(id.value);
  return out;
}

std::optional<std::vector<int32_t>> numbers_or_null(const std::vector<BrokerId>& ids) {
  if (ids.empty()) return std::nullopt;
  return numbers(ids);
}

FeatureLevelRecord feature(std::string_view name, int16_t level) {
  FeatureLevelRecord r;
  r.name = name;
  r.feature_level = level;
  return r;
}

}  // namespace

PartitionRecord record_of(const TopicId& topic, PartitionId number, const Partition& p) {
  PartitionRecord r;
  r.partition_id = number.value;
  r.topic_id = topic;
  r.replicas = numbers(p.replicas);
  r.isr = numbers(p.isr);
  r.removing_replicas = numbers(p.removing_replicas);
  r.adding_replicas = numbers(p.adding_replicas);
  r.leader = p.leader.value;
  r.leader_recovery_state = p.recovering ? 1 : 0;
  r.leader_epoch = p.leader_epoch.value;
  r.partition_epoch = p.partition_epoch;
  r.directories = p.directories;
  r.eligible_leader_replicas = numbers_or_null(p.eligible_leaders);
  r.last_known_elr = numbers_or_null(p.last_known_leaders);
  return r;
}

RegisterBrokerRecord record_of(const Broker& b) {
  RegisterBrokerRecord r;
  r.broker_id = b.id.value;
  r.incarnation_id = b.incarnation;
  r.broker_epoch = b.epoch.value;
  r.fenced = b.fenced;
  r.in_controlled_shutdown = b.in_controlled_shutdown;
  r.rack = b.rack;
  r.log_dirs = b.log_dirs;
  for (const Endpoint& e : b.endpoints) {
    auto& out = r.end_points.emplace_back();
    out.name = e.name;
    out.host = e.host;
    out.port = e.port;
    out.security_protocol = e.security_protocol;
  }
  return r;
}

std::vector<AnyRecord> to_records(const Image& image) {
  std::vector<AnyRecord> out;
  const auto& features = image.features();
  // Kafka's tools want to know how to read the rest first.
  if (auto version = features.find(feature_metadata_version); version != features.end())
    out.emplace_back(feature(version->first, version->second));
  for (const auto& [name, level] : features)
    if (name != feature_metadata_version) out.emplace_back(feature(name, level));
  for (const auto& [id, broker] : image.brokers()) out.emplace_back(record_of(broker));
  for (const auto& [name, topic] : image.topics()) {
    TopicRecord made;
    made.name = name;
    made.topic_id = topic.id;
    out.emplace_back(std::move(made));
    for (size_t i = 0; i < topic.partitions.size(); i++)
      out.emplace_back(record_of(topic.id, PartitionId(static_cast<int32_t>(i)), topic.partitions[i]));
  }
  for (const auto& [resource, map] : image.all_configs())
    for (const auto& [name, value] : map) {
      ConfigRecord r;
      r.resource_type = static_cast<int8_t>(resource.scope);
      r.resource_name = resource.name;
      r.name = name;
      r.value = value;
      out.emplace_back(std::move(r));
    }
  if (image.next_producer_id().value > 0) {
    ProducerIdsRecord r;
    r.broker_id = -1;
    r.next_producer_id = image.next_producer_id().value;
    out.emplace_back(r);
  }
  return out;
}

}  // namespace bobbin::metadata
