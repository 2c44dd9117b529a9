#include "metadata/broker_changes.h"

#include <algorithm>

#include "base/ids.h"
#include "base/mutants.h"
#include "metadata/image_records.h"
#include "metadata/partition_change.h"

namespace bobbin::metadata {
namespace {

// change(PartitionChange&, const CopyOf&, const Partition&) for each partition that it has a copy of.
template <class Change>
void change_its_partitions(const Image& image, BrokerId id, Records& out, const Change& change) {
  for (const auto& [name, topic] : image.topics()) {
    for (size_t i = 0; i < topic.partitions.size(); i++) {
      const Partition& p = topic.partitions[i];
      if (!holds(p.replicas, id)) continue;
      const CopyOf copy{topic.id, PartitionId(static_cast<int32_t>(i))};
      PartitionChange changed(topic, copy.partition, min_isr_of(image, topic, p));
      change(changed, copy, p);
      if (auto record = changed.record()) out.emplace_back(std::move(*record));
    }
  }
}

// Of one that had no other copy, and has none yet that could take its place, what is there is all that there is.
bool is_only_copy(const Partition& p, BrokerId id) {
  if (p.replicas.size() - p.adding_replicas.size() > 1 || holds(p.adding_replicas, id)) return false;
  return std::none_of(p.replicas.begin(), p.replicas.end(),
                      [&](BrokerId other) { return other != id && may_lead(p, other); });
}

}  // namespace

Result<Records> register_broker(const Image& image, const Registration& who) {
  const Broker* before = image.broker(who.id);
  bool same_life = before && before->incarnation == who.incarnation && !before->fenced;
  const bool keeps_epoch = same_life || (before && planted(Mutant::same_life));
  Records out;
  out.emplace_back(record_of({.id = who.id,
                              .epoch = keeps_epoch ? before->epoch : BrokerEpoch(image.next_offset().value),
                              .incarnation = who.incarnation,
                              .endpoints = who.endpoints,
                              .log_dirs = who.log_dirs,
                              .rack = std::nullopt}));
  if (same_life) return out;
  // R12: also a life that could not tell it died with a folder that was made anew.
  const bool is_lossy = who.lossy || (before && !before->log_dirs.empty() && before->log_dirs != who.log_dirs);
  const IsAlive is_alive = [&, others = alive_in(image)](BrokerId id) { return id == who.id || others(id); };
  change_its_partitions(image, who.id, out, [&](PartitionChange& changed, const CopyOf&, const Partition& p) {
    if (!who.log_dirs.empty()) changed.move_to(who.id, who.log_dirs.front());
    if (is_lossy && !is_only_copy(p, who.id)) changed.lose(who.id);
    if (p.leader == who.id) changed.begin_reign(is_alive);
    else changed.elect(is_alive);
  });
  return out;
}

Result<Records> fence_broker(const Image& image, BrokerId id, BrokerEpoch observed, std::optional<CopyOf> lost) {
  const Broker* broker = image.broker(id);
  Records out;
  if (!broker || broker->epoch != observed || broker->fenced) return out;
  BrokerRegistrationChangeRecord fenced;
  fenced.broker_id = id.value;
  fenced.broker_epoch = observed.value;
  fenced.fenced = 1;
  out.emplace_back(fenced);
  const IsAlive is_alive = [&, others = alive_in(image)](BrokerId other) { return other != id && others(other); };
  change_its_partitions(image, id, out, [&](PartitionChange& changed, const CopyOf& copy, const Partition&) {
    if (copy == lost) changed.lose(id);
    if (!planted(Mutant::stay_in_sync)) changed.leave(id);
    changed.elect(is_alive);
  });
  return out;
}

Result<Records> unregister_broker(const Image& image, BrokerId id) {
  const Broker* broker = image.broker(id);
  if (!broker) return error(Errc::broker_id_not_registered, "there is no broker " + to_string(id));
  for (const auto& [name, topic] : image.topics())
    for (size_t i = 0; i < topic.partitions.size(); i++)
      if (holds(topic.partitions[i].replicas, id))
        return error(Errc::invalid_request, "broker " + to_string(id) + " keeps a replica of " + name + "-" +
                                                std::to_string(i) + "; move it away first (bobbin broker remove)");
  UnregisterBrokerRecord r;
  r.broker_id = id.value;
  r.broker_epoch = broker->epoch.value;
  Records out;
  out.emplace_back(r);
  return out;
}

Result<Records> take_producer_ids(const Image& image, BrokerId id, BrokerEpoch epoch, ProducerId at_least) {
  const Broker* broker = image.broker(id);
  if (!broker || broker->epoch != epoch)
    return error(Errc::stale_broker_epoch, "broker " + to_string(id) + " has begun another life since");
  ProducerIdsRecord r;
  r.broker_id = id.value;
  r.broker_epoch = epoch.value;
  r.next_producer_id = std::max(image.next_producer_id(), at_least).value + producer_id_block;
  Records out;
  out.emplace_back(r);
  return out;
}

}  // namespace bobbin::metadata
