// Replicas: the partitions that a broker has a place in, by topic id and number. A partition's log is opened when it is first
// needed, by a job, so that a broker with ten thousand of them starts at once; one without records has no files. What is true
// of the folder that they lie in is Folder's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cluster/checkpoint_work.h"
#include "cluster/departures.h"
#include "cluster/folder.h"
#include "cluster/followed.h"
#include "cluster/open_replicas.h"
#include "cluster/openings.h"
#include "cluster/topic_configs.h"
#include "cluster/waiters.h"
#include "metadata/delta.h"
#include "metadata/image.h"
#include "os/seam.h"

namespace bobbin::cluster {

// How many files its logs may have open.
struct FilesMax {
  size_t kept = 512;        // that nobody needs at the moment
  size_t alive = SIZE_MAX;  // in all, before a log that waits for no sync has to wait for those that do
};

class Replicas {
 public:
  // `path` is DIR/broker-N; see Folder::open.
  static Result<std::unique_ptr<Replicas>> open(os::World& world, std::string path, BrokerId self,
                                                const std::string& cluster_id, Say say, const FilesMax& files,
                                                const std::string& boot);

  struct Self {
    const config::ConfigMap* static_file = nullptr;  // its own configs
    int64_t producer_id_expiration_ms = 86'400'000;
    bool is_known = true;  // to the metadata, in this life
  };
  // Makes the table agree with the metadata, of which `delta` changed: settings, epochs, deleted topics, and partitions that other
  // brokers have now (their folders are renamed, then removed by a job). Those of which the metadata only does not know that this
  // broker has a place in them are put aside as `-stray`, never removed.
  // R15: a life that is not known yet begins no reign of one that others have copies of: nobody leads it here.
  void reconcile(const metadata::Image& image, const metadata::Delta& delta, const Self& self);
  const config::TopicSettings& settings_of(const TopicId& topic) const { return configs_.of(topic); }
  const Followed& followed() const { return followed_; }

  // Once, before anything is served: which partitions have a folder here. An error: the folder cannot be looked through, and
  // nothing in it is to be touched. Blocks.
  Status sort_out(const metadata::Image& image);

  // Opens the logs of those that have a copy here and are not open yet. `then` runs when each is open or has failed, at once if there
  // is nothing to open.
  void open(const std::vector<TopicPartition>& ids, std::function<void()> then);
  // The same at once, of one that no job is opening. Blocks.
  void open_now(const TopicPartition& id);
  // Whether that would take a job, or has to wait for one: until then it has no role.
  bool is_closed(const TopicPartition& id) const;
  // Whether jobs have logs in their hands.
  bool is_opening() const { return !openings_.is_idle() || is_cutting(); }

  // The role of its leader, its log opened. unknown_topic_or_partition, not_leader_or_follower; why it could not be opened the
  // last time; busy: it is being opened, from now on at the latest, or there is no descriptor for it yet.
  Result<Leading*> leader(const TopicPartition& id);
  const OpenReplicas& opened() const { return opened_; }
  // A following or succeeding one's log loses what lies behind `at`, by a job, which first writes checkpoints that tell of no
  // more. No flush of it is in flight, and nobody else writes checkpoints meanwhile. Then it has the role that the metadata says
  // by then.
  void cut(const TopicPartition& id, Offset at);
  bool is_cutting() const { return !cutting_.empty(); }
  // No other copy has more than that of a succeeding one: it leads.
  void succeed(const TopicPartition& id);
  // A copy that others lead is put aside, if what is wrong is in its files, and begins anew. False: a job has it.
  bool begin_anew(const TopicPartition& id);
  // Those that have a folder, or should have one; those that are open count.
  const std::set<TopicPartition>& with_folder() const { return with_folder_; }

  // Those that have another role since the last call, so that leader() may tell something else of them.
  std::vector<TopicPartition> take_changed() { return std::exchange(changed_, {}); }
  // What was found in the logs that were opened since the last call.
  struct Found {
    std::vector<TopicPartition> unsettled;  // after a crash: they are to be flushed (Leading::is_settled)
    std::vector<TopicPartition> damaged;    // how far the log went is to be kept in the checkpoints
    std::vector<TopicPartition> unread;     // the disk did not let them be opened
  };
  Found take_found() { return std::exchange(found_, {}); }

  // Closes every log, writes the checkpoints and last the mark of a clean shutdown. Blocks; no flush may be in flight.
  Status close(BrokerEpoch epoch);

  Folder& folder() { return folder_; }
  log::Files& files() { return files_; }
  Departures departures;  // whoever writes checkpoints tells it

 private:
  struct KnownTopic {
    std::string name;
    size_t partitions = 0;
  };
  Replicas(os::World& world, Folder folder, BrokerId self, Say say, const FilesMax& files);
  void follow_topic(const metadata::Image& image, const TopicId& id, const config::ConfigLayers& layers);
  void follow_partition(const metadata::Image& image, const metadata::Topic& topic, const TopicPartition& which);
  void let_go(const TopicPartition& id, Fate fate, bool is_moved = false);
  std::optional<log::TopicPartition> give_up(const TopicPartition& id);
  bool begin_open(Replica& replica);
  void open_ended(const TopicPartition& id, log::OpenWork& work);
  void take_log(Replica& replica, std::unique_ptr<log::Log> log);
  void took_role(Replica& replica);

  os::World& world_;
  log::Files files_;
  Folder folder_;
  BrokerId self_;
  bool is_known_ = false;
  Say say_;
  TopicConfigs configs_;
  std::unordered_map<TopicId, KnownTopic> topics_;
  std::map<TopicPartition, Replica> table_;  // ordered: a seed repeats
  std::set<TopicPartition> with_folder_;     // or that should have one; also of partitions that others lead
  OpenReplicas opened_;                      // those of it
  Followed followed_;
  Openings openings_;
  // Whose logs are in the hands of jobs that cut them; and what is to be done when such a job has ended with a copy that is not
  // this broker's any more.
  std::map<TopicPartition, std::function<void()>> cutting_;
  Waiters waiters_;
  std::vector<TopicPartition> changed_;
  Found found_;
};

}  // namespace bobbin::cluster
