// Loading: a partition of __consumer_offsets read from its beginning into a shard, by the broker that leads it from now on.
// Piece by piece: what is in memory at once, in turn with what else there is to do; what is not by a job.
#pragma once

#include <functional>
#include <memory>

#include "broker/turns.h"
#include "cluster/replicas.h"
#include "group/shard.h"
#include "os/cold_read.h"
#include "os/seam.h"

namespace bobbin::broker {

class Loading : public std::enable_shared_from_this<Loading> {
 public:
  // `done`: the shard has all that the log held when this began; or it cannot be read. Not called any more once the reign of
  // `epoch` is over.
  using Done = std::function<void(Status)>;
  Loading(os::World& world, cluster::Replicas& replicas, Turns& turns, cluster::TopicPartition id, LeaderEpoch epoch,
          group::Shard& shard, Done done)
      : world_(world), replicas_(replicas), turns_(turns), id_(id), epoch_(epoch), shard_(shard),
        done_(std::move(done)) {}

  void begin();
  // Its shard is wanted no more.
  void abandon() { abandoned_ = true; }
  Offset end() const { return end_; }

 private:
  bool step();
  Status replay(Bytes batches);

  os::World& world_;
  cluster::Replicas& replicas_;
  Turns& turns_;
  cluster::TopicPartition id_;
  LeaderEpoch epoch_;
  group::Shard& shard_;
  Done done_;
  Offset next_{0}, end_{0};
  os::ColdRead cold_;
  bool abandoned_ = false;
};

}  // namespace bobbin::broker
