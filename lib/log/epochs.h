// Epochs: which leader epoch each stretch of a log was appended in (Kafka's leader-epoch-checkpoint). Both epochs
// and start offsets ascend. Kept in memory; the log writes encode() to its file when it changed.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"

namespace bobbin::log {

struct EpochStart {
  LeaderEpoch epoch;
  Offset start;
  bool operator==(const EpochStart&) const = default;
};

struct EpochEnd {
  LeaderEpoch epoch = leader_epoch_none;
  Offset end = offset_none;
  bool operator==(const EpochEnd&) const = default;
};

class Epochs {
 public:
  // The text of the file. Errc::malformed if it is not one.
  static Result<Epochs> parse(Bytes text);
  std::string encode() const;

  // A batch of `epoch` begins at `start`. Entries that this contradicts are dropped. Says whether anything changed.
  bool assign(LeaderEpoch epoch, Offset start);
  // The next batch has this epoch and offset: it counts, if the epoch is a new one.
  void continue_with(const EpochStart& next) {
    if (next.epoch > latest()) assign(next.epoch, next.start);
  }
  bool truncate_from_end(Offset end);      // forgets what begins at or after `end`
  bool truncate_from_start(Offset start);  // forgets what ends before `start`
  // The log begins there, though nothing is left of that: it counts to the first epoch that is known.
  void reach_back_to(Offset start) {
    if (!entries_.empty()) entries_.front().start = std::min(entries_.front().start, start);
  }

  LeaderEpoch latest() const { return entries_.empty() ? leader_epoch_none : entries_.back().epoch; }
  // The epoch that the record at `offset` was or would be appended in; leader_epoch_none before the first.
  LeaderEpoch epoch_at(Offset offset) const;
  // Kafka's OffsetsForLeaderEpoch, for a log that ends at `log_end`: (epoch none, offset none) for an epoch nobody knows.
  EpochEnd end_of(LeaderEpoch epoch, Offset log_end) const;
  const std::vector<EpochStart>& entries() const { return entries_; }
  bool operator==(const Epochs&) const = default;

 private:
  std::vector<EpochStart> entries_;
};

}  // namespace bobbin::log
