#include "record/validate.h"

#include "record/record_layout.h"

namespace bobbin::record {
namespace {

void take_in(Summary& summary, Timestamp timestamp, bool has_key, int64_t offset_delta) {
  int32_t index = summary.records++;
  bool is_first = summary.min_timestamp == timestamp_none;
  if (timestamp != timestamp_none && (is_first || timestamp < summary.min_timestamp)) {
    summary.min_timestamp = timestamp;
    summary.min_timestamp_index = index;
  }
  if (index == 0 || timestamp > summary.max_timestamp) {
    summary.max_timestamp = timestamp;
    summary.max_timestamp_index = index;
  }
  if (offset_delta != index) summary.offsets_are_dense = false;
  if (!has_key && !summary.null_key_index) summary.null_key_index = index;
}

}  // namespace

Result<Summary> validate_records(const BatchView& batch, size_t decompressed_bytes_max) {
  RecordReader reader;
  BOBBIN_TRY(reader.open(batch, decompressed_bytes_max));
  Summary summary;
  summary.records_bytes = reader.bytes_left();
  const char* at = reader.rest().data();
  const char* end = at + reader.rest().size();
  const Timestamp base = batch.base_timestamp();
  const int32_t count = reader.records_left();
  Deltas deltas;
  Record record;
  std::optional<uint32_t> same_time;  // of the record before, which was a plain one
  for (int32_t i = 0; i < count; i++) {
    // Most are plain, and many were made at once.
    if (PlainRecord plain; read_plain_record(at, end, plain)) [[likely]] {
      if (plain.timestamp == same_time && plain.offset == static_cast<uint32_t>(i)) [[likely]] {
        summary.records++;
        continue;
      }
      same_time = plain.timestamp;
      take_in(summary, wrapping_sum(base, unzigzag(plain.timestamp)), false, plain.offset);
      continue;
    }
    same_time.reset();
    if (const char* wrong = read_any_record(at, end, deltas, record)) [[unlikely]]
      return error(Errc::malformed, "record " + std::to_string(i) + " of a batch: " + wrong);
    take_in(summary, wrapping_sum(base, deltas.timestamp), record.key.has_value(), deltas.offset);
  }
  if (at != end) return error(Errc::malformed, "a batch has bytes behind its last record");
  if (batch.last_offset_delta() != summary.records - 1) summary.offsets_are_dense = false;
  return summary;
}

}  // namespace bobbin::record
