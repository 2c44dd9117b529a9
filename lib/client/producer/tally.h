// Tally: what became of a producer's records so far, and how much of them it still keeps.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/id.h"
#include "base/result.h"
#include "client/producer/options.h"
#include "client/producer/partition_queue.h"

namespace bobbin::client {

class Tally {
 public:
  // `delivered` may be empty: nobody wants to hear of each record.
  explicit Tally(std::function<void(const Delivery&)> delivered) : delivered_(std::move(delivered)) {}

  size_t buffered_bytes() const { return buffered_bytes_; }  // of all batches, sealed and open
  uint64_t sent() const { return sent_; }
  uint64_t acked() const { return acked_; }
  uint64_t failed() const { return failed_; }
  const std::optional<Failure>& first_failed() const { return first_failed_; }

  // Records that went into an open batch.
  void took(uint64_t records, size_t bytes) {
    sent_ += records;
    buffered_bytes_ += bytes;
  }
  // A batch takes so much more than before, or less.
  void grew(int64_t bytes) { buffered_bytes_ = static_cast<size_t>(static_cast<int64_t>(buffered_bytes_) + bytes); }
  // `why`: of those that failed; `first_offset`: of those that did not.
  void settle(PartitionId partition, const Settled& settled, const Error* why, Offset first_offset = offset_none);

 private:
  std::function<void(const Delivery&)> delivered_;
  size_t buffered_bytes_ = 0;
  uint64_t sent_ = 0, acked_ = 0, failed_ = 0;
  std::optional<Failure> first_failed_;
};

}  // namespace bobbin::client
