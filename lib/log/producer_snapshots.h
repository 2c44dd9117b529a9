// ProducerSnapshots: the files NNN.snapshot of a log, each what was known of its producers when the log ended at NNN (Kafka's
// form, producers.h). They spare the next open to read all records again; what a snapshot does not hold (all but the last
// batch of each producer, and what came after it) the records tell.
//
// The records are the truth: a snapshot that is missing, damaged or of an offset that the log does not reach is thrown away.
#pragma once

#include <string>
#include <vector>

#include "log/producer_replay.h"
#include "log/removal.h"
#include "log/unsynced.h"

namespace bobbin::log {

class ProducerSnapshots {
 public:
  // `found` are the offsets in the directory, ascending.
  explicit ProducerSnapshots(std::string dir, std::vector<Offset> found = {})
      : dir_(std::move(dir)), offsets_(std::move(found)) {}

  // Writes one at the end of `segments`, if there is none, to be synced with the next flush. Files that are not needed any
  // more go: kept are those that begin a segment, as in Kafka, and the last two of the others, for the newest may not be on
  // the disk yet.
  Status write(const Producers& producers, const Segments& segments, Unsynced& unsynced, Removal& removal);
  // Those below `first` are the log's no more. Gives their files.
  std::vector<std::string> drop_below(Offset first);

  // The log is about to end at `end`: nothing may tell of more, whatever a crash leaves (evidence.h). Newest first.
  Status remove_above(os::Storage& storage, Offset end);

  // What is known of the producers where the log ends, by the newest sound snapshot and the records. Blocks.
  struct Sources {
    os::Storage& storage;
    Segments& segments;
    Offset log_start;
    Timestamp now;
    int64_t index_interval_bytes;
    int64_t expiration_ms;  // of producers
  };
  Result<Producers> load(const Sources& sources, std::vector<std::string>& notes);

 private:
  std::string path(Offset at) const;
  struct Known {
    Producers producers;
    std::optional<Offset> at;  // of the snapshot that said so
  };
  Result<Known> read_newest(const Sources& sources, std::vector<std::string>& notes);

  std::string dir_;
  std::vector<Offset> offsets_;  // ascending
};

}  // namespace bobbin::log
