// Checkpointer: when a broker writes what its logs have reached into its folder, for those who come after it. Jobs do that, one
// of each kind at a time.
//
//   all     after so much was appended (checkpoint_due.h), or when damage was found: every log writes what lies beside its
//           records and is flushed, then all is written
//   young   a log has records on the disk, and no checkpoint tells of it: whoever took its folder away would leave nothing
//           behind that misses it. So its first records count when that is written (Copy::promised_end); of these
//           alone, which is quick (cluster/young_logs.h). In the same way a log is told of that begins later than before,
//           which stays so from then on (Copy::kept_start)
//
// Owned by the Broker, used by the deciding thread.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "broker/checkpoint_due.h"
#include "broker/flusher.h"
#include "cluster/replicas.h"
#include "os/seam.h"

namespace bobbin::broker {

class Checkpointer {
 public:
  // `counts`: more of that copy does now.
  Checkpointer(os::World& world, Flusher& flusher, cluster::Say say,
               std::function<void(const cluster::TopicPartition&)> counts)
      : world_(world), flusher_(flusher), say_(std::move(say)), counts_(std::move(counts)) {}

  // So much was appended; `is_synced`: and is being synced.
  void appended(uint64_t bytes, bool is_synced) { due_.appended(bytes, is_synced, world_.clock.mono_ms()); }
  void want_young(const cluster::TopicPartition& id) { young_.insert(id); }
  // As soon as no flush is under way.
  void want_all() { all_waits_ = true; }

  // Begins what can be begun. `ends`: the broker does, and writes all of it itself.
  void run(cluster::Replicas& replicas, bool ends);
  // Whether nothing is under way, and nobody waits for it.
  bool is_idle() const { return young_.empty() && !young_runs_ && !all_runs_; }
  bool is_writing() const { return young_runs_ || all_runs_; }
  // When run() has something to do, if time alone brings it.
  std::optional<int64_t> deadline_ms() const;

 private:
  void write_young(cluster::Replicas& replicas);
  void write_all(cluster::Replicas& replicas);
  // `ids`: those that it tells of for the first time; `departing`: of which no checkpoint tells any more then.
  void submit(std::function<Status()> work, bool& runs, cluster::Replicas& replicas,
              const std::vector<cluster::TopicPartition>& ids, std::vector<cluster::TopicPartition> departing = {});

  os::World& world_;
  Flusher& flusher_;
  cluster::Say say_;
  std::function<void(const cluster::TopicPartition&)> counts_;
  CheckpointDue due_;
  std::set<cluster::TopicPartition> young_;  // ordered: a seed repeats
  bool all_waits_ = false;
  bool all_runs_ = false, young_runs_ = false;
};

}  // namespace bobbin::broker
