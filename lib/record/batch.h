// RecordBatch v2, read in place (its layout: batch_layout.h): a view of one batch, and a walk through its records.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "record/batch_layout.h"
#include "record/types.h"

namespace bobbin::record {

inline constexpr size_t record_bytes_min = 7;  // no record is shorter: lengths and deltas of one byte each
// No log ends behind this: so whatever lastOffsetDelta a batch says, its offsets do not overflow. It is 2^32 records short of
// what an offset holds. Nothing is appended beyond it, and what tells of a larger offset (the name of a file, a checkpoint,
// a batch in a segment) is damaged.
inline constexpr Offset log_end_max{INT64_MAX - (int64_t{1} << 32)};

// A view of one batch; the bytes must outlive it. Built by `BatchView::parse` or, where the caller already knows
// that the bytes are whole, by its constructor.
class BatchView {
 public:
  // The first batch in `bytes`, which may hold more. Checks magic, lengths and that offsets cannot overflow, not the
  // crc.
  // Errc::malformed: not a batch, or cut short (batch_size() tells these apart).
  static Result<BatchView> parse(Bytes bytes);
  explicit BatchView(Bytes whole) : bytes_(whole) {}

  Offset base_offset() const { return Offset(load_be<int64_t>(bytes_.data())); }
  int32_t batch_length() const { return load_be<int32_t>(bytes_.data() + batch_length_at); }
  LeaderEpoch leader_epoch() const { return LeaderEpoch(load_be<int32_t>(bytes_.data() + leader_epoch_at)); }
  uint32_t crc() const { return load_be<uint32_t>(bytes_.data() + crc_at); }
  int16_t attributes() const { return load_be<int16_t>(bytes_.data() + attributes_at); }
  int32_t last_offset_delta() const { return load_be<int32_t>(bytes_.data() + last_offset_delta_at); }
  Timestamp base_timestamp() const { return Timestamp(load_be<int64_t>(bytes_.data() + base_timestamp_at)); }
  Timestamp max_timestamp() const { return Timestamp(load_be<int64_t>(bytes_.data() + max_timestamp_at)); }
  ProducerId producer_id() const { return ProducerId(load_be<int64_t>(bytes_.data() + producer_id_at)); }
  ProducerEpoch producer_epoch() const { return ProducerEpoch(load_be<int16_t>(bytes_.data() + producer_epoch_at)); }
  Sequence base_sequence() const { return Sequence(load_be<int32_t>(bytes_.data() + base_sequence_at)); }
  int32_t records_count() const { return load_be<int32_t>(bytes_.data() + records_count_at); }

  Offset last_offset() const { return base_offset() + last_offset_delta(); }
  Offset next_offset() const { return last_offset() + 1; }
  Compression compression() const { return static_cast<Compression>(attributes() & compression_bits); }
  TimestampType timestamp_type() const { return static_cast<TimestampType>((attributes() & log_append_time_bit) != 0); }
  bool is_transactional() const { return attributes() & transactional_bit; }
  bool is_control() const { return attributes() & control_bit; }
  bool has_delete_horizon() const { return attributes() & delete_horizon_bit; }

  Bytes bytes() const { return bytes_; }                                     // the whole batch
  Bytes records_bytes() const { return bytes_.substr(batch_header_bytes); }  // as stored: maybe compressed
  bool crc_is_valid() const;

 private:
  Bytes bytes_;
};

// Whether `head` (at least batch_head_bytes) can begin a batch, and how long the batch is in all.
std::optional<size_t> batch_size(Bytes head);

// Replaces what `into` held. Errc::malformed: the bytes are not `headers_count` headers.
Status parse_headers(const Record& record, std::vector<Header>& into);

struct RecordPlace {
  Offset offset;
  Timestamp timestamp;
};
// Of a batch's first record, by the batch's first bytes (batch_header_bytes and first_record_bytes_max are enough). Nothing:
// it is compressed, or they are not what they should be. The crc, and whether the rest is there, are the caller's question.
inline constexpr size_t first_record_bytes_max = 21;  // its length, attributes and deltas
std::optional<RecordPlace> first_record(Bytes beginning);

// Walks the records of one batch in order.
//   RecordReader reader;                        // reusable: keeps its decompression buffer
//   BOBBIN_TRY(reader.open(batch, limit));      // decompresses, at most `decompressed_bytes_max`
//   Record r;
//   for (;;) {
//     BOBBIN_TRY_ASSIGN(more, reader.next(r));  // Result<bool>: false at the end, malformed where the bytes lie
//     if (!more) break;
//   }
// Uncompressed batches are read in place, without a copy, and `decompressed_bytes_max` does not concern them.
class RecordReader {
 public:
  // Errors are those of decompress(), and Errc::malformed for bytes that are not exactly one batch and for counts that
  // cannot be true. Whether the crc holds is the caller's question.
  Status open(const BatchView& batch, size_t decompressed_bytes_max);
  // Every length is checked: a record takes exactly the bytes that it claims, and the last one ends the batch.
  Result<bool> next(Record& into);
  // From here on records get the timestamps that they carry, also where the batch says LogAppendTime.
  void ignore_append_time() { append_time_.reset(); }
  // Not yet read, uncompressed; after open(): all.
  size_t bytes_left() const { return static_cast<size_t>(end_ - at_); }
  int32_t records_left() const { return left_; }
  Bytes rest() const { return Bytes(at_, bytes_left()); }
  // Appends the value of each record that is left (of a null one `null_text`), with `delimiter` behind it: next() in one
  // loop, for who wants nothing else. How many; after an error `out` holds those before it.
  Result<int32_t> append_values(std::string& out, Bytes delimiter, Bytes null_text);

 private:
  std::string decompressed_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  int32_t count_ = 0;
  int32_t left_ = 0;
  Offset base_offset_;
  Timestamp base_timestamp_;
  std::optional<Timestamp> append_time_;
};

}  // namespace bobbin::record
