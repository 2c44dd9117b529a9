// Elections of leaders. They block until answered or nobody answered for the target's time-out. A Result that failed says that
// the question did not get through; what the cluster said of one partition is in its status, Kafka's error turned into a sentence
// (sentences.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"

namespace bobbin::client {

class Session;

struct PartitionsOf {
  std::string topic;
  std::vector<PartitionId> partitions;
};

struct Election {
  std::string topic;
  PartitionId partition;
  Status status;  // election_not_needed: it has that leader already; preferred_leader_not_available, ...
};
// Gives each of these partitions back to its preferred leader, the first of its replicas; nothing: all partitions, of which those
// are not told of that need no election.
Result<std::vector<Election>> elect_preferred_leaders(Session&, const std::optional<std::vector<PartitionsOf>>& which);

}  // namespace bobbin::client
