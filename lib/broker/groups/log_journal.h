// LogJournal: a partition of __consumer_offsets as a coordinator's journal. What it writes is appended as acks=all appends, and
// promised when the high watermark has passed it. What does not fit one batch is several: a leader that dies between them leaves
// the first.
//
// Used by the deciding thread.
#pragma once

#include <memory>

#include "broker/durability.h"
#include "broker/purgatory.h"
#include "cluster/replicas.h"
#include "group/journal.h"
#include "os/seam.h"

namespace bobbin::broker {

class LogJournal : public group::Journal {
 public:
  // In the reign that is now. All must outlive it.
  LogJournal(os::World& world, cluster::Replicas& replicas, Durability& durability, Purgatory& purgatory,
             cluster::TopicPartition id, LeaderEpoch epoch)
      : world_(world), replicas_(replicas), durability_(durability), purgatory_(purgatory), id_(id), epoch_(epoch) {}

  void write(std::vector<group::JournalRecord> records, Done done) override;
  // All that was written until now is promised, or will not be.
  void when_promised(Done done);
  // Who must outlive what is under way: it owns the writers, and this.
  void keep(std::weak_ptr<void> owner) { owner_ = std::move(owner); }
  uint64_t bytes_written() const { return bytes_written_; }

 private:
  Result<Offset> append(const std::vector<group::JournalRecord>& records);
  void await(Offset last, Done done);

  os::World& world_;
  cluster::Replicas& replicas_;
  Durability& durability_;
  Purgatory& purgatory_;
  cluster::TopicPartition id_;
  LeaderEpoch epoch_;
  std::weak_ptr<void> owner_;
  uint64_t bytes_written_ = 0;
  Offset last_written_ = offset_none;
};

}  // namespace bobbin::broker
