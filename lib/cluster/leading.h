// Leading: the role of a partition's leader: it takes records, and tells how far they may be read. It has the epoch of this
// reign, and the high watermark below which consumers read.
//
// A copy promises what is on its disk, or under flush.policy=os what was appended; the high watermark is what all that are in
// sync promise (in_sync.h). It never goes back while the process lives.
//
// Owned by its Replica, used by the deciding thread. Errors are Kafka's codes with a sentence.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/copy.h"
#include "cluster/in_sync.h"
#include "cluster/reign.h"
#include "region/region.h"

namespace bobbin::cluster {

class Leading {
 public:
  // `high_watermark`: what is known of it; the log may hold more.
  Leading(std::unique_ptr<Copy> copy, BrokerId self, const Reign& reign, Offset high_watermark, int64_t now);

  Copy& copy() { return *copy_; }
  const Copy& copy() const { return *copy_; }
  const TopicPartition& id() const { return copy_->id(); }
  LeaderEpoch epoch() const { return epoch_; }
  void update(const config::TopicSettings& settings, const log::LogConfig& config);
  // The metadata holds another isr, or another reign has begun, which this broker has, too.
  void reign(const Reign& reign, int64_t now);
  std::unique_ptr<Copy> give_copy() { return std::move(copy_); }

  // What is known of its followers. Who changes it calls advance().
  InSync& in_sync() { return in_sync_; }
  const InSync& in_sync() const { return in_sync_; }

  // A client's batch, under the epoch of this reign: see log::Log::append.
  Result<log::Appended> append(Bytes batch, std::vector<log::RecordError>* record_errors = nullptr);
  // The same in two steps, for a batch whose records take long to look at. `bytes`: of the batch as it came.
  Result<log::Inspection> inspect(Bytes batch) const { return log().inspect(batch); }
  Result<log::Appended> append(log::Inspection inspected, size_t bytes);

  // Kafka's DeleteRecords: nothing below `start` is read any more; offset -1: nothing that may be read now. Where it begins then,
  // or began already. policy_violation: its configs keep all records (cleanup.policy=compact); offset_out_of_range: it is negative
  // or above the high watermark; what the log failed with.
  Result<Offset> delete_below(Offset start);

  Offset high_watermark() const { return high_watermark_; }
  // How many bytes were appended, since the log was opened, to what is promised now.
  uint64_t promised_bytes() const { return promised_bytes_; }
  uint64_t appended_bytes() const { return appended_bytes_; }
  // After an append or a flush: moves the high watermark to what is promised now; true when it moved. Where the flush is what
  // counts, nothing is before a checkpoint on the disk tells of this log's records.
  bool advance();
  // After a crash the tail above the recovery point is in the page cache at best, and clients have seen the watermark
  // above it. Until it is flushed again nobody may be told where the log ends: an end that went back would make
  // `consume -e` stop early (Kafka's OFFSET_NOT_AVAILABLE).
  bool is_settled() const { return high_watermark_ >= in_sync_.reign_start() || planted(Mutant::tell_unsettled); }
  // From now on the high watermark is shown in the region as well; nullptr: it is full.
  const region::ShownEnd* show_in(region::Region& region);

  // Reads below the high watermark: whole batches, see log::Log::read.
  // A follower reads all that was appended.
  enum class Below { high_watermark, log_end };
  Result<std::string> read(Offset from, size_t bytes_max, bool at_least_one, Below below = Below::high_watermark);
  // Where they lie, and where the next one will, see log::Reading.
  Result<std::optional<log::Extent>> extent(Offset from, Below below = Below::high_watermark) {
    return log().reading().extent(from, below == Below::log_end ? copy_->log_end() : high_watermark_);
  }
  std::optional<log::Extent> end_extent() { return log().reading().end_extent(); }

  // By time, of what may be read; see log/time_search.h.
  Result<std::optional<log::FoundOffset>> offset_for_time(Timestamp at) {
    return log().reading().offset_for_time(at, high_watermark_);
  }
  Result<std::optional<log::FoundOffset>> offset_of_max_timestamp() {
    return log().reading().offset_of_max_timestamp(high_watermark_);
  }
  // In which epoch a record was appended, and where an epoch ended.
  LeaderEpoch epoch_at(Offset offset) const { return log().epochs().epoch_at(offset); }
  // Of an epoch that is not in the log yet, this reign's or one between: where the log ends.
  log::EpochEnd end_of(LeaderEpoch epoch) const;

 private:
  log::Log& log() const { return *copy_->log_; }
  Result<log::Appended> counted(Result<log::Appended> appended, size_t bytes);
  void show_end();

  std::unique_ptr<Copy> copy_;
  BrokerId self_;
  LeaderEpoch epoch_;
  Offset high_watermark_;
  InSync in_sync_;
  uint64_t appended_bytes_ = 0, promised_bytes_ = 0;
  std::deque<std::pair<Offset, uint64_t>> unpromised_;  // log end and bytes appended, after each append
  std::optional<region::ShownEnd> shown_;
};

// Below it all records are gone from every copy that may lead, and stay so whoever dies: those in sync, and those whose broker
// lives. offset_none: one of them has not said yet.
inline Offset low_watermark(const Leading& leading, const std::function<bool(BrokerId)>& lives) {
  return leading.in_sync().least_start(kept_start(leading.copy()), lives);
}

// As Kafka's OffsetsForLeaderEpoch tells it: this reign has begun, whether or not anything was appended in it, and of an epoch that
// is to come nothing is known (epoch none, offset none), nor of -1.
log::EpochEnd where_ended(const Leading& leading, LeaderEpoch epoch);

}  // namespace bobbin::cluster
