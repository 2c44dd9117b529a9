#include "record/validate.h"

#include "record/streamed_records.h"

namespace bobbin::record {
namespace {

class Summing {
 public:
  explicit Summing(Timestamp base) : base_(base) {}

  Summary done(const BatchView& batch, size_t records_bytes) {
    summary_.records = batch.records_count();
    summary_.records_bytes = records_bytes;
    summary_.offsets_are_dense = !summary_.misplaced && batch.last_offset_delta() == summary_.records - 1;
    return summary_;
  }

  void take_in(int32_t index, int64_t timestamp_delta, bool has_key, int64_t offset_delta) {
    const Timestamp timestamp = wrapping_sum(base_, timestamp_delta);
    const bool is_first = summary_.min_timestamp == timestamp_none;
    if (timestamp != timestamp_none && (is_first || timestamp < summary_.min_timestamp)) {
      summary_.min_timestamp = timestamp;
      summary_.min_timestamp_index = index;
    }
    if (index == 0 || timestamp > summary_.max_timestamp) {
      summary_.max_timestamp = timestamp;
      summary_.max_timestamp_index = index;
    }
    if (offset_delta != index && !summary_.misplaced) summary_.misplaced = {index, offset_delta};
    if (!has_key && !summary_.null_key_index) summary_.null_key_index = index;
  }

 private:
  Timestamp base_;
  Summary summary_;
};

// Most records are plain, and many were made at once: then there is nothing new to sum up. Kept apart, in registers.
class SameAsBefore {
 public:
  bool as(int32_t index, const PlainRecord& record) {
    if (record.timestamp == time_ && record.offset == static_cast<uint32_t>(index)) [[likely]]
      return true;
    time_ = record.timestamp;
    return false;
  }
  void forget() { time_.reset(); }

 private:
  std::optional<uint32_t> time_;  // of the record before, if it was a plain one
};

Result<Summary> validate_streamed(const BatchView& batch, const StreamLimits& limits) {
  if (batch_size(batch.bytes()) != batch.bytes().size())
    return error(Errc::malformed, "a batch is cut short, or is none");
  if (batch.records_count() < 0) return error(Errc::malformed, "a batch with a negative count of records");
  if (batch.last_offset_delta() < 0) return error(Errc::malformed, "a batch whose last offset is before its first");
  Summing sum(batch.base_timestamp());
  if (batch.records_bytes().empty() && batch.records_count() == 0) return sum.done(batch, 0);  // what compaction leaves
  BOBBIN_TRY_ASSIGN(stream, Decompressor::open(batch.compression(), batch.records_bytes(), limits));
  StreamedRecords records(*stream);
  SameAsBefore same;
  Status walked = records.walk(
      batch.records_count(),
      [&](int32_t i, const PlainRecord& record) {
        if (!same.as(i, record)) sum.take_in(i, unzigzag(record.timestamp), false, record.offset);
      },
      [&](int32_t i, const StreamedRecords::Head& head) {
        same.forget();
        sum.take_in(i, head.timestamp_delta, head.has_key, head.offset_delta);
      });
  if (!walked && walked.error().code == Errc::malformed && !stream->has_failed())
    return error(Errc::invalid_record, walked.error().message);
  BOBBIN_TRY(std::move(walked));
  return sum.done(batch, stream->out_bytes());
}

}  // namespace

Result<Summary> validate_records(const BatchView& batch, const StreamLimits& limits) {
  // What has no whole header has no codec either: the reader says what is wrong with it.
  const bool has_header = batch.bytes().size() >= batch_header_bytes;
  if (has_header && batch.compression() != Compression::none) return validate_streamed(batch, limits);
  RecordReader reader;
  BOBBIN_TRY(reader.open(batch, limits.out_bytes_max));
  Summing sum(batch.base_timestamp());
  const char* at = reader.rest().data();
  const char* end = at + reader.rest().size();
  const int32_t count = reader.records_left();
  Deltas deltas;
  Record record;
  SameAsBefore same;
  for (int32_t i = 0; i < count; i++) {
    if (PlainRecord plain; read_plain_record(at, end, plain)) [[likely]] {
      if (!same.as(i, plain)) sum.take_in(i, unzigzag(plain.timestamp), false, plain.offset);
      continue;
    }
    if (const char* wrong = read_any_record(at, end, deltas, record)) [[unlikely]]
      return error(Errc::malformed, "record " + std::to_string(i) + " of a batch: " + wrong);
    same.forget();
    sum.take_in(i, deltas.timestamp, record.key.has_value(), deltas.offset);
  }
  if (at != end) return error(Errc::malformed, "a batch has bytes behind its last record");
  return sum.done(batch, batch.records_bytes().size());
}

Result<std::vector<int32_t>> wrong_records(const BatchView& batch, const StreamLimits& limits, size_t most,
                                           const IsWrong& is_wrong) {
  std::vector<int32_t> wrong;
  auto look = [&](int32_t index, int64_t delta, bool has_key) {
    if (wrong.size() < most && is_wrong(wrapping_sum(batch.base_timestamp(), delta), has_key)) wrong.push_back(index);
  };
  BOBBIN_TRY_ASSIGN(stream, Decompressor::open(batch.compression(), batch.records_bytes(), limits));
  StreamedRecords records(*stream);
  BOBBIN_TRY(records.walk(
      batch.records_count(), [&](int32_t i, const PlainRecord& record) { look(i, unzigzag(record.timestamp), false); },
      [&](int32_t i, const StreamedRecords::Head& head) { look(i, head.timestamp_delta, head.has_key); }));
  return wrong;
}

}  // namespace bobbin::record
