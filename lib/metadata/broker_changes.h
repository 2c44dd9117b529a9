// What can be changed of brokers, as pure functions like those of changes.h: one begins a life, is taken for dead, or is given
// producer ids; and what its life and death mean for the partitions that it has copies of.
#pragma once

#include <optional>
#include <vector>

#include "metadata/changes.h"

namespace bobbin::metadata {

// A broker begins a life (or, with the incarnation that it has, tells new endpoints). A new life gets a new broker epoch,
// and whoever is fenced begins one, too. Every partition that it leads has a new reign; those that nobody led, and that it
// may lead, are led again.
//
// It stays in sync and eligible where it was: whatever process died before, its files hold what it had written. One that is
// `lossy` (R12), or has another folder than it had, stays neither, where there are other replicas: its files are not those.
// Replicas that a move adds, and that are not in sync yet, are none.
struct Registration {
  BrokerId id;
  Uuid incarnation;
  std::vector<Endpoint> endpoints;
  std::vector<Uuid> log_dirs;
  bool lossy = false;
};
Result<Records> register_broker(const Image&, const Registration&);

// A broker's copy of a partition.
struct CopyOf {
  TopicId topic;
  PartitionId partition;
  bool operator==(const CopyOf&) const = default;
};

// It is taken for dead: it is in sync nowhere, and what it led is led by others, where there are any; of `lost` it may have
// lost records (R12). Nothing, if that life of it is over already, or fenced: whoever saw it die first was faster.
Result<Records> fence_broker(const Image&, BrokerId, BrokerEpoch observed, std::optional<CopyOf> lost = std::nullopt);

// It is forgotten, and may come again as one that nobody knows. broker_id_not_registered; invalid_request: it keeps replicas.
Result<Records> unregister_broker(const Image&, BrokerId);

// Producer ids are given out in blocks that are never given again: [max(image.next_producer_id(), at_least), + producer_id_block).
// stale_broker_epoch: another life of that broker has registered meanwhile.
inline constexpr int64_t producer_id_block = 1000;
Result<Records> take_producer_ids(const Image&, BrokerId, BrokerEpoch, ProducerId at_least = ProducerId(0));

}  // namespace bobbin::metadata
