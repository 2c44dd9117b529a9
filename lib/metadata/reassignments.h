// Moves of a partition's copies to other brokers (Kafka's reassignments, KIP-455), as pure functions like those of changes.h.
//
//   begin_move()     replicas: those that are wanted, in their order, then those that are to go (removing); those that had no
//                    copy before are adding: they follow, and come into the isr as any other does
//   go_on_move()     once everybody who is wanted is in the isr, as the leader says: the others go, and so does the move
//   cancel_move()    those that had a copy before are the target again
//
// What is never lost: a record that was committed is in the logs of all of the isr, so when everybody who is wanted is in it, it
// is in each of their logs, and the others' are needed no more.
//
// A copy goes only when who leads says so, in its reign (R1), and it leads only when it has looked through the files of all
// replicas (R17), those that are to go among them, and has taken what they had, such as a record under acks=1 that nobody else has.
// For the same reason a leader that is to go first gives the lead to one that stays, and that one ends the move. (Kafka's controller
// does both at once.)
//
// Another target may be given while a move is under way. Whoever had a copy before the first move keeps it until that is reached.
// Whoever came in by a move is adding until the last of them is done; if it is not wanted any more it is removing as well, and goes
// at once if it is not in sync. Is the target what there was before the first move, then that is reached as soon as one of them
// leads, whoever else is in sync: they are no worse than they were.
#pragma once

#include "metadata/changes.h"
#include "metadata/in_sync_changes.h"

namespace bobbin::metadata {

bool is_moving(const Partition&);
// The replicas when the move is done; when it is taken back. All, if there is none.
std::vector<BrokerId> target_of(const Partition&);
std::vector<BrokerId> original_of(const Partition&);
// Whether its leader has something to say.
bool can_go_on(const Partition&);

struct Move {
  std::string_view topic;
  PartitionId partition;
  std::vector<BrokerId> replicas;  // the target, the preferred leader first
  bool may_change_count = true;    // to another number of replicas
};
// Nothing: all is so already. invalid_replica_assignment: no replica, one twice, one of no broker;
// invalid_replication_factor: another number than it has; unknown_topic_or_partition.
Result<Records> begin_move(const Image&, const Move&);

// no_reassignment_in_progress; invalid_replica_assignment: of those that had a copy nobody has every committed record now;
// unknown_topic_or_partition.
Result<Records> cancel_move(const Image&, std::string_view topic, PartitionId);

// As the leader says: see in_sync_changes.h. Nothing, while nobody can go.
Result<Records> go_on_move(const Image&, const Reign&);

}  // namespace bobbin::metadata
