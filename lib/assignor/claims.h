// Who owned which partition before, by what the members claim. A partition that two claim stays with the higher generation;
// claimed twice in the same one it is disputed, and nobody owned it. Topics and partitions that do not exist are not counted.
#pragma once

#include <cstddef>
#include <vector>

#include "assignor/roster.h"
#include "assignor/user_data.h"

namespace bobbin::assignor {

// For each partition in the roster's row.
struct Owners {
  std::vector<size_t> owner;
  std::vector<bool> disputed;
  // Who claims it from a generation that is not the group's last one, the highest of those: a member that has been away.
  // It may be the owner, too.
  std::vector<size_t> former;
};

// `claims`: of each member, in the roster's order.
Owners owners_before(const Roster& roster, const std::vector<Claim>& claims);

// Calls each(partition in the row) for each partition that exists, as often as it is named.
template <class Each>
void each_partition(const Roster& roster, const std::vector<TopicPartitions>& named, Each each) {
  for (const TopicPartitions& some : named) {
    const auto topic = roster.topic(some.topic);
    if (!topic) continue;
    for (PartitionId partition : some.partitions) {
      const auto number = static_cast<uint32_t>(partition.value);
      if (number < roster.partitions(*topic)) each(roster.first(*topic) + number);
    }
  }
}

}  // namespace bobbin::assignor
