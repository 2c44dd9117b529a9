// Flusher: syncs logs. At most 16 at once on helpers (one after the other costs 20 times as much); what is appended
// while a log is being synced joins its next sync, so that many producers share one.
#pragma once

#include <functional>
#include <set>

#include "cluster/partitions.h"
#include "os/seam.h"

namespace bobbin::broker {

class Flusher {
 public:
  using Flushed = std::function<void(const cluster::TopicPartition&, Offset end, const Status&)>;
  Flusher(os::World& world, Flushed flushed) : world_(world), flushed_(std::move(flushed)) {}

  void want(const cluster::TopicPartition& id) { wanting_.insert(id); }
  void forget(const cluster::TopicPartition& id) { wanting_.erase(id); }
  // Begins what can be begun.
  void start(cluster::Partitions& partitions);
  bool is_idle() const { return wanting_.empty() && in_flight_.empty(); }
  bool in_flight() const { return !in_flight_.empty(); }

 private:
  static constexpr size_t in_flight_max = 16;
  os::World& world_;
  Flushed flushed_;
  std::set<cluster::TopicPartition> wanting_;  // ordered: a seed repeats
  std::set<cluster::TopicPartition> in_flight_;
};

}  // namespace bobbin::broker
