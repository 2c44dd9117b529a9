// OutBatch: a sealed batch on its way, its bytes in memory of its own or in a piece of what is shared with the leader.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
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

struct SealFields {
  record::Compression compression = record::Compression::none;
  ProducerId producer_id = producer_id_none;
  ProducerEpoch producer_epoch{-1};
  size_t bytes_max = SIZE_MAX;  // what the leader takes
  // Those of a batch whose first record has this sequence.
  record::BatchFields of_batch(Sequence base) const;
};

// The two halves of a batch of at least two records, each with its records' sequences and numbers; their serials are to be
// given. `bytes_max` is what it may decompress to.
Result<std::vector<OutBatch>> halves_of(const OutBatch& batch, const SealFields& fields, size_t bytes_max);

}  // namespace bobbin::client
