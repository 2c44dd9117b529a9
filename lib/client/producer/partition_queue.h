// PartitionQueue: what a producer has for one partition: the open batch (open_batch.h), then sealed ones in the order of
// their sequences, of which a few are under way. Knows the rules of resending, and nothing of connections.
//
//   open --seal--> waiting --take--> under way --settle--> acknowledged, and forgotten when all before it are
//                     ^                  |
//                     +---- retriable ---+   then all that is under way is awaited, and the oldest goes alone
//
// Sequences are given when a batch is sealed and never change; a batch that is too large for the leader is split, each
// part keeping its records' sequences.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/producer/open_batch.h"
#include "client/producer/out_batch.h"

namespace bobbin::client {

// What became of the records of a queue by one event.
struct Settled {
  uint64_t acked = 0;
  uint64_t failed = 0;
  size_t bytes_freed = 0;
  std::optional<uint64_t> first_failed;  // number of the first record of the first batch that failed
  std::vector<uint64_t> numbers;         // of all of them, where they are kept
};

class PartitionQueue {
 public:
  // `spares`, if given, are shared by all queues of one producer: memory of batches that are over, for those to come.
  PartitionQueue(PartitionId id, int32_t in_flight_max, std::vector<std::string>* spares = nullptr)
      : id_(id), in_flight_max_(in_flight_max), spares_(spares), open_(spares) {}

  PartitionId id() const { return id_; }
  bool has_failed() const { return failed_.has_value(); }
  const std::optional<Error>& failure() const { return failed_; }
  bool is_idle() const { return open_.is_empty() && batches_.empty(); }

  OpenBatch& open() { return open_; }
  const OpenBatch& open() const { return open_; }
  // Moves the open batch to the waiting ones. Returns by how many bytes it shrank (compression) or grew, negative.
  Result<int64_t> seal(const SealFields& fields);

  // --- the sealed ones ---
  bool has_waiting() const { return waiting_ > 0; }
  // Whether one more batch may go under way now.
  bool may_send(int64_t now) const;
  std::optional<int64_t> not_before() const { return not_before_ ? std::optional(not_before_) : std::nullopt; }
  // Of the next batch in order; 0: there is none.
  size_t next_bytes() const;
  // Whether the next batch in order lies in shared memory.
  bool next_is_in_memory() const;
  // The next batch in order, now under way. It stays where it is until it was settled.
  const OutBatch* take();

  // The answer to a batch under way. An unknown serial: nothing.
  Settled acknowledge(uint64_t serial);
  // It must be sent again.
  void retry(uint64_t serial, int64_t now);
  // It is too large for the leader: becomes two. Returns by how many bytes they are more; nothing: it has one record.
  Result<std::optional<int64_t>> split(uint64_t serial, const SealFields& fields, size_t bytes_max);
  // It is refused for good: nothing more of this partition is sent. What is still under way is awaited.
  Settled fail(uint64_t serial, Error why);
  // Everything is given up, also what is under way (of which nobody knows whether it arrived).
  Settled give_up(Error why);

  // Whether the batch is the oldest that was not acknowledged: then no other one's failure explains its own.
  bool is_oldest(uint64_t serial) const;

 private:
  OutBatch* find(uint64_t serial);
  const OutBatch* next() const;
  void forget_acknowledged(Settled& settled);
  void drop_waiting(Settled& settled);
  static void count_failed(const OutBatch& batch, Settled& settled);

  static constexpr size_t spares_max = 8;

  PartitionId id_;
  int32_t in_flight_max_;
  std::vector<std::string>* spares_;
  OpenBatch open_;
  std::deque<OutBatch> batches_;
  int32_t waiting_ = 0;
  int32_t under_way_ = 0;
  uint64_t next_serial_ = 1;
  Sequence next_sequence_{0};
  bool alone_ = true;      // at the beginning and after a failure: one batch at a time until one was acknowledged
  bool draining_ = false;  // something failed: nothing is sent until all that is under way is settled
  int64_t not_before_ = 0;
  std::optional<int64_t> failing_since_;  // without an acknowledgement since
  std::optional<Error> failed_;
};

}  // namespace bobbin::client
