#include "cluster/open_replicas.h"

namespace bobbin::cluster {

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
