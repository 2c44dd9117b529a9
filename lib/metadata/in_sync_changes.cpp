#include "metadata/in_sync_changes.h"

#include "base/ids.h"
#include "base/mutants.h"
#include "metadata/broker_changes.h"
#include "metadata/partition_change.h"

namespace bobbin::metadata {
namespace {

template <class Change>
Result<Records> changed(const Image& image, const Reign& reign, const Change& change) {
  BOBBIN_TRY_ASSIGN(topic, ruled(image, reign));
  PartitionChange to(*topic, reign.partition, min_isr_of(image, *topic, *topic->partition(reign.partition)));
  change(to);
  Records out;
  if (auto record = to.record()) out.emplace_back(std::move(*record));
  return out;
}

void renounce(const Image& image, const Topic& topic, PartitionId number, BrokerId who, Records& out) {
  const Partition& p = *topic.partition(number);
  if (p.replicas.size() < 2 || !holds(p.replicas, who)) return;
  PartitionChange to(topic, number, min_isr_of(image, topic, p));
  to.lose(who);
  to.elect(alive_in(image));
  auto record = to.record();
  if (!record) return;
  const BrokerId leader = record->leader == leader_unchanged ? p.leader : BrokerId(record->leader);
  if (leader != broker_none && leader != who) out.emplace_back(std::move(*record));
}

}  // namespace

// R1.
Result<const Topic*> ruled(const Image& image, const Reign& reign) {
  const Topic* topic = image.topic(reign.topic);
  if (!topic || !topic->partition(reign.partition)) return error(Errc::unknown_topic_id, "the topic is deleted");
  const Partition& p = *topic->partition(reign.partition);
  if (planted(Mutant::believe_old_leaders)) return topic;
  const std::string name = topic->name + "-" + to_string(reign.partition);
  if (p.leader != reign.leader)
    return error(Errc::not_leader_or_follower, name + " is not led by broker " + to_string(reign.leader) + " any more");
  if (p.leader_epoch != reign.epoch)
    return error(Errc::fenced_leader_epoch,
                 name + " is in reign " + to_string(p.leader_epoch) + ", not in " + to_string(reign.epoch));
  return topic;
}

Result<Records> leave_in_sync(const Image& image, const Reign& reign, BrokerId who) {
  return changed(image, reign, [&](PartitionChange& to) {
    if (who != reign.leader) to.leave(who);
  });
}

Result<Records> join_in_sync(const Image& image, const Reign& reign, BrokerId who, BrokerEpoch life) {
  const Broker* broker = image.broker(who);
  const bool is_over = !broker || broker->fenced || broker->epoch != life;
  if (is_over && !planted(Mutant::join_in_any_life))
    return error(Errc::ineligible_replica, "broker " + to_string(who) + " is fenced, or in another life");
  return changed(image, reign, [&](PartitionChange& to) { to.join(who); });
}

Result<Records> renounce_copies(const Image& image, BrokerId who, BrokerEpoch life, const std::vector<CopyOf>& copies) {
  const Broker* broker = image.broker(who);
  if (!broker || broker->epoch != life)
    return error(Errc::stale_broker_epoch, "broker " + to_string(who) + " has begun another life since");
  Records out;
  for (const CopyOf& copy : copies)
    if (const Topic* topic = image.topic(copy.topic); topic && topic->partition(copy.partition))
      renounce(image, *topic, copy.partition, who, out);
  if (!copies.empty()) return out;
  for (const auto& [name, topic] : image.topics())
    for (size_t i = 0; i < topic.partitions.size(); i++)
      renounce(image, topic, PartitionId(static_cast<int32_t>(i)), who, out);
  return out;
}

Result<Records> give_up_copy(const Image& image, BrokerId who, BrokerEpoch life, const CopyOf& copy) {
  BOBBIN_TRY_ASSIGN(renounced, renounce_copies(image, who, life, {copy}));
  const Partition* p = find_partition(image, copy.topic, copy.partition);
  if (!p) return Records();
  const bool others_count = !renounced.empty() || (p->leader != who && p->leader != broker_none && !may_lead(*p, who));
  if (!others_count) return Records();
  return image.broker(who)->fenced ? renounced : fence_broker(image, who, life, copy);
}

}  // namespace bobbin::metadata
