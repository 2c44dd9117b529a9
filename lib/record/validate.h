// Looks once at every record of a batch that came from a client, before it is appended: does it parse, and what
// does the broker's judgement (Kafka's LogValidator) need to know of it.
#pragma once

#include <functional>
#include <vector>

#include "record/decompressor.h"

namespace bobbin::record {

// Of all records of a batch. Timestamps are those that the records carry, also where the batch says LogAppendTime.
struct Summary {
  int32_t records = 0;
  size_t records_bytes = 0;                  // decompressed
  Timestamp min_timestamp = timestamp_none;  // of those that have one: -1 is none
  Timestamp max_timestamp = timestamp_none;
  int32_t min_timestamp_index = 0;  // the first record that has it; so for `max`. A time out of bounds is
  int32_t max_timestamp_index = 0;  // reported at one of these
  bool offsets_are_dense = true;    // deltas are 0, 1, 2 ... and the header's lastOffsetDelta is the last
  struct Misplaced {
    int32_t index;
    int64_t offset_delta;
  };
  std::optional<Misplaced> misplaced;     // the first record whose delta is not its index
  std::optional<int32_t> null_key_index;  // the first record without a key: an error on a compacted topic
};

// Compressed records are streamed, never held as a whole; limits do not concern others.
// Errc::malformed: records, count or compressed bytes do not parse; the message names the record.
// Errc::invalid_record: compressed bytes do, and the records or their count in them do not.
// Errc::message_too_large: more than the limits allow when decompressed.
// Errc::unsupported_compression_type: a codec that nobody knows. Also what StreamLimits::lz4_for_all refuses.
Result<Summary> validate_records(const BatchView& batch, const StreamLimits& limits);

// The numbers of those records of a batch, which validate_records() has read, that are wrong, `most` at the most: to be told when it
// was found that there are some.
using IsWrong = std::function<bool(Timestamp timestamp, bool has_key)>;
Result<std::vector<int32_t>> wrong_records(const BatchView& batch, const StreamLimits& limits, size_t most,
                                           const IsWrong& is_wrong);

}  // namespace bobbin::record
