// Folder: DIR/broker-N as a whole, for the broker that holds its lock: whose it is, what its checkpoints say of each
// log, whether the last end was clean, and what becomes of folders that are no partition (any more).
//
//   topic-3/                            a partition, if its partition.metadata names the topic of now
//   topic-3.<topic id>-delete           a record deleted its topic, or moved it to other brokers: removed by a job
//   topic-3.<topic id>-stray            the metadata does not know why it is here: stays, for who may miss it
//   topic-3.<topic id>-damaged          of a copy that was not what it had been; made anew from its leader's: stays
//   broker-lives                        which lives of the broker it knows of (lives.h)
//   *-offset-checkpoint                 recovery points, high watermarks, log starts, by topic's name ...
//   topic-id-checkpoint                 ... and whose names these were
//   young-offset-checkpoint             logs that none of them tells of yet (young_logs.h)
//   .kafka_cleanshutdown                the last end was clean
//   boot-id                             every log in here was opened in this boot of the machine
//
// Owned by Replicas, used by the deciding thread. What blocks says so: at the start and the end of a broker's life.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "cluster/topic_partition.h"
#include "cluster/young_logs.h"
#include "log/checkpoints.h"
#include "log/log.h"
#include "metadata/image.h"
#include "os/seam.h"

namespace bobbin::cluster {

using Say = std::function<void(const std::string&)>;  // a line for the broker's log

enum class Fate { deleted, stray, damaged };

class Folder {
 public:
  // Reads what is there, or makes it anew, but for a symbolic link's (Errc::io_error). `boot` names this boot of the
  // machine (empty: unknown). The mark of a clean end is taken away at once, so that it is there only after the next
  // one. Errc::inconsistent_cluster_id: another broker's. Blocks.
  static Result<Folder> open(os::World& world, std::string path, BrokerId self, const std::string& cluster_id, Say say,
                             std::string boot);

  std::string path_of(std::string_view name) const { return path_ + "/" + std::string(name); }
  const std::string& path() const { return path_; }
  Uuid directory_id() const { return directory_id_; }
  bool is_new() const { return is_new_; }        // there was no such folder
  bool was_clean() const { return was_clean_; }  // when this life began
  // Whether it holds partitions, or did when it was checkpointed. Blocks.
  bool has_partitions() const;

  // Once, at the start: which partitions have a folder here, or should have; others are put aside. Blocks.
  Result<std::set<TopicPartition>> sort_out(const metadata::Image& image);
  // Takes a folder's name away from the partition that had it; nothing is done where there is none.
  void put_aside(const log::TopicPartition& which, const Uuid& owner, Fate fate);

  // The log went at least so far, as the checkpoints say.
  Offset told_end(const log::TopicPartition& which) const;
  // What is known of a log that is about to be opened.
  log::OpenHint hint_for(const log::TopicPartition& which, const TopicId& topic) const;
  struct Offsets {
    Offset recovery_point;
    Offset high_watermark;  // on the disk below it, though a start may have to read that again
    Offset log_start;
  };
  void note(const log::TopicPartition& which, const TopicId& topic, const Offsets& offsets);
  // The first records of a log are on the disk, below `end`; or it begins at `start` from now on.
  void note_young(const log::TopicPartition& which, const TopicId& topic, Offset end, Offset start);
  void forget(const log::TopicPartition& which);
  // For jobs, one of each kind at a time: they write what was noted; of young logs alone, that is quick.
  std::function<Status()> checkpoint_work();
  std::function<Status()> young_work() { return young_.write_work(); }

  // Every log in here was opened: the next life that opens them in this boot may count on it. Not synced: after a power
  // cut it does not hold that boot's name, whatever is left of it.
  void note_boot();
  Status mark_clean(BrokerEpoch epoch);  // blocks

  // After a failed sync nothing in here is trusted until the broker starts anew.
  void take_offline(const std::string& why);
  bool is_offline() const { return !offline_.empty(); }
  const std::string& offline_reason() const { return offline_; }

 private:
  Folder(os::World& world, std::string path, Say say, YoungLogs young)
      : world_(&world), path_(std::move(path)), say_(std::move(say)), young_(std::move(young)) {}
  Status identify(BrokerId self, const std::string& cluster_id);
  Status read_checkpoints();
  Status read_marks(const std::string& boot);
  bool drop_offsets_of_others(const metadata::Image& image);  // whether any was of a copy that has moved away
  void take_over_young(const log::TopicPartition& which, const YoungLogs::Told& told);
  std::optional<TopicPartition> sort_out(const log::TopicPartition& which, const metadata::Image& image);
  bool is_vouched_for(const log::TopicPartition& which, const TopicId& id) const;
  void remove_later(const std::string& name);

  os::World* world_;
  std::string path_;
  Say say_;
  BrokerId self_ = broker_none;
  Uuid directory_id_;
  bool is_new_ = false;
  bool was_clean_ = false;
  std::string boot_;
  bool same_boot_ = false;  // as whoever wrote here last
  bool boot_is_noted_ = false;
  std::string offline_;
  log::Checkpoint recovery_points_, log_starts_, high_watermarks_;
  log::TopicIds topic_ids_;  // whose offsets these are
  bool topic_ids_are_gone_ = false;
  bool may_remove_moved_ = true;  // no checkpoint tells of copies that have moved away
  YoungLogs young_;
};

}  // namespace bobbin::cluster
