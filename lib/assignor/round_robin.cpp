#include "assignor/round_robin.h"

#include <algorithm>

#include "assignor/order.h"
#include "assignor/roster.h"

namespace bobbin::assignor {

Assignments round_robin(const Group& group) {
  const Roster roster(group, static_first);
  std::vector<size_t> owners(roster.partitions(), nobody);
  size_t next = 0;  // in the circle of all members
  for (size_t topic = 0; topic < roster.topics(); topic++) {
    // Steps from one subscriber to the next, so that a topic with few of them does not walk the whole circle each time.
    const std::vector<size_t>& members = roster.subscribers(topic);
    auto at = std::lower_bound(members.begin(), members.end(), next);
    for (size_t partition = roster.first(topic); partition < roster.end(topic); partition++) {
      if (at == members.end()) at = members.begin();
      owners[partition] = *at++;
    }
    next = (*(at - 1) + 1) % roster.members();
  }
  return roster.assignments(owners);
}

}  // namespace bobbin::assignor
