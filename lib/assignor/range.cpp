#include "assignor/range.h"

#include "assignor/order.h"
#include "assignor/roster.h"

namespace bobbin::assignor {

Assignments range(const Group& group) {
  const Roster roster(group, static_first);
  std::vector<size_t> owners(roster.partitions(), nobody);
  for (size_t topic = 0; topic < roster.topics(); topic++) {
    const std::vector<size_t>& members = roster.subscribers(topic);
    const size_t each = roster.partitions(topic) / members.size();
    const size_t one_more = roster.partitions(topic) % members.size();
    size_t at = roster.first(topic);
    for (size_t i = 0; i < members.size(); i++)
      for (size_t last = at + each + (i < one_more ? 1 : 0); at < last; at++) owners[at] = members[i];
  }
  return roster.assignments(owners);
}

}  // namespace bobbin::assignor
