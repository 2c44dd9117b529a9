// OpenBatch: the batch of a partition that records are encoded into, until it is sealed. It is built in memory of its own,
// or, where it will be large, in a piece of what is shared with the leader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/producer/out_batch.h"
#include "record/batch_builder.h"
#include "transport/frame_memory.h"

namespace bobbin::client {

class OpenBatch {
 public:
  // `spares`, if given, is memory of batches that are over; it must outlive this.
  explicit OpenBatch(std::vector<std::string>* spares) : spares_(spares) {}

  bool is_empty() const { return builder_.empty(); }
  size_t bytes() const { return is_empty() ? 0 : builder_.bytes(); }
  int32_t records() const { return builder_.count(); }
  uint64_t first_number() const { return first_number_; }
  const std::vector<uint64_t>& numbers() const { return numbers_; }
  int64_t opened_at() const { return opened_at_; }

  // Whether the last batch was so large that the next one is worth a piece: room for this many bytes and a frame around.
  bool wants_piece() const { return sealed_bytes_ >= piece_bytes_min; }
  static size_t piece_bytes(size_t batch_bytes) { return frame_head_bytes + batch_bytes + frame_tail_bytes; }

  // To be told of the first record that goes into it. It is built in the piece, if there is one and the batch fits.
  void begin(uint64_t first_number, int64_t now, std::optional<transport::FrameMemory::Piece> piece);
  record::BatchBuilder& builder() { return builder_; }
  // To be told of each record that goes into it, where the numbers of all are to be told back.
  void keep_number(uint64_t number) { numbers_.push_back(number); }
  // It leaves as soon as it may.
  void push() { pushed_ = !is_empty(); }
  bool is_pushed() const { return pushed_ && !is_empty(); }

  // The batch, without a serial; there must be a record. It is empty then, and may begin anew.
  Result<OutBatch> seal(const SealFields& fields, Sequence base);
  void drop();

 private:
  static constexpr size_t piece_bytes_min = 64 << 10;
  // What a Produce request has before and behind its only batch; where it is more, the frame is copied together. What
  // the builder may write too far fits behind as well.
  static constexpr size_t frame_head_bytes = 1024;
  static constexpr size_t frame_tail_bytes = 64;

  std::vector<std::string>* spares_;
  record::BatchBuilder builder_;
  transport::FrameMemory::Piece piece_;
  size_t sealed_bytes_ = 0;  // of the last batch
  uint64_t first_number_ = 0;
  std::vector<uint64_t> numbers_;
  int64_t opened_at_ = 0;
  bool pushed_ = false;
};

}  // namespace bobbin::client
