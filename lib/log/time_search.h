// TimeSearch: which record of a log has a time. Checksums of batches that are passed over are not looked at, nor that of one
// whose first record is the answer: whoever reads there is told. Where records are missing or damaged that may be the answer
// there is none, but an error: times ascend as a rule, so it may be among them unless what follows them is still too old.
//
// Looks at the list of segments, and lives as long as one question. What is cold is read from the disk: then it blocks.
#pragma once

#include <optional>

#include "log/log_config.h"
#include "log/segments.h"

namespace bobbin::log {

struct FoundOffset {
  Offset offset;
  Timestamp timestamp;
  LeaderEpoch epoch;
};

class TimeSearch {
 public:
  // Among the records from `log_start` up to (not with) `below`. `segments` outlives it.
  TimeSearch(Segments& segments, const LogConfig& config, Offset log_start, Offset below);

  // The first record with at least this timestamp, or nothing. Errc::corrupt_message: nobody can tell.
  Result<std::optional<FoundOffset>> first_from(Timestamp at);
  // The first record with the largest timestamp, or nothing.
  Result<std::optional<FoundOffset>> first_of_largest();

 private:
  void miss(Offset from);
  Error damaged(Offset from) const;
  Result<TimeEntry> largest_of(size_t i);
  Result<std::optional<FoundOffset>> search(size_t i, Timestamp at);

  Segments& segments_;
  const int64_t index_interval_bytes_;
  const Offset log_start_, below_;
  std::optional<Offset> gap_;  // from there on records are missing, and nothing that is behind them was too old
};

}  // namespace bobbin::log
