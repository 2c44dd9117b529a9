// Waiters: who waits until each of several partitions was told of.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "cluster/topic_partition.h"

namespace bobbin::cluster {

class Waiters {
 public:
  // `then` runs when each of them was told of since; at once, if there is none.
  void wait(const std::vector<TopicPartition>& for_each, std::function<void()> then) {
    if (for_each.empty()) return then();
    auto waiting = std::make_shared<Waiting>(Waiting{for_each.size(), std::move(then)});
    for (const TopicPartition& id : for_each) waiting_[id].push_back(waiting);
  }
  void tell(const TopicPartition& id) {
    auto told = waiting_.extract(id);
    if (!told) return;
    for (auto& each : told.mapped())
      if (--each->left == 0) each->then();
  }

 private:
  struct Waiting {
    size_t left;
    std::function<void()> then;
  };
  std::map<TopicPartition, std::vector<std::shared_ptr<Waiting>>> waiting_;
};

}  // namespace bobbin::cluster
