// OpenReplicas: those of a broker's replicas whose logs are open, by their roles: few of many, which are looked at often.
//
// Owned by Replicas, used by the deciding thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "cluster/replica.h"

namespace bobbin::cluster {

class OpenReplicas {
 public:
  // nullptr: its log is not open, or it has another role.
  Leading* find_leading(const TopicPartition& id) const;
  Following* find_following(const TopicPartition& id) const;
  Following* find_succeeding(const TopicPartition& id) const;
  Copy* find_copy(const TopicPartition& id) const;
  size_t count() const { return open_.size(); }
  const std::set<TopicPartition>& succeeding() const { return succeeding_; }
  void for_each(const std::function<void(Replica&)>& visit) const;
  void for_each_leading(const std::function<void(Leading&)>& visit) const;
  void for_each_copy(const std::function<void(Copy&)>& visit) const;
  // What became of a record that its leader appended here in that reign: promised; or not to be counted on, and why:
  // not_leader_or_follower, or what its log failed with. Nothing: it is not decided yet.
  std::optional<Status> fate_of(const TopicPartition& id, LeaderEpoch epoch, Offset record) const;
  Offset high_watermark(const TopicPartition& id) const { return open_.at(id)->high_watermark(); }

  // For Replicas alone: its log is open, and it has this role from now on. It must outlive its place here.
  void add(Replica& replica);
  void remove(const TopicPartition& id);

 private:
  std::map<TopicPartition, Replica*> open_;  // ordered: a seed repeats
  std::set<TopicPartition> succeeding_;      // those of them
};

}  // namespace bobbin::cluster
