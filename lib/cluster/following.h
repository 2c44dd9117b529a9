// Following: the role of a partition's follower: it asks its leader for what comes behind its own log, takes it as it is, and
// cuts what the leader never had.
//
//   R3   Only what was read in the reign that it believes in is taken: the question carries its epoch, and the answer to it is
//        dropped when another reign has begun meanwhile.
//   R4   It cuts by epochs (KIP-101, KIP-279, KIP-595), never to the high watermark: the leader says where the last epoch that
//        both know ends there, and nothing is taken before that fits.
//   R13  It asks on from where its own copy counts: where the flush is what is promised, that is the end of what is on its
//        disk. So its question is what acknowledges.
//   I9   Nothing is cut that a leader said was committed, in this life of the broker. What was committed before it, a power cut
//        may have taken from the others where nothing was flushed (flush.policy=os).
//
// Owned by its Replica, used by the deciding thread. Errors are Kafka's codes with a sentence.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/copy.h"
#include "cluster/reign.h"

namespace bobbin::cluster {

class Following {
 public:
  // `committed`: below it everything is, as a leader said; 0: none has said anything.
  Following(std::unique_ptr<Copy> copy, const Reign& reign, Offset committed);

  Copy& copy() { return *copy_; }
  const Copy& copy() const { return *copy_; }
  const TopicPartition& id() const { return copy_->id(); }
  LeaderEpoch epoch() const { return epoch_; }
  BrokerId leader() const { return leader_; }
  const std::vector<BrokerId>& replicas() const { return replicas_; }
  Offset committed() const { return committed_; }
  Offset high_watermark() const { return std::max(committed_, copy_->log_start()); }
  void follow(const Reign& reign);
  // It is somebody else's copy from now on: of the leader that this replica becomes, or of a job that cuts it.
  std::unique_ptr<Copy> give_copy() { return std::move(copy_); }

  // From where on it asks, and the epoch of the record before (KIP-595); nothing: it has to wait for a flush, or for a leader,
  // or its log has failed.
  struct Position {
    Offset from;
    LeaderEpoch last_fetched;  // leader_epoch_none: it has no records
  };
  std::optional<Position> position() const;
  // Of its last record; leader_epoch_none: it has no records.
  LeaderEpoch last_epoch() const;
  // The leader's log begins there: so does this one from learn() on; behind the end of this one, when that is empty.
  void begin_at(Offset start) { start_ = start; }

  // Batches from that position on, as the leader has them. What does not fit is not taken.
  Status take(Bytes batches);
  // How far the leader's records are committed, as it said with them.
  void learn(Offset leader_high_watermark);

  // The leader has that epoch up to that end: from where on this log is to be cut. damaged: below what was committed.
  Result<Offset> cut_for(const log::EpochEnd& theirs) const;

 private:
  std::unique_ptr<Copy> copy_;
  BrokerId leader_;
  std::vector<BrokerId> replicas_;
  LeaderEpoch epoch_;
  Offset committed_;
  std::optional<Offset> start_;  // of a log that is empty
};

}  // namespace bobbin::cluster
