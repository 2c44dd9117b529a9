// Producers: what a partition remembers of its idempotent producers, so that a batch sent twice is stored once
// (Kafka's ProducerStateManager, KIP-98). Checked before a batch is written, updated when it was.
//
// The snapshot file is Kafka's:
//   int16 version 1 | uint32 crc32c of the rest | int32 count | count times
//   int64 id | int16 epoch | int32 last sequence | int64 last offset | int32 offset delta | int64 timestamp |
//   int32 coordinator epoch | int64 first offset of the open transaction
// It holds only the last of the five batches that are remembered; the others are read again from the log.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "record/batch.h"

namespace bobbin::log {

// One batch that a producer sent.
struct SentBatch {
  Sequence last_sequence;
  Offset last_offset;
  int32_t offset_delta = 0;
  Timestamp timestamp;  // the batch's largest

  Sequence first_sequence() const;
  Offset first_offset() const { return last_offset - offset_delta; }
  bool operator==(const SentBatch&) const = default;
};

struct ProducerState {
  static constexpr size_t batches_max = 5;
  ProducerEpoch epoch{-1};
  std::array<SentBatch, batches_max> batches;  // oldest first
  size_t batch_count = 0;                      // 0: only a marker was seen
  int32_t coordinator_epoch = -1;
  Offset txn_first = offset_none;
  // The last batch's largest timestamp, as in Kafka; but if that was so old already that the producer would be
  // forgotten at once (times given by hand), when it was appended.
  Timestamp last_timestamp;

  const SentBatch* last() const { return batch_count ? &batches[batch_count - 1] : nullptr; }
  void push(const SentBatch& batch);
};

class Producers {
 public:
  // Whether `batch` may follow what is known: nothing to say, the batch that it duplicates, or
  // invalid_producer_epoch / out_of_order_sequence_number. A batch without producer always may.
  Result<std::optional<SentBatch>> check(const record::BatchView& batch) const;
  // The batch, with its offsets, is in the log. `seen`: when it came; `marker`: what it says, if it ends a transaction.
  struct Marker {
    int32_t coordinator_epoch;
  };
  void apply(const record::BatchView& batch, Timestamp seen, std::optional<Marker> marker, int64_t expiration_ms);

  // `recent` was read from the records before a snapshot, which remembers but the last batch of each producer: those
  // that agree on that one give back the others.
  void recall(const Producers& recent);

  void expire(Timestamp now, int64_t expiration_ms);
  // Drops the longest idle until `count_max` are left; never one with an open transaction.
  void limit(size_t count_max);
  void clear() { states_.clear(); }

  // The smallest first offset of an open transaction.
  std::optional<Offset> first_open_transaction() const;
  const ProducerState* find(ProducerId id) const;
  std::vector<ProducerId> ids() const;  // ascending
  size_t size() const { return states_.size(); }

  std::string encode_snapshot() const;              // ordered by id
  static Result<Producers> decode_snapshot(Bytes);  // Errc::damaged

 private:
  std::unordered_map<ProducerId, ProducerState> states_;
};

}  // namespace bobbin::log
