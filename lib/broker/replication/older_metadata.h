// Older metadata: a copy's records are of a later reign than the metadata knows. Somebody put the metadata back from an older copy
// while the brokers were stopped, or the power took its end. Reigns would be counted anew, and an epoch given twice: what leaders and
// followers compare logs by (R4). So nobody leads or follows such a copy before a reign has begun that is above all that it knows.
#pragma once

#include "cluster/following.h"
#include "cluster/replicas.h"
#include "metadata/transactions.h"

namespace bobbin::broker {

inline bool is_older_metadata(const cluster::Following& following) {
  return is_of_later_reign(following.copy(), following.epoch());
}
// Asks for that reign, and says so; whoever leads is told of it as of any. Nothing happens where the metadata knows better by now.
void ask_for_reign_above(metadata::Transactions& transactions, const cluster::Following& following,
                         const cluster::Say& say);

}  // namespace bobbin::broker
