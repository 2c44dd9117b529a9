// The assignors "sticky" and "cooperative-sticky": each member keeps what it had as far as that leaves the group as even as it
// can be; among members with the same topics nobody has two partitions more than another.
//
// Outcomes are Java's. Where Java's depends on the order of a hash map the members' ids decide here, and three of its faults
// are not repeated: a claim of partitions that do not exist counts nothing; a partition never goes back to a former owner who
// is not subscribed to it any more; a member without topics is not taken for one who is subscribed as the others.
//
// Racks are not looked at: Java does only where members name theirs and partitions have copies in some racks alone.
#pragma once

#include "assignor/group.h"

namespace bobbin::assignor {

// What members had is in their user data: they have given up everything when they join.
Assignments sticky(const Group& group);

// What members have is in their subscriptions, and they go on with it meanwhile. So a partition that shall move from a member
// that still owns it goes to nobody at first; that member gives it up when it sees that it has lost it, and joins again, and
// the next assignment hands it out.
Assignments cooperative_sticky(const Group& group);

}  // namespace bobbin::assignor
