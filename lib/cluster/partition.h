// Partition: one partition as its leader keeps it: the log, the epoch of this reign, and the high watermark below which
// consumers read.
//
// With one replica the high watermark is what this copy promises: under flush.policy=ack the end of what is on the disk,
// under flush.policy=os the end of what was appended. It never goes back while the process lives.
//
// Owned by Partitions, used by the deciding thread. Errors are Kafka's codes with a sentence.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "cluster/topic_partition.h"
#include "config/configs.h"
#include "log/log.h"
#include "region/region.h"

namespace bobbin::cluster {

class Partition {
 public:
  Partition(TopicPartition id, std::string topic_name, std::unique_ptr<log::Log> log,
            const config::TopicSettings& settings, LeaderEpoch epoch);

  const TopicPartition& id() const { return id_; }
  const std::string& topic_name() const { return topic_name_; }
  log::Log& log() { return *log_; }
  const log::Log& log() const { return *log_; }
  LeaderEpoch leader_epoch() const { return epoch_; }
  const config::TopicSettings& settings() const { return settings_; }

  void update(const config::TopicSettings& settings, LeaderEpoch epoch, const log::LogConfig& config);

  Offset high_watermark() const { return high_watermark_; }
  // So many bytes were appended; how many were, since the log was opened, to what is promised now.
  void appended(size_t bytes);
  uint64_t promised_bytes() const { return promised_bytes_; }
  // After an append or a flush: moves the high watermark to what is promised now; true when it moved. Where the flush is what
  // counts, nothing is before a checkpoint on the disk tells of this log's records.
  bool advance();
  bool is_checkpointed() const { return is_checkpointed_; }
  void note_checkpoint() { is_checkpointed_ = true; }
  bool waits_for_flush() const { return log_->durable_end() < log_->log_end(); }
  // After a crash the tail above the recovery point is in the page cache at best, and clients have seen the watermark
  // above it. Until it is flushed again nobody may be told where the log ends: an end that went back would make
  // `consume -e` stop early (Kafka's OFFSET_NOT_AVAILABLE).
  bool is_settled() const { return high_watermark_ >= found_end_; }

  // From now on the high watermark is shown in the region as well; nullptr: it is full.
  const region::ShownEnd* show_in(region::Region& region);

  // Reads below the high watermark: whole batches, see log::Log::read.
  Result<std::string> read(Offset from, size_t bytes_max, bool at_least_one);
  // Where they lie, see log::Log::extent.
  Result<std::optional<log::Extent>> extent(Offset from) { return log_->reading().extent(from, high_watermark_); }

 private:
  TopicPartition id_;
  std::string topic_name_;
  std::unique_ptr<log::Log> log_;
  config::TopicSettings settings_;
  LeaderEpoch epoch_;
  Offset high_watermark_;
  Offset found_end_;  // of the log when it was opened
  uint64_t appended_bytes_ = 0, promised_bytes_ = 0;
  std::deque<std::pair<Offset, uint64_t>> unpromised_;  // log end and bytes appended, after each append
  bool is_checkpointed_ = false;
  std::optional<region::ShownEnd> shown_;
  void show_end();
};

// What the log needs to know of a topic's settings.
log::LogConfig log_config(const config::TopicSettings& settings, int64_t producer_id_expiration_ms);

}  // namespace bobbin::cluster
