#include "cluster/open_replicas.h"

#include "base/mutants.h"

namespace bobbin::cluster {

std::optional<Status> OpenReplicas::fate_of(const TopicPartition& id, LeaderEpoch epoch, Offset record) const {
  const Leading* leading = find_leading(id);
  if (!leading) return error(Errc::not_leader_or_follower, "another broker leads the partition now");
  // R19: what was appended in another reign may have been cut since.
  if (leading->epoch() != epoch && !planted(Mutant::ack_other_reigns))
    return error(Errc::not_leader_or_follower, "another reign has begun");
  if (leading->high_watermark() > record) return Status();
  if (const auto& failed = leading->copy().failed()) return *failed;
  return std::nullopt;
}

Leading* OpenReplicas::find_leading(const TopicPartition& id) const {
  auto it = open_.find(id);
  return it == open_.end() ? nullptr : it->second->leading();
}

Following* OpenReplicas::find_following(const TopicPartition& id) const {
  auto it = open_.find(id);
  return it == open_.end() ? nullptr : it->second->following();
}

Copy* OpenReplicas::find_copy(const TopicPartition& id) const {
  auto it = open_.find(id);
  return it == open_.end() ? nullptr : it->second->copy();
}

Following* OpenReplicas::find_succeeding(const TopicPartition& id) const {
  auto it = open_.find(id);
  return it == open_.end() ? nullptr : it->second->succeeding();
}

void OpenReplicas::add(Replica& replica) {
  open_[replica.id()] = &replica;
  if (replica.succeeding()) succeeding_.insert(replica.id());
  else succeeding_.erase(replica.id());
}

void OpenReplicas::remove(const TopicPartition& id) {
  open_.erase(id);
  succeeding_.erase(id);
}

void OpenReplicas::for_each(const std::function<void(Replica&)>& visit) const {
  for (const auto& [id, replica] : open_) visit(*replica);
}

void OpenReplicas::for_each_leading(const std::function<void(Leading&)>& visit) const {
  for (const auto& [id, replica] : open_)
    if (Leading* leading = replica->leading()) visit(*leading);
}

void OpenReplicas::for_each_copy(const std::function<void(Copy&)>& visit) const {
  for (const auto& [id, replica] : open_) visit(*replica->copy());
}

}  // namespace bobbin::cluster
