// OtherLog: a partition's log in the folder of another broker, dead or alive, as its files are at this moment: where it
// ends, in which epochs, and its batches. Nothing is written. What another process appends, cuts or damages meanwhile
// is no fault: what is read has the right checksum or is not there.
//
// For jobs: all of it reads files, and blocks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "log/epochs.h"
#include "log/files.h"
#include "log/offset_index.h"
#include "log/segment_batches.h"
#include "log/segment_file.h"

namespace bobbin::log {

class OtherLog {
 public:
  struct Which {
    std::string dir;
    TopicId topic;
    bool dense = true;     // offsets have no holes: the topic is not compacted
    Offset sure_below{0};  // of batches below it no checksum is needed to count them
  };
  // Errc::not_found: there is no such folder, it belongs to another topic, or has no segments. Others: it cannot be
  // read.
  static Result<OtherLog> look(Files& files, const Which& which);

  Offset start() const { return parts_.front().base; }
  // Behind its last sound batch; where the offsets are dense, before the first segment that does not go on where the
  // one before it ends: its owner would cut there, too.
  Offset end() const { return end_; }
  // Of that batch; leader_epoch_none: there is none.
  LeaderEpoch last_epoch() const { return last_epoch_; }

  // The epoch of the batch that holds that record; nothing: it is not there.
  Result<std::optional<LeaderEpoch>> epoch_at(Offset offset);
  // Which is the last epoch up to that one that it has records of, and where they end (Kafka's OffsetsForLeaderEpoch);
  // leader_epoch_none and its start: it has none.
  Result<EpochEnd> end_of(LeaderEpoch epoch);
  // Whole sound batches from the one on that begins there, about `bytes_max`, at least one; none: it has none there.
  Result<std::string> read(Offset from, size_t bytes_max);

 private:
  struct Part {  // a segment
    Offset base;
    SegmentFile file;
    OffsetIndex index;  // a hint, read when it is needed first
    bool knows_index = false;
  };
  explicit OtherLog(const Which& which) : dir_(which.dir), dense_(which.dense), end_(0) {}
  Status adopt(Files& files);
  Result<EpochEnd> end_of_part(size_t i, Offset sure_below);
  Status drop_behind_hole(Offset sure_below);
  Status find_end(Offset sure_below);
  Offset limit(size_t i) const { return i + 1 < parts_.size() ? parts_[i + 1].base : record::log_end_max; }
  // visit(batch) for each that holds `from` or lies behind it, in order, until it says false or a bad one comes.
  using Visit = std::function<Result<bool>(const BatchAt&)>;
  Status each(size_t i, Offset from, const Visit& visit);
  OffsetIndex& index(size_t i);
  size_t part_with(Offset offset) const;

  std::string dir_;
  bool dense_;
  std::vector<Part> parts_;
  Offset end_;
  LeaderEpoch last_epoch_ = leader_epoch_none;
};

}  // namespace bobbin::log
