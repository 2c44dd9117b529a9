#include "log/retention.h"

namespace bobbin::log {

namespace {

Result<bool> is_too_old(Segment& segment, Offset limit, const LogConfig& config, Timestamp now) {
  if (config.retention_ms < 0) return false;
  BOBBIN_TRY(segment.ready(config.index_interval_bytes, limit));
  Timestamp newest = segment.indexes().largest().timestamp;
  if (newest < Timestamp(0)) newest = segment.data().created();
  return now - newest > config.retention_ms;
}

}  // namespace

Result<size_t> expired_segments(Segments& segments, const LogConfig& config, const RetentionAt& at) {
  const bool counts = config.delete_policy && !at.limits.below_start_only;
  auto total = static_cast<int64_t>(segments.bytes());
  size_t count = 0, old = 0;
  for (; count < segments.size(); count++) {
    Segment& segment = segments[count];
    bool is_active = count + 1 == segments.size();
    Offset end = segments.limit(count);
    if (end > at.high_watermark || (is_active && segment.base() == segments.end())) break;
    auto bytes = static_cast<int64_t>(segment.bytes());
    bool below_start = end <= at.log_start && !is_active;
    bool too_much = counts && config.retention_bytes >= 0 && total - bytes >= config.retention_bytes;
    if (!below_start && !too_much) {
      if (!counts || old == at.limits.old_max) break;
      BOBBIN_TRY_ASSIGN(too_old, is_too_old(segment, end, config, at.now));
      if (!too_old) break;
      old++;
    }
    total -= bytes;
  }
  return count;
}

}  // namespace bobbin::log
