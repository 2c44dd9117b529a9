// Durability: how what was appended gets onto the disk: which logs are flushed and when, which checkpoints are written, and
// what becomes of a log whose flush failed.
//
// Under flush.policy=ack every append is flushed as soon as the disk is free; under os only for the checkpoint. Where a
// flush is what is promised, it moves the high watermark, and who waits for that is told.
//
// Owned by the Broker, used by the deciding thread.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "broker/checkpointer.h"
#include "broker/client_log.h"
#include "broker/flusher.h"
#include "broker/purgatory.h"
#include "cluster/replicas.h"
#include "os/seam.h"

namespace bobbin::broker {

class Durability {
 public:
  // All must outlive it. `files_kept`: of more logs than that none waits for a sync (cluster::FilesMax).
  using Tell = std::function<void(const cluster::TopicPartition&)>;
  struct Hooks {
    Tell follower_counts = [](const auto&) {};  // more of a follower's copy does now, so that it may ask its leader on
    Tell damaged = [](const auto&) {};          // the files of a copy are not what they were
    Tell unread = [](const auto&) {};           // the disk does not let a copy be opened, or written
  };
  Durability(os::World& world, cluster::Replicas& replicas, Purgatory& purgatory, ClientLog& log, cluster::Say say,
             size_t files_kept, Hooks hooks);

  // A partition's log grew: it is flushed at the end of the round, and who waits for it is asked.
  void appended(cluster::Leading& leading, size_t bytes);
  // The same of a follower's.
  void followed(cluster::Following& following, size_t bytes);
  // A log begins later than before, and does so for good when a checkpoint tells of it (Copy::kept_start). Whoever waits for that
  // is asked again.
  void keep_start(const cluster::TopicPartition& id);
  // Every log that holds what is not on the disk.
  void flush_dirty();
  // Every log, and what lies beside its records, for good.
  void flush_to_close();

  // At the end of a round: begins the flushes that can be begun.
  void start_flushes();
  // And the checkpoints. `ends`: the broker does, and writes all of them itself.
  void write_checkpoints(bool ends) { checkpointer_.run(replicas_, ends); }
  std::optional<int64_t> next_deadline_ms() const;
  // One log; and whether nothing of it is under way, or wanting, nor a checkpoint of any: so that somebody else may have it.
  void flush(const cluster::TopicPartition& id) { flusher_.want(id); }
  bool is_at_rest(const cluster::TopicPartition& id) const;
  bool is_idle() const { return flusher_.is_idle() && checkpointer_.is_idle(); }

 private:
  void note_appended(const cluster::Copy& copy, size_t bytes);
  void counts(const cluster::TopicPartition& id);
  void write_beside(cluster::Copy& copy, Beside beside);
  void flushed(const cluster::TopicPartition& id, Offset end, const Status& status);

  os::World& world_;
  cluster::Replicas& replicas_;
  Purgatory& purgatory_;
  ClientLog& log_;
  cluster::Say say_;
  size_t files_kept_;
  Hooks hooks_;
  Flusher flusher_;
  Checkpointer checkpointer_;
  std::set<cluster::TopicPartition> starts_;        // that a checkpoint is to tell of, after the flush
  std::vector<cluster::TopicPartition> unflushed_;  // for want of a descriptor
  int64_t next_try_ms_ = 0;
};

}  // namespace bobbin::broker
