// Which partitions an assignor has moved so far, from whom to whom. A move that would send a partition of a topic the way
// back that another one of the same topic came is none that helps: the other one goes back instead, and fewer have moved.
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <set>
#include <unordered_map>

namespace bobbin::assignor {

class Movements {
 public:
  // Which partition shall go to `to` instead of this one of `owner`: often itself. Of several the one with the highest number,
  // where Java leaves that to the order of a hash set.
  size_t to_move(size_t topic, size_t partition, size_t owner, size_t to) const {
    auto moved = by_partition_.find(partition);
    auto others = by_way_.find({topic, to, moved == by_partition_.end() ? owner : moved->second.from});
    return others == by_way_.end() ? partition : *others->second.rbegin();
  }

  // It has moved. Where it has before, only the way from its first owner to its last one counts.
  void moved(size_t topic, size_t partition, size_t from, size_t to) {
    if (auto before = by_partition_.find(partition); before != by_partition_.end()) {
      const Way way = before->second;
      from = way.from;
      by_partition_.erase(before);
      auto others = by_way_.find(way);
      others->second.erase(partition);
      if (others->second.empty()) by_way_.erase(others);
    }
    if (from == to) return;
    by_partition_[partition] = {topic, from, to};
    by_way_[{topic, from, to}].insert(partition);
  }

 private:
  struct Way {
    size_t topic;
    size_t from;
    size_t to;
    auto operator<=>(const Way&) const = default;
  };

  std::unordered_map<size_t, Way> by_partition_;
  std::map<Way, std::set<size_t>> by_way_;
};

}  // namespace bobbin::assignor
