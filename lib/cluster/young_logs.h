// YoungLogs: those that have records on the disk, and that no checkpoint tells of yet. One small file of the broker's folder
// says how far each of them went, so that a start after a kill misses what somebody took of a log that is a second old.
//
//   0                                       the version
//   orders-0 1200 <topic id>                a line for each; of several with one name the last counts
//   orders-1 1200 <topic id> 900            of one that does not begin at 0: where it begins (Kafka's DeleteRecords)
//
// It is written before the first records of a log are acknowledged, and so without a sync: a power cut may take it, or its
// end. What it says is true all the same, for the records were on the disk before, and stays true when checkpoints tell of
// them as well: then it begins anew with the next one. It goes with a clean end.
//
// Where a log begins it tells for good, and is synced: nothing else does until the next checkpoint is on the disk, and while that
// is written those lines are written again.
//
// Owned by Folder, used by the deciding thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "log/checkpoints.h"
#include "os/seam.h"

namespace bobbin::cluster {

inline constexpr std::string_view young_logs_file = "young-offset-checkpoint";  // ours

class YoungLogs {
 public:
  struct Told {
    TopicId topic;  // whose log that was: one that was made anew has the name of another
    Offset end;
    Offset start{0};
    bool operator==(const Told&) const = default;
  };
  using All = std::map<log::TopicPartition, Told>;
  // What `path` says, as far as it parses. Errc::damaged: it is larger than any. Blocks.
  static Result<YoungLogs> read(os::Storage& storage, std::string path);

  const All& found() const { return found_; }  // by read()
  void note(const log::TopicPartition& which, const Told& told);
  // The life before said so, and it stays true.
  void keep_start(const log::TopicPartition& which, const Told& told);
  // Its log is another one from now on.
  void forget(const log::TopicPartition& which);
  // Checkpoints tell of all of them, when they are written.
  void begin_anew();
  // For a job, one at a time: writes what was noted since the last one.
  std::function<Status()> write_work();

 private:
  YoungLogs(os::Storage& storage, std::string path) : storage_(&storage), path_(std::move(path)) {}

  os::Storage* storage_;
  std::string path_;
  All found_;
  All unwritten_;
  All starts_, starts_before_;  // that were told since it began anew, and in the time before
  uint64_t end_ = 0;            // of what is written
};

}  // namespace bobbin::cluster
