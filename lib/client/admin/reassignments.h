// Moves of partitions to other brokers (KIP-455). They block until answered or nobody answered for the target's time-out. A Result
// that failed says that the question did not get through, or was refused as a whole; what the cluster said of one partition is in
// its status, Kafka's error turned into a sentence (sentences.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"

namespace bobbin::client {

class Session;

struct Reassignment {
  std::string topic;
  PartitionId partition;
  std::optional<std::vector<BrokerId>> replicas;  // the preferred leader first; none: the move under way is taken back
  bool operator==(const Reassignment&) const = default;
};

struct Reassigned {
  std::string topic;
  PartitionId partition;
  Status status;  // invalid_replica_assignment, no_reassignment_in_progress, unknown_topic_or_partition, ...
};
// Begins these moves, and takes others back; which of them are done, moves_under_way() says.
Result<std::vector<Reassigned>> reassign(Session&, const std::vector<Reassignment>& which);

struct MoveUnderWay {
  std::string topic;
  PartitionId partition;
  std::vector<BrokerId> replicas;  // all that have or get a copy: those that are wanted, then those that are to go
  std::vector<BrokerId> adding;
  std::vector<BrokerId> removing;
};
// By topic and partition.
Result<std::vector<MoveUnderWay>> moves_under_way(Session&);

}  // namespace bobbin::client
