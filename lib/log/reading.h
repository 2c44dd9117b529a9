// Reading: what a log has at an offset or a time: its records, or where they lie, and which of them are too old. Looks at
// the list of segments, the log's start and its config, changes none of them, and lives as long as one question. What is cold
// is read from the disk: that blocks, or under os::ColdRead is an error of its own.
#pragma once

#include <optional>
#include <string>

#include "log/log_config.h"
#include "log/retention.h"
#include "log/segments.h"
#include "log/time_search.h"

namespace bobbin::log {

// Whole batches that lie one behind the other in one segment's file.
struct Extent {
  Offset segment;      // its base
  uint64_t position;   // of the first batch
  uint64_t end;        // behind the last
  Offset next_offset;  // behind the last
};

class Reading {
 public:
  // All three must outlive it.
  Reading(Segments& segments, const LogConfig& config, Offset log_start)
      : segments_(segments), config_(config), log_start_(log_start) {}

  // Batches from the one that holds `from` on, up to `bytes_max` bytes, none of which reaches `below`; the last may
  // be torn. At least one whole batch, however large, if `at_least_one`. Empty at `below`. An answer does not cross
  // a segment. offset_out_of_range outside [log_start, end]; corrupt_message where the batch itself is damaged.
  // What is returned whole had the right checksum.
  Result<std::string> read(Offset from, Offset below, size_t bytes_max, bool at_least_one);

  // Where those batches lie, all that one segment has of them, for a reader of the file; their checksums are its
  // business. Nothing at `below`. Errors as read().
  Result<std::optional<Extent>> extent(Offset from, Offset below);
  // No batches: where the next one will lie, unless the segment is rolled first. Nothing: there is no segment yet.
  std::optional<Extent> end_extent() const;

  // Among the records below `below`: see time_search.h.
  Result<std::optional<FoundOffset>> offset_for_time(Timestamp at, Offset below) {
    return TimeSearch(segments_, config_, log_start_, below).first_from(at);
  }
  Result<std::optional<FoundOffset>> offset_of_max_timestamp(Offset below) {
    return TimeSearch(segments_, config_, log_start_, below).first_of_largest();
  }

  // Whether records may be taken away at all (cleanup.policy has delete).
  bool may_delete() const { return config_.delete_policy; }
  // How many whole segments Log::retention() would delete now. Reads of each segment, once, what it does not know of it yet.
  Result<size_t> expired(Timestamp now, Offset high_watermark, const RetentionLimits& limits = {}) {
    return expired_segments(segments_, config_, {log_start_, high_watermark, now, limits});
  }

 private:
  struct Located {
    BatchAt first;
    Extent extent;
  };
  Status check_range(Offset from) const;
  Status check_front(Offset from) const;
  Result<std::optional<Located>> locate(size_t i, Offset from, Offset below, bool verify);
  Result<std::string> read_segment(size_t i, Offset from, Offset below, size_t bytes_max, bool at_least_one,
                                   bool verify = false);

  Segments& segments_;
  const LogConfig& config_;
  Offset log_start_;
};

}  // namespace bobbin::log
