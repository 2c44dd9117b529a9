// Followed: what is followed on a broker, by who leads it: what it asks each of the others for.
#pragma once

#include <map>
#include <set>

#include "cluster/topic_partition.h"

namespace bobbin::cluster {

class Followed {
 public:
  // It had one leader, and has another one. broker_none: nobody whom it could be asked for.
  void move(const TopicPartition& id, BrokerId before, BrokerId now) {
    if (auto it = by_leader_.find(before); it != by_leader_.end() && before != now) {
      it->second.erase(id);
      if (it->second.empty()) by_leader_.erase(it);
    }
    if (now != broker_none) by_leader_[now].insert(id);
  }
  const std::set<TopicPartition>& from(BrokerId leader) const {
    static const std::set<TopicPartition> nothing;
    auto it = by_leader_.find(leader);
    return it == by_leader_.end() ? nothing : it->second;
  }

 private:
  std::map<BrokerId, std::set<TopicPartition>> by_leader_;
};

}  // namespace bobbin::cluster
