// LeaderBalance: leaders go back to the brokers where they were placed, when these are in sync again (Kafka's
// auto.leader.rebalance.enable). Every broker looks from time to time, if the metadata has changed since; whoever asks first makes
// the change, all of it at once, and the others find it done.
//
// The old leader lives and follows from then on: what was committed is there. A record of acks=1 that the new leader had not
// fetched yet is cut, as when a leader dies.
//
// Used by the deciding thread.
#pragma once

#include <optional>

#include "cluster/replicas.h"
#include "metadata/transactions.h"
#include "os/seam.h"

namespace bobbin::broker {

class LeaderBalance {
 public:
  LeaderBalance(os::World& world, metadata::Transactions& transactions, cluster::Say say)
      : world_(world), transactions_(transactions), say_(std::move(say)) {}

  // The metadata, or what is set, has changed. It looks for the first time an interval after the first call.
  void follow(const config::BrokerSettings& settings);
  void run();
  std::optional<int64_t> next_deadline_ms() const;

 private:
  void balance();

  os::World& world_;
  metadata::Transactions& transactions_;
  cluster::Say say_;
  bool is_enabled_ = false;
  int64_t interval_ms_ = 0;
  int32_t imbalance_percent_max_ = 0;
  std::optional<int64_t> looked_ms_;
  bool has_news_ = false, is_balancing_ = false;
};

}  // namespace bobbin::broker
