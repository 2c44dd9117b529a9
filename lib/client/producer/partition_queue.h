// PartitionQueue: what a producer has for one partition: the open batch, then sealed ones in the order of their
// sequences, of which a few are under way. Knows the rules of resending, and nothing of connections.
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
#include "record/batch_builder.h"
#include "transport/frame_memory.h"

namespace bobbin::client {

struct OutBatch {
  enum class State : uint8_t { waiting, under_way, acknowledged };
  uint64_t serial = 0;  // of the batch in its queue; never used twice
  State state = State::waiting;
  std::string owned;  // the batch, unless it lies in shared memory:
  transport::FrameMemory::Piece piece;
  Bytes in_piece;
  Bytes bytes() const { return in_piece.empty() ? Bytes(owned) : in_piece; }
  int32_t records = 0;
  uint64_t first_number = 0;      // the caller's name of its first record
  std::vector<uint64_t> numbers;  // of all its records, where they are kept
  Sequence base_sequence{-1};
};

// What became of the records of a queue by one event.
struct Settled {
  uint64_t acked = 0;
  uint64_t failed = 0;
  size_t bytes_freed = 0;
  std::optional<uint64_t> first_failed;  // number of the first record of the first batch that failed
  std::vector<uint64_t> numbers;         // of all of them, where they are kept
};

struct SealFields {
  record::Compression compression = record::Compression::none;
  ProducerId producer_id = producer_id_none;
  ProducerEpoch producer_epoch{-1};
  size_t bytes_max = SIZE_MAX;  // what the leader takes
};

class PartitionQueue {
 public:
  // `spares`, if given, are shared by all queues of one producer: memory of batches that are over, for those to come.
  PartitionQueue(PartitionId id, int32_t in_flight_max, std::vector<std::string>* spares = nullptr)
      : id_(id), in_flight_max_(in_flight_max), spares_(spares) {}

  PartitionId id() const { return id_; }
  bool has_failed() const { return failed_.has_value(); }
  const std::optional<Error>& failure() const { return failed_; }
  bool is_idle() const { return open_.empty() && batches_.empty(); }

  // --- the open batch ---
  record::BatchBuilder& open() { return open_; }
  bool has_open() const { return !open_.empty(); }
  // To be told of each record that goes into it, where the numbers of all are to be told back.
  void keep_number(uint64_t number) { open_numbers_.push_back(number); }
  size_t open_bytes() const { return open_.bytes(); }
  // To be told of the first record that goes into it. It is built in the piece, if there is one and the batch fits.
  void opened(uint64_t first_number, int64_t now, std::optional<transport::FrameMemory::Piece> piece);
  // Whether the last batch was so large that the next one is worth a piece: room for this many bytes and a frame around.
  bool wants_piece() const { return sealed_bytes_ >= piece_bytes_min; }
  static size_t piece_bytes(size_t batch_bytes) { return frame_head_bytes + batch_bytes + frame_tail_bytes; }
  int64_t opened_at() const { return opened_at_; }
  void push() { pushed_ = has_open(); }
  bool is_pushed() const { return pushed_ && has_open(); }
  // Moves it to the waiting ones. Returns by how many bytes it shrank (compression) or grew, negative.
  Result<int64_t> seal(const SealFields& fields);

  // --- the sealed ones ---
  bool has_waiting() const { return waiting_ > 0; }
  bool has_under_way() const { return under_way_ > 0; }
  size_t batches() const { return batches_.size(); }
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

  PartitionId id_;
  static constexpr size_t spares_max = 8;
  static constexpr size_t piece_bytes_min = 64 << 10;
  // What a Produce request has before and behind its only batch; where it is more, the frame is copied together. What
  // the builder may write too far fits behind as well.
  static constexpr size_t frame_head_bytes = 1024;
  static constexpr size_t frame_tail_bytes = 64;

  int32_t in_flight_max_;
  std::vector<std::string>* spares_;
  record::BatchBuilder open_;
  transport::FrameMemory::Piece open_piece_;
  size_t sealed_bytes_ = 0;  // of the last batch
  uint64_t open_first_number_ = 0;
  std::vector<uint64_t> open_numbers_;
  int64_t opened_at_ = 0;
  bool pushed_ = false;
  std::deque<OutBatch> batches_;
  int32_t waiting_ = 0;
  int32_t under_way_ = 0;
  uint64_t next_serial_ = 1;
  Sequence next_sequence_{0};
  bool alone_ = true;      // at the beginning and after a failure: one batch at a time until one was acknowledged
  bool draining_ = false;  // something failed: nothing is sent until all that is under way is settled
  int64_t not_before_ = 0;
  int64_t pause_ms_ = 0;
  std::optional<Error> failed_;
};

}  // namespace bobbin::client
