// Partitions: those that a broker leads, by topic id and number. A partition's log is opened when it is first needed, so
// that a broker with ten thousand of them starts at once; one without records has no files.
//
// Also the owner of the broker's folder as a whole: the checkpoints, the mark of a clean shutdown, and what is left of
// topics that were deleted.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cluster/partition.h"
#include "log/checkpoints.h"
#include "metadata/image.h"
#include "os/seam.h"

namespace bobbin::cluster {

// How many files its logs may have open.
struct FilesMax {
  size_t kept = 512;        // that nobody needs at the moment
  size_t alive = SIZE_MAX;  // in all, before a log that waits for no sync has to wait for those that do
};

class Partitions {
 public:
  using Say = std::function<void(const std::string&)>;  // a line for the broker's log

  // `folder` is DIR/broker-N, `boot` names this boot of the machine (empty: unknown). Reads its checkpoints; the mark of a
  // clean shutdown is taken away at once, so that it is there only after the next one.
  static Result<std::unique_ptr<Partitions>> open(os::World& world, std::string folder, BrokerId self,
                                                  const std::string& cluster_id, Say say, const FilesMax& files,
                                                  const std::string& boot);

  // Makes the table agree with the metadata: settings, epochs, deleted topics (their folders are renamed, then removed by
  // a job). Partitions of topics that the metadata does not know are put aside as `-stray`, never removed.
  void reconcile(const metadata::Image& image, const metadata::ConfigMap* static_file, int64_t producer_id_expiration_ms);

  // The partition, its log opened. unknown_topic_or_partition, not_leader_or_follower, kafka_storage_error; busy: there
  // is no descriptor for it yet.
  Result<Partition*> leader(const TopicPartition& id);
  Partition* find_open(const TopicPartition& id);
  // Those that were opened after a crash since the last call: they are to be flushed (Partition::is_settled).
  std::vector<TopicPartition> take_unsettled() { return std::exchange(unsettled_, {}); }
  // Whether damage was found since the last call: how far the log went is to be kept in the checkpoints.
  bool take_found_damage() { return std::exchange(found_damage_, false); }
  size_t open_count() const { return open_.size(); }
  // Whether there are descriptors for further files that wait for a sync; and whether that was missed since the last
  // call: then syncs are wanted.
  bool has_room() { return files_.has_room(); }
  bool take_shortage() { return files_.take_shortage(); }
  void for_each_open(const std::function<void(Partition&)>& visit);

  // One pass of retention over every partition that has files, at most `logs_max` logs a call; true when it is complete.
  // Retention counts whether or not records were read.
  bool retention_step(size_t logs_max);
  // Once every log in the folder was opened in this boot: then the next one that opens them in this boot may count on it.
  void note_boot();
  // Removes files whose delay is over; when to call again (mono_ms), if ever.
  std::optional<int64_t> remove_due_files(int64_t now_mono_ms);

  // For a job: writes recovery points, high watermarks and log starts as they are now. One at a time. The flushed end of a
  // log is a recovery point when its checkpoint() came before that flush.
  std::function<Status()> checkpoint_work();
  // Closes every log, writes the checkpoints and last the mark of a clean shutdown. Blocks; no flush may be in flight.
  Status close(BrokerEpoch epoch);

  // After a failed sync nothing in this folder is trusted until the broker starts anew (a failed fsync is never retried
  // as if nothing happened).
  void take_offline(const std::string& why);
  // Whether the folder holds partitions, or did when it was checkpointed.
  bool has_partitions() const;
  bool is_new() const { return is_new_; }  // there was no such folder
  const std::string& offline_reason() const { return offline_; }
  Uuid directory_id() const { return directory_id_; }

 private:
  struct Known {
    std::string topic_name;
    LeaderEpoch epoch;
  };
  Partitions(os::World& world, std::string folder, BrokerId self, Say say, const FilesMax& files);
  Status read_folder(const std::string& cluster_id);
  std::string path(std::string_view name) const;  // in the folder
  Result<Partition*> open_log(const TopicPartition& id, const Known& known);
  log::LogConfig config_of(const TopicId& topic) const;
  enum class Fate { deleted, stray };
  void sort_out_folder(const metadata::Image& image);
  void sort_out(const log::TopicPartition& which, const metadata::Image& image);
  bool is_vouched_for(const log::TopicPartition& which, const TopicId& id) const;
  void put_aside(const log::TopicPartition& which, const Uuid& owner, Fate fate);
  void drop_offsets_of_others(const metadata::Image& image);
  void let_go(const TopicPartition& id, const std::string& topic_name, Fate fate);
  void remove_later(const std::string& name);
  void report(const std::string& topic_dir, const log::RecoveryReport& report);

  os::World& world_;
  log::Files files_;
  std::string folder_;
  BrokerId self_;
  Say say_;
  Uuid directory_id_;
  bool was_clean_ = false;
  std::string boot_;
  bool same_boot_ = false;        // as whoever wrote here last
  bool boot_is_noted_ = false;
  bool folder_is_known_ = false;  // on_disk_ is all of it
  bool is_new_ = false;
  bool sorted_out_ = false;
  std::string offline_;
  std::unordered_map<TopicPartition, Known> mine_;
  std::unordered_map<TopicPartition, std::string> others_;  // led by another broker: for the right error
  std::map<TopicId, metadata::TopicSettings> settings_;
  int64_t producer_id_expiration_ms_ = 86400000;
  std::map<TopicPartition, std::unique_ptr<Partition>> open_;  // ordered: a seed repeats
  std::set<TopicPartition> on_disk_;                           // have a folder
  std::vector<TopicPartition> unsettled_;
  bool found_damage_ = false;
  std::map<TopicPartition, std::string> unopened_;  // why not, as it was said
  log::Checkpoint recovery_points_, log_starts_, high_watermarks_;
  log::TopicIds checkpointed_topics_;  // whose offsets these are
  bool topic_ids_are_gone_ = false;
  std::optional<TopicPartition> retention_at_;
};

}  // namespace bobbin::cluster
