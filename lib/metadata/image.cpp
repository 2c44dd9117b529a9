#include "metadata/image.h"

#include <algorithm>

#include "base/topic_name.h"
#include "base/uuid.h"
#include "metadata/names.h"

namespace bobbin::metadata {
namespace {

constexpr int32_t no_leader_change = -2;

template <class I, class N>
std::vector<I> ids(const std::vector<N>& numbers) {
  std::vector<I> out;
  out.reserve(numbers.size());
  for (N n : numbers) out.emplace_back(n);
  return out;
}

template <class N>
std::vector<BrokerId> ids_or_none(const std::optional<std::vector<N>>& numbers) {
  return numbers ? ids<BrokerId>(*numbers) : std::vector<BrokerId>();
}

bool may_collide(std::string_view name) { return name.find_first_of("._") != name.npos; }

Error contradiction(std::string what) { return error(Errc::damaged, "the metadata log contradicts itself: " + what); }

}  // namespace

Status Image::apply(const AnyRecord& record, Offset offset) {
  BOBBIN_TRY(std::visit([&](const auto& r) { return on(r, offset); }, record));
  next_offset_ = offset + 1;
  return {};
}

Status Image::on(const RegisterBrokerRecord& r, Offset) {
  Broker b;
  b.id = BrokerId(r.broker_id);
  b.epoch = BrokerEpoch(r.broker_epoch);
  b.incarnation = r.incarnation_id;
  for (const auto& e : r.end_points) b.endpoints.push_back({e.name, e.host, e.port, e.security_protocol});
  b.log_dirs = r.log_dirs;
  b.rack = r.rack;
  b.fenced = r.fenced;
  b.in_controlled_shutdown = r.in_controlled_shutdown;
  brokers_[b.id] = std::move(b);
  return {};
}

Status Image::on(const UnregisterBrokerRecord& r, Offset) {
  if (!brokers_.erase(BrokerId(r.broker_id)))
    return contradiction("broker " + std::to_string(r.broker_id) + " leaves and never came");
  return {};
}

Status Image::on(const TopicRecord& r, Offset) {
  // It would be a path.
  if (auto checked = check_topic_name(r.name); !checked)
    return error(Errc::damaged, "the metadata log names a topic that cannot be one: " + checked.error().message);
  if (topics_.count(r.name) || names_.count(r.topic_id)) return contradiction("topic " + r.name + " is made twice");
  topics_[r.name] = Topic{r.name, r.topic_id, {}};
  names_[r.topic_id] = r.name;
  if (may_collide(r.name)) derived_.names_by_form[collision_form(r.name)] = r.name;
  return {};
}

Status Image::on(const PartitionRecord& r, Offset) {
  auto name = names_.find(r.topic_id);
  if (name == names_.end())
    return contradiction("a partition of topic " + to_string(r.topic_id) + ", which is unknown");
  Topic& topic = topics_.find(name->second)->second;
  const auto number = static_cast<size_t>(r.partition_id);
  if (r.partition_id < 0 || number > topic.partitions.size())
    return contradiction("topic " + topic.name + ": partition " + std::to_string(r.partition_id) + " after " +
                         std::to_string(topic.partitions.size()) + " partitions");
  // As in Kafka, one that is known is as the record says from then on.
  if (number == topic.partitions.size()) topic.partitions.emplace_back();
  else derived_.led[topic.partitions[number].leader]--;
  Partition& p = topic.partitions[number];
  p.replicas = ids<BrokerId>(r.replicas);
  p.isr = ids<BrokerId>(r.isr);
  p.removing_replicas = ids<BrokerId>(r.removing_replicas);
  p.adding_replicas = ids<BrokerId>(r.adding_replicas);
  p.eligible_leaders = ids_or_none(r.eligible_leader_replicas);
  p.last_known_leaders = ids_or_none(r.last_known_elr);
  p.directories = r.directories;
  p.leader = BrokerId(r.leader);
  derived_.led[p.leader]++;
  p.leader_epoch = LeaderEpoch(r.leader_epoch);
  p.partition_epoch = r.partition_epoch;
  p.recovering = r.leader_recovery_state == 1;
  return {};
}

Status Image::on(const PartitionChangeRecord& r, Offset) {
  auto name = names_.find(r.topic_id);
  if (name == names_.end()) return contradiction("a change of topic " + to_string(r.topic_id) + ", which is unknown");
  Topic& topic = topics_.find(name->second)->second;
  if (r.partition_id < 0 || static_cast<size_t>(r.partition_id) >= topic.partitions.size())
    return contradiction("a change of " + topic.name + "-" + std::to_string(r.partition_id) + ", which is unknown");
  Partition& p = topic.partitions[static_cast<size_t>(r.partition_id)];
  if (r.isr) p.isr = ids<BrokerId>(*r.isr);
  if (r.replicas) {
    for (BrokerId before : p.replicas) removed_.copies.insert({r.topic_id, PartitionId(r.partition_id), before});
    p.replicas = ids<BrokerId>(*r.replicas);
    for (BrokerId now : p.replicas) removed_.copies.erase({r.topic_id, PartitionId(r.partition_id), now});
  }
  if (r.removing_replicas) p.removing_replicas = ids<BrokerId>(*r.removing_replicas);
  if (r.adding_replicas) p.adding_replicas = ids<BrokerId>(*r.adding_replicas);
  if (r.directories) p.directories = *r.directories;
  if (r.eligible_leader_replicas) p.eligible_leaders = ids<BrokerId>(*r.eligible_leader_replicas);
  if (r.last_known_elr) p.last_known_leaders = ids<BrokerId>(*r.last_known_elr);
  if (r.leader_recovery_state >= 0) p.recovering = r.leader_recovery_state == 1;
  // As in Kafka: naming a leader, even the same one, begins a reign.
  if (r.leader != no_leader_change) {
    derived_.led[p.leader]--;
    p.leader = BrokerId(r.leader);
    derived_.led[p.leader]++;
    p.leader_epoch += 1;
  }
  p.partition_epoch++;
  return {};
}

Status Image::on(const ConfigRecord& r, Offset) {
  if (r.resource_type != static_cast<int8_t>(config::ConfigScope::topic) &&
      r.resource_type != static_cast<int8_t>(config::ConfigScope::broker))
    return error(Errc::unsupported_version, "the metadata has settings of a kind (" + std::to_string(r.resource_type) +
                                                ") that this program does not know: use the newer one that wrote it");
  ConfigResource resource{static_cast<config::ConfigScope>(r.resource_type), r.resource_name};
  if (r.value) {
    configs_[resource][r.name] = *r.value;
    return {};
  }
  auto found = configs_.find(resource);
  if (found == configs_.end()) return {};
  found->second.erase(r.name);
  if (found->second.empty()) configs_.erase(found);
  return {};
}

Status Image::on(const FenceBrokerRecord& r, Offset) {
  auto found = brokers_.find(BrokerId(r.id));
  if (found == brokers_.end()) return contradiction("broker " + std::to_string(r.id) + " is fenced and never came");
  found->second.fenced = true;
  return {};
}

Status Image::on(const UnfenceBrokerRecord& r, Offset) {
  auto found = brokers_.find(BrokerId(r.id));
  if (found == brokers_.end()) return contradiction("broker " + std::to_string(r.id) + " is unfenced and never came");
  found->second.fenced = false;
  return {};
}

Status Image::on(const BrokerRegistrationChangeRecord& r, Offset) {
  auto found = brokers_.find(BrokerId(r.broker_id));
  if (found == brokers_.end())
    return contradiction("broker " + std::to_string(r.broker_id) + " changes and never came");
  if (r.fenced != 0) found->second.fenced = r.fenced > 0;
  if (r.in_controlled_shutdown != 0) found->second.in_controlled_shutdown = r.in_controlled_shutdown > 0;
  if (!r.log_dirs.empty()) found->second.log_dirs = r.log_dirs;
  return {};
}

Status Image::on(const RemoveTopicRecord& r, Offset) {
  auto name = names_.find(r.topic_id);
  if (name == names_.end()) return contradiction("topic " + to_string(r.topic_id) + " is deleted and unknown");
  configs_.erase(ConfigResource{config::ConfigScope::topic, name->second});
  auto topic = topics_.find(name->second);
  for (const Partition& p : topic->second.partitions) derived_.led[p.leader]--;
  if (auto form = derived_.names_by_form.find(collision_form(name->second));
      form != derived_.names_by_form.end() && form->second == name->second)
    derived_.names_by_form.erase(form);
  topics_.erase(topic);
  names_.erase(name);
  removed_.topics.insert(r.topic_id);
  return {};
}

Status Image::on(const FeatureLevelRecord& r, Offset) {
  if (r.name == feature_bobbin_version && r.feature_level > bobbin_version)
    return error(Errc::unsupported_version, "this cluster is at bobbin.version " + std::to_string(r.feature_level) +
                                                ", this program knows " + std::to_string(bobbin_version) +
                                                ": use the newer program");
  features_[r.name] = r.feature_level;
  return {};
}

Status Image::on(const ProducerIdsRecord& r, Offset) {
  if (ProducerId(r.next_producer_id) < next_producer_id_) return contradiction("producer ids go back");
  next_producer_id_ = ProducerId(r.next_producer_id);
  return {};
}

const Topic* Image::topic(std::string_view name) const {
  auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : &found->second;
}

const Topic* Image::topic(const TopicId& id) const {
  auto found = names_.find(id);
  return found == names_.end() ? nullptr : topic(found->second);
}

const Topic* Image::colliding_with(std::string_view name) const {
  if (!may_collide(name)) return nullptr;
  auto found = derived_.names_by_form.find(collision_form(name));
  return found == derived_.names_by_form.end() ? nullptr : topic(found->second);
}

size_t Image::led_by(BrokerId id) const {
  auto found = derived_.led.find(id);
  return found == derived_.led.end() ? 0 : found->second;
}

const Broker* Image::broker(BrokerId id) const {
  auto found = brokers_.find(id);
  return found == brokers_.end() ? nullptr : &found->second;
}

const config::ConfigMap& Image::configs(config::ConfigScope scope, std::string_view name) const {
  static const config::ConfigMap empty;
  auto found = configs_.find(ConfigResource{scope, std::string(name)});
  return found == configs_.end() ? empty : found->second;
}

}  // namespace bobbin::metadata
