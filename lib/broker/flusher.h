// Flusher: syncs logs. At most 16 at once on helpers (one after the other costs 20 times as much); what is appended
// while a log is being synced joins its next sync, so that many producers share one.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "cluster/replicas.h"
#include "os/seam.h"

namespace bobbin::broker {

// What a log writes besides its records before it is synced. It is written only when its turn has come: each file that
// waits for a sync holds a descriptor.
enum class Beside { nothing, checkpoint, close };

class Flusher {
 public:
  using Prepare = std::function<void(cluster::Copy&, Beside)>;
  using Flushed = std::function<void(const cluster::TopicPartition&, Offset end, const Status&)>;
  Flusher(os::World& world, Prepare prepare, Flushed flushed)
      : world_(world), prepare_(std::move(prepare)), flushed_(std::move(flushed)) {}

  void want(const cluster::TopicPartition& id, Beside beside = Beside::nothing);
  // Begins what can be begun.
  void start(cluster::Replicas& replicas);
  bool is_idle() const { return wanting_.empty() && in_flight_.empty(); }
  bool is_flushing(const cluster::TopicPartition& id) const { return in_flight_.contains(id); }

 private:
  static constexpr size_t in_flight_max = 16;
  os::World& world_;
  Prepare prepare_;
  Flushed flushed_;
  std::map<cluster::TopicPartition, Beside> wanting_;  // ordered: a seed repeats
  std::set<cluster::TopicPartition> in_flight_;
};

}  // namespace bobbin::broker
