// Partitions: those that a broker leads, by topic id and number. A partition's log is opened when it is first needed, by a job,
// so that a broker with ten thousand of them starts at once; one without records has no files. What is true of the folder that
// they lie in is Folder's.
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

#include "cluster/folder.h"
#include "cluster/openings.h"
#include "cluster/partition.h"
#include "metadata/delta.h"
#include "metadata/image.h"
#include "os/cold_read.h"
#include "os/seam.h"

namespace bobbin::cluster {

// How many files its logs may have open.
struct FilesMax {
  size_t kept = 512;        // that nobody needs at the moment
  size_t alive = SIZE_MAX;  // in all, before a log that waits for no sync has to wait for those that do
};

class Partitions {
 public:
  // `path` is DIR/broker-N; see Folder::open.
  static Result<std::unique_ptr<Partitions>> open(os::World& world, std::string path, BrokerId self,
                                                  const std::string& cluster_id, Say say, const FilesMax& files,
                                                  const std::string& boot);

  // Makes the table agree with the metadata, of which `delta` changed: settings, epochs, deleted topics (their folders are
  // renamed, then removed by a job). Partitions of topics that the metadata does not know are put aside as `-stray`, never removed.
  void reconcile(const metadata::Image& image, const metadata::Delta& delta, const config::ConfigMap* static_file,
                 int64_t producer_id_expiration_ms);

  const config::TopicSettings& settings_of(const TopicId& topic) const;

  // Once, before anything is served: which partitions have a folder here. An error: the folder cannot be looked through, and
  // nothing in it is to be touched. Blocks.
  Status sort_out(const metadata::Image& image);

  // Opens the logs of those that are led here and not open yet. `then` runs when each is open or has failed, at once if there
  // is nothing to open.
  void open(const std::vector<TopicPartition>& ids, std::function<void()> then);
  // Whether that would take a job.
  bool is_closed(const TopicPartition& id) const { return mine_.contains(id) && !open_.contains(id); }
  // The partition, its log opened. unknown_topic_or_partition, not_leader_or_follower; why it could not be opened the last
  // time; busy: it is being opened, from now on at the latest, or there is no descriptor for it yet.
  Result<Partition*> leader(const TopicPartition& id);
  // Those that leader() may tell something else of since the last call.
  std::vector<TopicPartition> take_opened() { return std::exchange(opened_, {}); }
  bool is_opening() const { return !openings_.is_idle(); }
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

  // One pass of retention over every partition that has files, at most `logs_max` logs a call, opened before; `done` is told
  // whether the pass is complete. Not again before. Retention counts whether or not records were read.
  void retention_step(size_t logs_max, std::function<void(bool complete)> done);
  // All of it, at once, with those that no job is opening. Blocks.
  void retain_all();
  // Once every log in the folder was opened in this boot: then the next one that opens them in this boot may count on it.
  void note_boot();
  // Removes files whose delay is over; when to call again (mono_ms), if ever.
  std::optional<int64_t> remove_due_files(int64_t now_mono_ms);

  // For a job: writes recovery points, high watermarks and log starts as they are now. One at a time. The flushed end of a
  // log is a recovery point when its checkpoint() came before that flush.
  std::function<Status()> checkpoint_work();
  // The same, beside it: only that of these, of which no checkpoint tells yet, there is something on the disk (young_logs.h).
  std::function<Status()> young_work(const std::vector<TopicPartition>& ids);
  // Closes every log, writes the checkpoints and last the mark of a clean shutdown. Blocks; no flush may be in flight.
  Status close(BrokerEpoch epoch);

  // After a failed sync nothing in this folder is trusted until the broker starts anew (a failed fsync is never retried
  // as if nothing happened).
  void take_offline(const std::string& why) { folder_.take_offline(why); }
  const std::string& offline_reason() const { return folder_.offline_reason(); }
  const Folder& folder() const { return folder_; }

 private:
  struct Known {
    std::string topic_name;
    LeaderEpoch epoch;
  };
  struct KnownTopic {
    std::string name;
    size_t partitions = 0;
  };
  Partitions(os::World& world, Folder folder, BrokerId self, Say say, const FilesMax& files);
  struct Waiting {
    size_t left = 1;
    std::function<void()> then;
    void one_less() {
      if (--left == 0) then();
    }
  };
  struct RetentionPass {
    std::vector<TopicPartition> ids;
    std::function<void()> then;
    size_t next = 0;
    os::ColdRead cold = {};
  };
  void retain_next(std::shared_ptr<RetentionPass> pass);
  bool begin_open(const TopicPartition& id);
  log::ToOpen to_open(const TopicPartition& id, const std::string& topic_name) const;
  void opened(const TopicPartition& id, log::OpenWork& work);
  void take_log(const TopicPartition& id, std::unique_ptr<log::Log> log, const log::RecoveryReport& found);
  void note_failure(const TopicPartition& id, Error why, const log::RecoveryReport& found);
  void tell_waiting(const TopicPartition& id);
  void retain(Partition& partition);
  log::LogConfig config_of(const TopicId& topic) const;
  void follow_topic(const metadata::Image& image, const TopicId& id, config::ConfigLayers layers);
  void forget_topic(const TopicId& id, Fate fate);
  void let_go(const TopicPartition& id, const std::string& topic_name, Fate fate);
  void report(const std::string& topic_dir, const log::RecoveryReport& report);

  os::World& world_;
  log::Files files_;
  Folder folder_;
  BrokerId self_;
  Say say_;
  std::unordered_map<TopicPartition, Known> mine_;
  std::unordered_map<TopicPartition, std::string> others_;  // led by another broker: for the right error
  std::unordered_map<TopicId, KnownTopic> topics_;
  std::map<TopicId, config::TopicSettings> own_settings_;  // of topics with configs of their own
  config::TopicSettings plain_settings_;                   // of the others
  int64_t producer_id_expiration_ms_ = 86400000;
  std::map<TopicPartition, std::unique_ptr<Partition>> open_;  // ordered: a seed repeats
  std::set<TopicPartition> on_disk_;                           // have a folder
  std::vector<TopicPartition> unsettled_;
  bool found_damage_ = false;
  Openings openings_;
  std::map<TopicPartition, Error> unopened_;  // why not, the last time
  std::map<TopicPartition, std::vector<std::shared_ptr<Waiting>>> waiting_;
  std::vector<TopicPartition> opened_;
  std::optional<TopicPartition> retention_at_;
};

}  // namespace bobbin::cluster
