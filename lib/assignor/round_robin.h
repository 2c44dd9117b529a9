// The assignor "roundrobin": the partitions of all topics in a row, the members in a circle in their order (static_first() in
// order.h), and each partition goes to the next one that is subscribed to its topic.
//
// Racks are not looked at; Java's does not, either.
#pragma once

#include "assignor/group.h"

namespace bobbin::assignor {

Assignments round_robin(const Group& group);

}  // namespace bobbin::assignor
