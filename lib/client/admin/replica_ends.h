// How far the copies of a topic's partitions go, asked of the broker that has each, leader or not: ListOffsets as Kafka's
// kafka-replica-verification asks it (replica id -2).
#pragma once

#include <map>
#include <utility>

#include "base/id.h"
#include "client/topology.h"

namespace bobbin::client {

class Session;

// Of partitions that have several copies, by partition and broker. A broker that does not answer within `patience_ms`, is known to be dead, or is too old, is left out.
using ReplicaEnds = std::map<std::pair<PartitionId, BrokerId>, Offset>;
ReplicaEnds replica_ends(Session&, const TopicView& topic, int64_t patience_ms);

}  // namespace bobbin::client
