// PartitionChange: what one event does to one partition: who stays in sync, who may lead if nobody is, and who leads. It
// begins with the partition as it is and ends as the record that makes the difference (Kafka's PartitionChangeBuilder).
//
// The sets of a partition, and how they hang together:
//
//   replicas          who has a copy, in the order of preference
//   isr               who has every record that was ever committed, and keeps up; a leader is one of them
//   eligible_leaders  who has every committed record, and does not keep up (KIP-966): kept while the isr is smaller than
//                     min.insync.replicas, for nothing is committed then (strict min ISR), so that nobody falls behind
//   adding, removing  those of the replicas that had no copy when a move began, and that are to have none when it is done
//                     (reassignments.h)
//
// Rules (each is one a Kafka cluster keeps, too):
//   R11  Who leaves the isr while it becomes smaller than min.insync.replicas is eligible. The isr may become empty. Nobody
//        is eligible once it is large enough again.
//   R12  Who may have lost records is neither in sync nor eligible.
//   R15  Every reign has a leader epoch of its own, also the next one of the same broker.
//   R2   Whoever has no copy any more is neither in sync nor eligible, and a reign begins with that, also of the same leader: what
//        was asked for with that copy counts in the reign before alone, so that it does not bring in the copy that the same
//        broker may be given later.
//   KAFKA-15021  Whoever only leaves the isr begins no reign: the leader's requests need not be told anew.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "metadata/image.h"

namespace bobbin::metadata {

// Whether a broker may lead and be in sync: it is registered, and not fenced.
using IsAlive = std::function<bool(BrokerId)>;
IsAlive alive_in(const Image& image);

// In sync or eligible: it has every record that was ever committed.
bool may_lead(const Partition& partition, BrokerId id);

// What min.insync.replicas means to a partition: never more than it has replicas (as in Kafka). While it is moved, those count
// that it had before: so what took records goes on taking them while a second copy is made, and what was promised of records
// holds until the move is done. (Kafka counts the new ones at once, and refuses acks=all of a topic with one replica and
// min.insync.replicas=2 while that is moved.)
int32_t min_isr_of(const Image& image, const Topic& topic, const Partition& partition);
// The same where these count for the topic.
int32_t min_isr_under(const config::ConfigLayers& layers, const Partition& partition);

// The brokers that have copies from now on, the preferred leader first; and of these, who is new, and who is to go.
struct Copies {
  std::vector<BrokerId> replicas, adding = {}, removing = {};
};
// Where a broker's copies lie that are made anew: zero, where it has not told.
Uuid directory_of(const Image& image, BrokerId id);

class PartitionChange {
 public:
  // `min_isr`: min_isr_of(). The topic must outlive it.
  PartitionChange(const Topic& topic, PartitionId number, int32_t min_isr);

  void leave(BrokerId who);                           // it does not keep up, or is fenced
  void lose(BrokerId who);                            // it may have lost records (R12)
  void join(BrokerId who);                            // it has everything; whoever says so has checked it
  void move_to(BrokerId who, const Uuid& directory);  // where its copy lies
  void place(const Image& image, Copies copies);      // of which the leader has one

  // The leader stays if it is alive and in sync; else the first of the replicas that is alive and in sync, else the first
  // that is alive and eligible, which is the isr then; else nobody.
  void elect(const IsAlive& is_alive);
  // The same, also if the leader stays: whoever leads begins a reign (R15).
  void begin_reign(const IsAlive& is_alive);
  // This one leads, who is in sync and alive.
  void make_leader(BrokerId who) { leader_ = who; }
  // This one leads, whatever it lacks: what it has is what there is. Nobody else is in sync or eligible any more, and the
  // partition is recovering until all replicas have come to terms with its log.
  void make_leader_uncleanly(BrokerId who);

  // Nothing: all is as it was.
  std::optional<PartitionChangeRecord> record() const;

 private:
  bool leader_stays(const IsAlive& is_alive) const;
  std::optional<BrokerId> candidate(const IsAlive& is_alive);
  bool is_in_sync(BrokerId who) const;
  std::vector<BrokerId> eligible() const;

  const Topic& topic_;
  PartitionId number_;
  const Partition& now_;
  size_t min_isr_;
  Copies copies_;
  std::vector<BrokerId> isr_;
  std::set<BrokerId> lossy_;
  std::optional<BrokerId> leader_;  // of a new reign
  bool is_unclean_ = false;
  std::vector<Uuid> directories_;
};

}  // namespace bobbin::metadata
