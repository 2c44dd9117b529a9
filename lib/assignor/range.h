// The assignor "range", Java's default: each topic by itself is cut into stretches, one for each of its subscribers in their
// order (static_first() in order.h). Where they do not come out even the first ones get one more. Topics with the same number
// of partitions and the same subscribers so have the same stretches, and the first members have more when topics are many.
//
// Racks are not looked at: Java does only where members name theirs and partitions have copies in some racks alone.
#pragma once

#include "assignor/group.h"

namespace bobbin::assignor {

Assignments range(const Group& group);

}  // namespace bobbin::assignor
