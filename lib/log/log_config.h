// What a topic's configs say about its logs, under Kafka's defaults.
#pragma once

#include <optional>

#include "record/batch.h"

namespace bobbin::log {

struct LogConfig {
  int64_t segment_bytes = 1 << 30;
  int64_t segment_ms = 7LL * 24 * 3600 * 1000;
  int64_t segment_jitter_ms = 0;
  int64_t segment_index_bytes = 10485760;
  int64_t index_interval_bytes = 4096;
  int64_t retention_ms = 7LL * 24 * 3600 * 1000;  // -1: for ever
  int64_t retention_bytes = -1;                   // -1: no limit
  int64_t max_message_bytes = 1048588;            // of a batch as stored
  int64_t file_delete_delay_ms = 60000;
  record::TimestampType timestamp_type = record::TimestampType::create_time;
  int64_t timestamp_before_max_ms = INT64_MAX;
  int64_t timestamp_after_max_ms = 3600000;
  std::optional<record::Compression> compression;  // nothing: as the producer sent it
  bool delete_policy = true;
  bool compact_policy = false;  // keys are required; the cleaner itself is not built yet
  int64_t producer_expiration_ms = 86400000;
  int64_t producers_max = 100000;
};

}  // namespace bobbin::log
