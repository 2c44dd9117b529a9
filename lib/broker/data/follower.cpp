#include "broker/data/follower.h"

#include "base/mutants.h"
#include "broker/data/named_partitions.h"

namespace bobbin::broker {

std::optional<Follower> follower_of(const DataContext& data, ConnectionId connection,
                                    const protocol::FetchRequest& message) {
  const auto& state = message.replica_state;
  if (state.replica_id < 0 || !data.connections.is_local(connection)) return std::nullopt;
  const metadata::Broker* broker = data.metadata.image().broker(BrokerId(state.replica_id));
  if (!broker || broker->fenced || broker->epoch.value != state.replica_epoch) return std::nullopt;
  return Follower{broker->id, broker->epoch};
}

void note_follower(DataContext& data, const Follower& follower, const protocol::FetchRequest& message) {
  auto note = [&](const metadata::Topic& topic, const protocol::FetchRequest::FetchPartition& asked) {
    auto id = cluster::id_of(&topic, PartitionId(asked.partition));
    cluster::Leading* leading = id ? data.replicas.opened().find_leading(*id) : nullptr;
    if (!leading) return;
    if (asked.current_leader_epoch != leading->epoch().value && !planted(Mutant::count_other_reigns)) return;
    const Offset from(asked.fetch_offset);
    const cluster::Copy& copy = leading->copy();
    if (from < copy.log_start() || from > copy.log_end()) return;
    if (asked.last_fetched_epoch >= 0 && diverging(*leading, asked)) return;
    const Offset start(asked.log_start_offset), kept(asked.kept_start);
    data.isr_upkeep.fetched(*leading, follower.id, follower.life, from, {start, kept == offset_none ? start : kept});
  };
  for (const auto& asked : message.topics)
    if (NamedTopic named = data.metadata.find_topic({}, asked.topic_id, true); named.topic)
      for (const auto& part : asked.partitions) note(*named.topic, part);
}

bool knows_start(const protocol::FetchRequest::FetchPartition& asked, const cluster::Copy& copy) {
  return Offset(asked.log_start_offset) >= copy.log_start() || planted(Mutant::keep_what_was_deleted);
}

std::optional<log::EpochEnd> diverging(const cluster::Leading& leading,
                                       const protocol::FetchRequest::FetchPartition& asked) {
  if (planted(Mutant::never_part)) return std::nullopt;
  log::EpochEnd ours = leading.end_of(LeaderEpoch(asked.last_fetched_epoch));
  if (ours.epoch.value == asked.last_fetched_epoch && ours.end >= Offset(asked.fetch_offset)) return std::nullopt;
  return ours;
}

}  // namespace bobbin::broker
