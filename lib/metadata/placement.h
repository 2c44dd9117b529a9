// Placement: which brokers get a copy of a new partition, and which of them leads it first.
//
// Leaders are balanced: each new one goes to the broker that leads fewest of this topic, then fewest of all, then the next
// one from `start` on. Its followers are the brokers behind it in the ring of ids, shifted by one for each round of leaders,
// so that what a dead broker led is led by all the others (as Kafka's StripedReplicaPlacer).
#pragma once

#include <vector>

#include "metadata/image.h"

namespace bobbin::metadata {

struct Placement {
  std::vector<BrokerId> brokers;  // that live; those of them count that are registered and not fenced
  uint64_t start = 0;             // a random number
};

// One partition's replicas as the client wants them.
struct Assignment {
  PartitionId partition;
  std::vector<BrokerId> replicas;
};

// The replicas of each of some partitions, the preferred leader first.
using ReplicaLists = std::vector<std::vector<BrokerId>>;

// `topic`: that has partitions already, or null. invalid_replication_factor: there are not so many brokers.
Result<ReplicaLists> place(const Image& image, const Topic* topic, size_t partitions, size_t replicas,
                           const Placement& placement);

// invalid_replica_assignment: no replica, one twice, one of no broker, or none of them lives. `partition` is for the message.
Status check_replicas(const Image& image, int32_t partition, const std::vector<BrokerId>& replicas,
                      const Placement& placement);
// In the order of their partitions, which must be 0 to n - 1.
Result<ReplicaLists> checked_assignments(const Image& image, const std::vector<Assignment>& assignments,
                                         const Placement& placement);

// Its first reign: those of its replicas that live are in sync, and the first of them leads.
PartitionRecord first_reign(const Image& image, const TopicId& topic, size_t number,
                            const std::vector<BrokerId>& replicas, const Placement& placement);

}  // namespace bobbin::metadata
