// The sticky assignors where all members are subscribed to the same topics, so that every partition may go to everyone: each
// member keeps what it had, up to its share, and what is left is dealt to those who have less. With P partitions and N members
// a share is P/N, and P mod N members have one more.
#pragma once

#include <vector>

#include "assignor/claims.h"

namespace bobbin::assignor {

// The new owner of each partition. Members are in the order of their ids. Of those who had more than a share the first keep
// one more, where Java leaves that to the order of a hash map.
std::vector<size_t> equal_shares(const Roster& roster, const Owners& before);

}  // namespace bobbin::assignor
