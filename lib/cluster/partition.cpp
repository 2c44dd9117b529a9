#include "cluster/partition.h"

#include "base/mutants.h"
#include "record/compression.h"

namespace bobbin::cluster {

Partition::Partition(TopicPartition id, std::string topic_name, std::unique_ptr<log::Log> log,
                     const config::TopicSettings& settings, LeaderEpoch epoch)
    : id_(id), topic_name_(std::move(topic_name)), log_(std::move(log)), settings_(settings), epoch_(epoch),
      high_watermark_(log_->durable_end()), found_end_(log_->log_end()) {}

void Partition::update(const config::TopicSettings& settings, LeaderEpoch epoch, const log::LogConfig& config) {
  settings_ = settings;
  epoch_ = epoch;
  log_->update(config);
  advance();
}

void Partition::appended(size_t bytes) {
  appended_bytes_ += bytes;
  unpromised_.emplace_back(log_->log_end(), appended_bytes_);
}

bool Partition::advance() {
  bool appended_counts = settings_.flush_policy == config::FlushPolicy::os || planted(Mutant::ack_before_sync);
  Offset durable = is_checkpointed_ ? log_->durable_end() : high_watermark_;
  Offset promised = appended_counts ? log_->log_end() : durable;
  if (promised <= high_watermark_) return false;
  high_watermark_ = promised;
  for (; !unpromised_.empty() && unpromised_.front().first <= promised; unpromised_.pop_front())
    promised_bytes_ = unpromised_.front().second;
  show_end();
  return true;
}

const region::ShownEnd* Partition::show_in(region::Region& region) {
  if (shown_) return &*shown_;
  auto generation = static_cast<uint64_t>(epoch_.value);
  auto slot = region.claim(id_.topic, id_.partition, generation);
  if (!slot) return nullptr;
  shown_.emplace(region, *slot, generation);
  show_end();
  return &*shown_;
}

void Partition::show_end() {
  if (shown_) shown_->show({log_->segments().active_base(), high_watermark_});
}

Result<std::string> Partition::read(Offset from, size_t bytes_max, bool at_least_one) {
  return log_->read(from, high_watermark_, bytes_max, at_least_one);
}

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
