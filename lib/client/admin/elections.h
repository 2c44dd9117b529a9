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
// Which leader a partition gets: its preferred one, the first of its replicas; or, where nobody leads, any, be it that records are
// lost by that. Values are Kafka's.
enum class ElectionType : int8_t { preferred = 0, unclean = 1 };
// For each of these partitions; nothing: for all, of which those are not told of that need no election.
Result<std::vector<Election>> elect_leaders(Session&, ElectionType type,
                                            const std::optional<std::vector<PartitionsOf>>& which);

}  // namespace bobbin::client
