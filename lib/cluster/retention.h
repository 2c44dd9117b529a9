// Retention: what of the replicas' logs is too old or too much goes, whether or not it was read; and files whose delay is over
// are removed. A pass looks at every log that has files, some at a time; closed ones are opened for that.
//
// The leader decides. Its followers remove what lies before its log's start, as it tells it: else a broker whose clock is wrong
// would take from an in-sync copy what the others have (I2). Where the clock is in doubt (clock_doubt.h), one segment of a
// partition goes for its age in a minute, and size counts as ever.
//
// Used by the deciding thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "cluster/clock_doubt.h"
#include "cluster/replicas.h"
#include "os/cold_read.h"
#include "os/seam.h"

namespace bobbin::cluster {

class Retention {
 public:
  // Both must outlive it.
  Retention(os::World& world, Replicas& replicas, Say say) : world_(world), replicas_(replicas), say_(std::move(say)) {}
  // When the wall clock was last seen by an earlier life of this broker.
  void seen_before(Timestamp wall) { doubt_.seen_before(wall, world_.clock.mono_ms()); }

  // At most `logs_max` logs; `done` is told whether the pass is complete. Not again before.
  void step(size_t logs_max, std::function<void(bool complete)> done);
  // All of it, at once, with those that no job is opening. Blocks.
  void all_now();
  // Once every log in the folder was opened in this boot: then the next one that opens them in this boot may count on it.
  void note_boot();
  // Removes files whose delay is over; when to call again (mono_ms), if ever.
  std::optional<int64_t> remove_due_files(int64_t now_mono_ms);

 private:
  struct Pass {
    std::vector<TopicPartition> ids;
    std::function<void()> then;
    size_t next = 0;
    os::ColdRead cold = {};
  };
  void go_on(std::shared_ptr<Pass> pass);
  void retain(Copy& copy);
  log::RetentionLimits limits_for(const TopicPartition& id) const;
  void look_at_clock();

  os::World& world_;
  Replicas& replicas_;
  Say say_;
  std::optional<TopicPartition> at_;
  ClockDoubt doubt_;
  std::map<TopicPartition, int64_t> removed_ms_;  // while the clock is in doubt: when some of it went, by mono_ms
};

}  // namespace bobbin::cluster
