// The sticky assignors where members are subscribed to different topics. Each keeps what it had of its topics; what is left
// goes to the subscriber that has least; then partitions move from those who have more to those who have less, as long as
// somebody has two more than another who could take one of them, but as few as will do.
#pragma once

#include <vector>

#include "assignor/claims.h"

namespace bobbin::assignor {

// The new owner of each partition. Members are in the order of their ids, which decides between equals.
std::vector<size_t> unequal_shares(const Roster& roster, Owners before);

}  // namespace bobbin::assignor
