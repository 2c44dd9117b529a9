// Builds a RecordBatch v2 in the form that travels and is stored: records are encoded straight behind room for the
// header, which is filled in when the batch is sealed.
#pragma once

#include <span>

#include "record/batch.h"

namespace bobbin::record {

struct BatchFields {
  Compression compression = Compression::none;
  TimestampType timestamp_type = TimestampType::create_time;
  bool transactional = false;
  bool control = false;
  ProducerId producer_id = producer_id_none;
  ProducerEpoch producer_epoch{-1};
  Sequence base_sequence{-1};
  Offset base_offset{0};
  LeaderEpoch leader_epoch = leader_epoch_none;
};

class BatchBuilder {
 public:
  BatchBuilder();
  // Adds a record. Timestamps are kept relative to the first one's. Returns the bytes that it took.
  size_t add(Timestamp timestamp, std::optional<Bytes> key, std::optional<Bytes> value, std::span<const Header> headers = {});
  int32_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  size_t bytes() const { return buffer_.size(); }  // of the batch if it were sealed now, uncompressed
  // Compresses, writes header and crc, gives the batch away and is empty again.
  Result<std::string> seal(const BatchFields& fields);
  void clear();

  // Upper bound of what `add` would take.
  static size_t record_bytes_max(std::optional<Bytes> key, std::optional<Bytes> value, std::span<const Header> headers);

 private:
  std::string buffer_;
  int32_t count_ = 0;
  Timestamp first_timestamp_;
  Timestamp max_timestamp_;
};

// What a broker writes into a batch in place: base offset and leader epoch lie outside the crc. `header` is the
// batch's first 61 bytes.
void stamp(char* header, Offset base_offset, LeaderEpoch epoch);
// Under LogAppendTime: type bit, max timestamp, and the crc made anew over `batch` (whole, writable).
void stamp_append_time(char* batch, size_t size, Timestamp now);
// A batch without producer gets one (the fields are inside the crc, which is made anew).
void stamp_producer(char* batch, size_t size, ProducerId id, ProducerEpoch epoch, Sequence base);

}  // namespace bobbin::record
