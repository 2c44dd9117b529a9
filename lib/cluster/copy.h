// Copy: a partition's log on this broker, whatever the broker's role in it, and all that keeps it: flushes, checkpoints,
// retention. Who appends to it and who reads it is its role's business (leading.h): a role has a Copy, and hands its Log to
// nobody.
//
// Used by the deciding thread.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "base/mutants.h"
#include "cluster/topic_partition.h"
#include "config/configs.h"
#include "log/checkpoints.h"
#include "log/log.h"

namespace bobbin::cluster {

// Where a log begins even if its broker dies now: a start that moved is told by a checkpoint, or comes back.
class KeptStart {
 public:
  explicit KeptStart(Offset start) : start_(start) {}
  void note(Offset start) { start_ = std::max(start_, start); }
  Offset of(Offset log_start) const { return std::min(start_, log_start); }

 private:
  Offset start_;
};

class Copy {
 public:
  Copy(TopicPartition id, std::string topic_name, std::unique_ptr<log::Log> log, const config::TopicSettings& settings)
      : kept_start(log->log_start()), id_(id), topic_name_(std::move(topic_name)), log_(std::move(log)),
        settings_(settings) {}

  const TopicPartition& id() const { return id_; }
  const std::string& topic_name() const { return topic_name_; }
  log::TopicPartition name() const { return {topic_name_, id_.partition}; }
  const config::TopicSettings& settings() const { return settings_; }
  void update(const config::TopicSettings& settings, const log::LogConfig& config) {
    settings_ = settings;
    log_->update(config);
  }

  // What is told of where it begins, by checkpoints; see kept_start() below.
  KeptStart kept_start;

  // Ends with it: for jobs that have ended, which may find another copy of the same partition.
  const std::shared_ptr<const void> life = std::make_shared<char>();

  // How far it goes, and how far it is on the disk; see log::Log.
  Offset log_start() const { return log_->log_start(); }
  Offset log_end() const { return log_->log_end(); }
  Offset durable_end() const { return log_->durable_end(); }
  Offset recovery_point() const { return log_->recovery_point(); }
  uint64_t bytes() const { return log_->segments().bytes(); }
  // The newest reign that it knows of; leader_epoch_none: none.
  LeaderEpoch latest_epoch() const { return log_->epochs().latest(); }
  // Set for ever by a failed write or sync, or by what somebody did to its files.
  const std::optional<Error>& failed() const { return log_->failed(); }
  // Whether a checkpoint on the disk tells of its records.
  bool is_checkpointed() const { return is_checkpointed_; }
  void note_checkpoint() { is_checkpointed_ = true; }

  // Under flush.policy=ack a record counts when it is on the disk.
  bool is_flushed_at_once() const { return settings_.flush_policy == config::FlushPolicy::ack; }
  // How far this copy counts for what is promised: nothing of it before a checkpoint tells of its records.
  Offset promised_end() const {
    if (!is_flushed_at_once() || planted(Mutant::ack_before_sync)) return log_end();
    return is_checkpointed_ ? durable_end() : Offset(0);
  }
  // What it remembers of those who sent to it.
  const log::Producers& producers() const { return log_->producers(); }
  bool is_dirty() const { return log_->is_dirty(); }
  log::FlushWork begin_flush() { return log_->begin_flush(); }
  void flush_done(Offset end, const Status& status) { log_->flush_done(end, status); }

  // What is written beside the records: before a flush whose end becomes the recovery point, before the last one, at the end.
  Status checkpoint(Timestamp now) { return log_->checkpoint(now); }
  Status prepare_to_close() { return log_->prepare_to_close(); }
  Status close() { return log_->close(); }

  // Retention, whether or not records were read.
  Result<size_t> expired(Timestamp now, Offset high_watermark, const log::RetentionLimits& limits = {}) {
    return log_->reading().expired(now, high_watermark, limits);
  }
  Status roll_if_due(Timestamp now) { return log_->roll_if_due(now); }
  // `keep_from`: what lies before it is not to be kept either.
  Result<size_t> retention(Timestamp now, Offset high_watermark, Offset keep_from = Offset(0),
                           const log::RetentionLimits& limits = {}) {
    if (keep_from > log_start()) BOBBIN_TRY(log_->advance_log_start(keep_from));
    return log_->retention(now, high_watermark, limits);
  }
  std::optional<int64_t> due(int64_t now_mono_ms) { return log_->due(now_mono_ms); }

  // In the hands of a job, which cuts it; meanwhile it is nobody else's, and no flush of it is in flight.
  std::shared_ptr<log::LentLog> lend(log::Files& files) {
    return std::make_shared<log::LentLog>(std::move(log_), files);
  }
  void take_back(log::LentLog& lent) { log_ = lent.take(); }

 private:
  friend class Leading;
  friend class Following;

  TopicPartition id_;
  std::string topic_name_;
  std::unique_ptr<log::Log> log_;
  config::TopicSettings settings_;
  bool is_checkpointed_ = false;
};

inline Offset kept_start(const Copy& copy) { return copy.kept_start.of(copy.log_start()); }
inline bool waits_for_flush(const Copy& copy) { return copy.durable_end() < copy.log_end(); }
inline bool is_start_kept(const Copy& copy) { return kept_start(copy) == copy.log_start(); }
// Its records are of a later reign than this one (broker/replication/older_metadata.h): nobody leads or follows with it in this one.
inline bool is_of_later_reign(const Copy& copy, LeaderEpoch epoch) { return copy.latest_epoch() > epoch; }
// As far as a checkpoint may tell of it: no log ends before it begins.
inline Offset durable_start(const Copy& copy) { return std::min(copy.log_start(), copy.durable_end()); }

}  // namespace bobbin::cluster
