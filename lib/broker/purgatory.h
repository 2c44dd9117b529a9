// Purgatory: requests that wait. A produce waits for the high watermark, a fetch for bytes; both end at a deadline.
// Each names the partitions that it watches; when one of them moves, or the time is up, it is asked again, and told which
// of them it was: asking must not cost with all that a request names.
// Nothing is polled: what nobody moved costs nothing.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cluster/topic_partition.h"

namespace bobbin::broker {

class Purgatory {
 public:
  struct Moved {
    bool any = false;  // everything may have
    std::vector<cluster::TopicPartition> partitions = {};
  };
  // Asked whether it can be completed now; `expired`: its time is up. True: it has answered and is forgotten. Who has not by then
  // waits for what no request's time counts for, as the leader's own disk, and is asked so again after late_ms.
  using Try = std::function<bool(const Moved& moved, bool expired)>;
  static constexpr int64_t late_ms = 100;

  // `names_unknown`: it names what is not there, and may come.
  void park(int64_t deadline_ms, std::vector<cluster::TopicPartition> watched, Try try_complete,
            bool names_unknown = false);
  // Something about the partition changed: watermark, leadership, end.
  void moved(const cluster::TopicPartition& which);
  // These topics were made, changed or deleted.
  void moved(const std::set<TopicId>& topics);
  void moved_all();
  // Asks those that were moved, and those whose deadline has passed.
  void run(int64_t now_ms);

  std::optional<int64_t> next_deadline_ms() const;
  bool has_moved() const { return !moved_.empty(); }
  size_t size() const { return parked_.size(); }

 private:
  struct Parked {
    int64_t deadline_ms;
    std::vector<cluster::TopicPartition> watched;
    Try try_complete;
    bool names_unknown = false;
  };
  void forget(uint64_t id);
  void forget_deadline(uint64_t id, int64_t deadline_ms);

  uint64_t next_id_ = 0;
  std::unordered_map<uint64_t, Parked> parked_;
  std::multimap<int64_t, uint64_t> deadlines_;
  std::unordered_map<cluster::TopicPartition, std::unordered_set<uint64_t>> watchers_;
  std::map<uint64_t, Moved>
      moved_;  // in the order in which they were parked: who asked first is answered first, and a seed repeats
};

}  // namespace bobbin::broker
