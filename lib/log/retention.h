// Retention: which segments of a log may go: whole ones, from the oldest on, by age, by size, and below the log's start. Kafka's
// rules for cleanup.policy=delete (UnifiedLog.deleteOldSegments).
#pragma once

#include "log/log_config.h"
#include "log/segments.h"

namespace bobbin::log {

struct RetentionLimits {
  bool below_start_only = false;  // neither age nor size counts
  size_t old_max = SIZE_MAX;      // so many go for their age at most
};

// Seen from the log that is asked.
struct RetentionAt {
  Offset log_start;
  Offset high_watermark;  // nothing above it goes
  Timestamp now;
  RetentionLimits limits = {};
};

// How many from the first on may go; may count the active one. Pure, but that a segment may have to read its newest timestamp:
// an error is that of the disk.
Result<size_t> expired_segments(Segments& segments, const LogConfig& config, const RetentionAt& at);

}  // namespace bobbin::log
