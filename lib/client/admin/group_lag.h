// How far a group is behind, in records and in time.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/group/commits.h"

namespace bobbin::client {

class Session;

struct PartitionLag {
  std::string topic;
  PartitionId partition;
  Status status;                  // why its leader does not tell of its log; fine where the topic is not there any more
  std::optional<Offset> current;  // none: the group has no position
  std::optional<Offset> first, end;  // none: not told
  // From the position to the end, or all where it has none. None: the end is not known.
  std::optional<int64_t> records;
  // Since the first of them was written. None: there is none, or it bears no time.
  std::optional<int64_t> behind_ms;
};

// Of each place that has a position, or is in `assigned`; by topic and number. Blocks.
Result<std::vector<PartitionLag>> group_lag(Session&, const Positions& positions, const std::set<Place>& assigned);

}  // namespace bobbin::client
