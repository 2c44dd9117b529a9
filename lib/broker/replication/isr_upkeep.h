// IsrUpkeep: asks the metadata for what the leaders of this broker find out of their followers (cluster/in_sync.h): who falls out
// of the isr, who comes in.
//
// Used by the deciding thread.
#pragma once

#include <functional>
#include <optional>
#include <set>

#include "broker/purgatory.h"
#include "cluster/replicas.h"
#include "metadata/in_sync_changes.h"
#include "metadata/transactions.h"
#include "os/seam.h"

namespace bobbin::broker {

class IsrUpkeep {
 public:
  IsrUpkeep(os::World& world, metadata::Transactions& transactions, cluster::Replicas& replicas, Purgatory& purgatory,
            BrokerId self, cluster::Say say)
      : world_(world), transactions_(transactions), replicas_(replicas), purgatory_(purgatory), self_(self),
        say_(std::move(say)) {}

  // A follower of `leading` asked from there on, in that life of it: what follows of it.
  void fetched(cluster::Leading& leading, BrokerId who, BrokerEpoch life, Offset from);
  void follow(const config::BrokerSettings& settings) {
    lag_ms_max_ = settings.replica_lag_ms_max;
    silence_ms_max_ = settings.session_timeout_ms;
  }
  // Looks for those that have been behind for too long.
  void run();
  std::optional<int64_t> next_deadline_ms() const { return next_look_ms_; }

 private:
  metadata::Reign reign_of(const cluster::Leading& leading) const;
  void let_in(cluster::Leading& leading, const cluster::InSync::Candidate& candidate);
  bool take_from_metadata(cluster::Leading& leading) const;
  void put_out(const cluster::Leading& leading, BrokerId who);
  int64_t look_every_ms() const { return std::max<int64_t>(std::min(lag_ms_max_, silence_ms_max_) / 2, 1); }

  os::World& world_;
  metadata::Transactions& transactions_;
  cluster::Replicas& replicas_;
  Purgatory& purgatory_;
  BrokerId self_;
  cluster::Say say_;
  int64_t lag_ms_max_ = 30'000, silence_ms_max_ = 6000;
  std::optional<int64_t> next_look_ms_;  // none: no leader of this broker has followers
  std::set<std::pair<cluster::TopicPartition, BrokerId>> leaving_;
};

}  // namespace bobbin::broker
