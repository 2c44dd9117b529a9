#include "broker/data/named_partitions.h"

#include "base/mutants.h"

namespace bobbin::broker {

void add_need(Needs& needs, const DataContext& data, const metadata::Topic* topic, int32_t partition) {
  auto id = cluster::id_of(topic, PartitionId(partition));
  if (!id) needs.unknown |= !topic || partition >= 0;
  else if (data.replicas.is_closed(*id)) needs.closed.push_back(*id);
}

Result<cluster::Leading*> find_leader(const DataContext& data, const metadata::Topic& topic, int32_t partition) {
  if (partition < 0 || static_cast<size_t>(partition) >= topic.partitions.size())
    return error(Errc::unknown_topic_or_partition,
                 topic.name + " has partitions 0 to " + std::to_string(topic.partitions.size() - 1));
  return data.replicas.leader({topic.id, PartitionId(partition)});
}

Error unless_another_leads(DataContext& data, std::optional<cluster::TopicPartition> id, Error why) {
  if (!id || !data.repairs.note(*id, Repairs::Fault::in_files)) return why;
  return error(Errc::not_leader_or_follower, "another broker's copy takes the place of this one");
}

Errc check_leader_epoch(const cluster::Leading& leading, int32_t epoch) {
  if (epoch < 0 || epoch == leading.epoch().value || planted(Mutant::answer_other_reigns)) return Errc::none;
  return epoch < leading.epoch().value ? Errc::fenced_leader_epoch : Errc::unknown_leader_epoch;
}

}  // namespace bobbin::broker
