// Who is in sync with a partition's leader, as its leader says: pure functions like those of changes.h. The isr that they
// change is the one that the image has under the lock, never one that the leader remembers (R8): what it remembers may be
// older than a reign.
#pragma once

#include "metadata/broker_changes.h"

namespace bobbin::metadata {

// Who says so: the leader, and the reign that it believes to be in.
struct Reign {
  TopicId topic;
  PartitionId partition;
  BrokerId leader;
  LeaderEpoch epoch;
};

// R1: not_leader_or_follower, fenced_leader_epoch: another reign has begun; unknown_topic_id: the topic is deleted. In all of
// these the leader has to look again who it is.

// The topic, if that is so.
Result<const Topic*> ruled(const Image&, const Reign&);

// It does not keep up. Nothing, if it is not in sync any more.
Result<Records> leave_in_sync(const Image&, const Reign&, BrokerId who);

// It has everything, in that life of it (R10, KIP-903): ineligible_replica, if that is over or fenced. Nothing, if it is in
// sync already.
Result<Records> join_in_sync(const Image&, const Reign&, BrokerId who, BrokerEpoch life);

// R12: a broker says, in that life of it, that it cannot vouch for its copies of these partitions; of all, if none is named. It is
// in sync and eligible there no more, and others lead. Where none could it stays as it is. stale_broker_epoch: another life of it
// has begun.
Result<Records> renounce_copies(const Image&, BrokerId who, BrokerEpoch life, const std::vector<CopyOf>& copies);

// The same of one that is to be thrown away, where another broker leads or can: the broker's life is over as well, it is fenced and
// has to begin another one. For a question that it asked with that copy, and that lies at a leader still, would bring it in again
// (R10, as KIP-903). Nothing, where no other could lead.
Result<Records> give_up_copy(const Image&, BrokerId who, BrokerEpoch life, const CopyOf& copy);

}  // namespace bobbin::metadata
