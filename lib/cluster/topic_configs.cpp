#include "cluster/topic_configs.h"

#include "record/compression.h"

namespace bobbin::cluster {

log::LogConfig log_config(const config::TopicSettings& s, int64_t producer_id_expiration_ms) {
  log::LogConfig c;
  c.segment_bytes = s.segment_bytes;
  c.segment_ms = s.segment_ms;
  c.segment_jitter_ms = s.segment_jitter_ms;
  c.segment_index_bytes = s.segment_index_bytes;
  c.index_interval_bytes = s.index_interval_bytes;
  c.retention_ms = s.retention_ms;
  c.retention_bytes = s.retention_bytes;
  c.max_message_bytes = s.max_message_bytes;
  c.file_delete_delay_ms = s.file_delete_delay_ms;
  c.timestamp_type = s.log_append_time ? record::TimestampType::log_append_time : record::TimestampType::create_time;
  c.timestamp_before_max_ms = s.timestamp_before_max_ms;
  c.timestamp_after_max_ms = s.timestamp_after_max_ms;
  if (s.compression_type == "uncompressed") {
    c.compression = record::Compression::none;
  } else if (s.compression_type != "producer") {
    c.compression = record::parse_compression(s.compression_type);
  }
  c.delete_policy = s.delete_policy;
  c.compact_policy = s.compact_policy;
  c.producer_expiration_ms = producer_id_expiration_ms;
  return c;
}

}  // namespace bobbin::cluster
