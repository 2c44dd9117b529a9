// Departures: copies that were moved to other brokers, on their way out:
//
//   begin ──> free: no job has its files any more ──> written: no checkpoint on the disk tells of it ──> its folder is put aside
//
// In this order, for the same broker may be given a copy of the same partition again: until the old one has gone the new one is not
// opened; and if the process dies in between, a checkpoint that tells of the old one would have records missed in the new one.
//
// Owned by Replicas, used by the deciding thread.
#pragma once

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "cluster/topic_partition.h"

namespace bobbin::cluster {

class Departures {
 public:
  void begin(const TopicPartition& id) { going_.try_emplace(id); }
  bool holds(const TopicPartition& id) const { return going_.contains(id); }
  void free(const TopicPartition& id, std::function<void()> put_aside) {
    going_[id] = std::move(put_aside);
    wants_checkpoint_ = true;
  }

  // Whether a checkpoint is to be written for their sake, which was not asked for before.
  bool take_want() { return std::exchange(wants_checkpoint_, false); }
  // Those that wait for nothing but a checkpoint that begins now, to be given to written() when it is on the disk.
  std::vector<TopicPartition> waiting() const {
    std::vector<TopicPartition> ids;
    for (const auto& [id, put_aside] : going_)
      if (put_aside) ids.push_back(id);
    return ids;
  }
  void written(const std::vector<TopicPartition>& ids) {
    for (const TopicPartition& id : ids)
      if (auto gone = going_.extract(id)) gone.mapped()();
  }

 private:
  std::map<TopicPartition, std::function<void()>> going_;  // ordered: a seed repeats
  bool wants_checkpoint_ = false;
};

}  // namespace bobbin::cluster
