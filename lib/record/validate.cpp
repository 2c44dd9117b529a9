#include "record/validate.h"

namespace bobbin::record {
namespace {

void take_in(Summary& summary, const Record& record, int64_t offset_delta) {
  int32_t index = summary.records++;
  if (index == 0 || record.timestamp < summary.min_timestamp) {
    summary.min_timestamp = record.timestamp;
    summary.min_timestamp_index = index;
  }
  if (index == 0 || record.timestamp > summary.max_timestamp) {
    summary.max_timestamp = record.timestamp;
    summary.max_timestamp_index = index;
  }
  if (offset_delta != index) summary.offsets_are_dense = false;
  if (!record.key && !summary.null_key_index) summary.null_key_index = index;
}

}  // namespace

Result<Summary> validate_records(const BatchView& batch, size_t decompressed_bytes_max) {
  RecordReader reader;
  BOBBIN_TRY(reader.open(batch, decompressed_bytes_max));
  reader.ignore_append_time();
  Summary summary;
  summary.records_bytes = reader.bytes_left();
  Record record;
  for (;;) {
    BOBBIN_TRY_ASSIGN(more, reader.next(record));
    if (!more) break;
    take_in(summary, record, record.offset - batch.base_offset());
  }
  if (batch.last_offset_delta() != summary.records - 1) summary.offsets_are_dense = false;
  return summary;
}

}  // namespace bobbin::record
