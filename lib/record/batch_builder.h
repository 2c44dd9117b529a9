// Builds a RecordBatch v2 in the form that travels and is stored: records are encoded straight behind room for the
// header, which is filled in when the batch is sealed.
#pragma once

#include <span>

#include "record/batch.h"

namespace bobbin::record {

struct BatchFields {
  Compression compression = Compression::none;
  size_t bytes_max = SIZE_MAX;  // a batch that compression makes larger, and larger than this, stays uncompressed
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
  // Adds a record and returns the bytes that it took. Timestamps are kept relative to the first one's. The batch must
  // stay below 2 GiB, which the caller sees to: bytes() and record_bytes_max() tell.
  size_t add(Timestamp timestamp, std::optional<Bytes> key, std::optional<Bytes> value,
             std::span<const Header> headers = {});
  // Lines as values without keys: from the front of `lines`, each ended by `delimiter`, as many as keep the batch within
  // `bytes_max`. One pass over them, and nothing per record but its bytes.
  struct Lines {
    size_t bytes = 0;  // taken, with the delimiters
    int32_t count = 0;
  };
  Lines add_lines(Timestamp timestamp, Bytes lines, char delimiter, size_t bytes_max);
  int32_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  size_t bytes() const { return used_; }  // of the batch if it were sealed now, uncompressed
  // Compresses, writes header and crc, gives the batch away and is empty again, also after an error (those of
  // compress()). There must be a record.
  Result<std::string> seal(const BatchFields& fields);
  void clear();
  // Memory of a batch that is no longer needed, for one to come: warm, and of about the right size.
  void reuse(std::string memory);
  // The next batch is built in memory of the caller's, as long as it fits there: then is_lent() says so until it is
  // sealed, and seal_lent(), which compresses nothing, leaves it where it is. Only when empty.
  void lend(std::span<char> memory);
  bool is_lent() const { return !lent_.empty(); }
  Bytes seal_lent(const BatchFields& fields);

  // Upper bound of what `add` would take.
  static size_t record_bytes_max(std::optional<Bytes> key, std::optional<Bytes> value, std::span<const Header> headers);

 private:
  char* data() { return is_lent() ? lent_.data() : buffer_.data(); }
  char* room_for(size_t more);
  void finish(char* batch, size_t size, const BatchFields& fields);  // the header; and it is empty again

  std::string buffer_;    // filled up to used_; grows in steps, since a resize per record would be felt
  std::span<char> lent_;  // instead of it, unless empty
  size_t used_ = batch_header_bytes;
  size_t expected_bytes_ = 0;  // what the last batch took, so that the next one need not grow
  int32_t count_ = 0;
  Timestamp first_timestamp_;
  Timestamp max_timestamp_;
};

// A batch without records, as compaction leaves it to remember a producer's last sequence.
std::string empty_batch(const BatchFields& fields, int32_t last_offset_delta, Timestamp max_timestamp);

// What a broker writes into a batch in place: base offset and leader epoch lie outside the crc. `header` is the
// batch's first 61 bytes.
void stamp(char* header, Offset base_offset, LeaderEpoch epoch);
// Under LogAppendTime: type bit, max timestamp, and the crc made anew over `batch` (whole, writable).
void stamp_append_time(char* batch, size_t size, Timestamp now);
// Under CreateTime: the type bit is cleared and `max` is what the records say (Summary); the crc is made anew only where
// that changed something, and then the result is true.
bool stamp_create_time(char* batch, size_t size, Timestamp max);
// A batch without producer gets one (the fields are inside the crc, which is made anew).
void stamp_producer(char* batch, size_t size, ProducerId id, ProducerEpoch epoch, Sequence base);

}  // namespace bobbin::record
