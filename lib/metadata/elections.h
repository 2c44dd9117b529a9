// Which partitions get another leader though nobody died, as pure functions like those of changes.h: leaders go back to where
// they were placed. The preferred leader of a partition is the first of its replicas. It may lead when it is alive and in sync,
// so that nothing that was committed is missing there.
//
// Whoever leads begins a reign: the leader epoch and the partition epoch grow by one each (R15).
#pragma once

#include "metadata/broker_changes.h"
#include "metadata/changes.h"

namespace bobbin::metadata {

// Its preferred leader leads. election_not_needed: it does already; preferred_leader_not_available: it is dead, or not in
// sync; unknown_topic_or_partition.
Result<PartitionChangeRecord> elect_preferred_leader(const Image&, std::string_view topic, PartitionId);

// Somebody leads where nobody does: one that is in sync or eligible if such a one is alive; else the first that is alive, whatever
// it lacks (Kafka's unclean election). What the files of the others have that can be read is taken before it leads
// (cluster/salvage.h). election_not_needed: somebody leads; eligible_leaders_not_available: no replica is alive;
// unknown_topic_or_partition.
Result<PartitionChangeRecord> elect_any_leader(const Image&, std::string_view topic, PartitionId);

// A copy has records of epoch `seen`, and the metadata knows of no such reign: it was put back from an older copy, or has lost
// its end with the power. Whoever leads begins one above it, so that no epoch is given twice. Nothing: it knows it by now, or knows
// no such partition.
Records reign_above(const Image&, const CopyOf&, LeaderEpoch seen);

// Every preferred leader that may lead, and does not, does; but those of brokers of whose preferred partitions at most so many
// of a hundred are led by others (Kafka's leader.imbalance.per.broker.percentage). Nothing: all is in balance.
Records balance_leaders(const Image&, int32_t imbalance_percent_max);

}  // namespace bobbin::metadata
