// IsrUpkeep: asks the metadata for what the leaders of this broker find out of their followers (cluster/in_sync.h): who falls out
// of the isr, who comes in; and that a move of a partition can go on (metadata/reassignments.h).
//
// Used by the deciding thread.
#pragma once

#include <functional>
#include <optional>
#include <set>

#include "broker/purgatory.h"
#include "broker/replication/context.h"
#include "cluster/replicas.h"
#include "metadata/in_sync_changes.h"
#include "metadata/transactions.h"
#include "os/seam.h"

namespace bobbin::broker {

class IsrUpkeep {
 public:
  // `suspect` is told in each look of whoever is in sync, is behind, and has asked for nothing since the last one.
  IsrUpkeep(
      os::World& world, metadata::Transactions& transactions, cluster::Replicas& replicas, Purgatory& purgatory,
      BrokerId self, cluster::Say say, std::function<void(BrokerId)> suspect = [](BrokerId) {})
      : world_(world), transactions_(transactions), replicas_(replicas), purgatory_(purgatory), self_(self),
        say_(std::move(say)), suspect_(std::move(suspect)) {}

  // A follower of `leading` asked from there on, in that life of it: what follows of it.
  void fetched(cluster::Leading& leading, BrokerId who, BrokerEpoch life, Offset from,
               const cluster::LogStart& start = {});
  void follow(const config::BrokerSettings& settings) {
    lag_ms_max_ = settings.replica_lag_ms_max;
    silence_ms_max_ = settings.session_timeout_ms;
  }
  // The metadata says something else of these: moves of those that this broker leads may go on.
  void follow(const metadata::Delta& delta);
  // Goes on with these moves, and looks for those that have been behind for too long.
  void run();
  std::optional<int64_t> next_deadline_ms() const {
    return may_go_on_.empty() ? next_look_ms_ : std::optional<int64_t>(0);
  }

 private:
  metadata::Reign reign_of(const cluster::Leading& leading) const;
  void let_in(cluster::Leading& leading, const cluster::InSync::Candidate& candidate);
  bool take_from_metadata(cluster::Leading& leading) const;
  void put_out(const cluster::Leading& leading, BrokerId who);
  void look_at_moves();
  void go_on_move(const cluster::TopicPartition& id);
  int64_t look_every_ms() const {
    return std::max<int64_t>(std::min(lag_ms_max_ / 2, silence_ms_max_ / looks_a_session), 1);
  }

  os::World& world_;
  metadata::Transactions& transactions_;
  cluster::Replicas& replicas_;
  Purgatory& purgatory_;
  BrokerId self_;
  cluster::Say say_;
  std::function<void(BrokerId)> suspect_;
  int64_t lag_ms_max_ = 30'000, silence_ms_max_ = 6000;
  std::optional<int64_t> next_look_ms_;  // none: no leader of this broker has followers
  std::set<std::pair<cluster::TopicPartition, BrokerId>> leaving_;
  std::set<cluster::TopicPartition> may_go_on_;  // ordered: a seed repeats
  std::set<cluster::TopicPartition> moving_;     // of which the metadata is asked
};

}  // namespace bobbin::broker
