#include "metadata/metadata_log.h"

#include "base/offset_name.h"
#include "metadata/image_records.h"
#include "record/batch_builder.h"
#include "record/control.h"

namespace bobbin::metadata {
namespace {

std::string padded(int64_t number, size_t digits) {
  std::string s = std::to_string(number);
  return std::string(s.size() < digits ? digits - s.size() : 0, '0') + s;
}

record::BatchFields fields_at(Offset base) {
  record::BatchFields fields;
  fields.base_offset = base;
  fields.leader_epoch = metadata_epoch;
  return fields;
}

// Puts values into batches of at most `bytes_max` (or of one record).
class BatchWriter {
 public:
  BatchWriter(Offset base, Timestamp now, size_t bytes_max) : now_(now), bytes_max_(bytes_max) {
    out_.next_offset = base;
  }

  Status add(Bytes value) {
    size_t more = record::BatchBuilder::record_bytes_max(std::nullopt, value, {});
    if (!builder_.empty() && builder_.bytes() + more > bytes_max_) BOBBIN_TRY(seal());
    builder_.add(now_, std::nullopt, value);
    return {};
  }

  Result<Encoded> end() && {
    BOBBIN_TRY(seal());
    out_.timestamp = now_;
    return std::move(out_);
  }

 private:
  Status seal() {
    if (builder_.empty()) return {};
    int32_t count = builder_.count();
    BOBBIN_TRY_ASSIGN(batch, builder_.seal(fields_at(out_.next_offset)));
    out_.last_batch_at = out_.bytes.size();
    out_.last_crc = record::BatchView(batch).crc();
    if (out_.bytes.empty()) out_.first_batch_bytes = batch.size();
    out_.bytes += batch;
    out_.next_offset += count;
    return {};
  }

  Encoded out_;
  record::BatchBuilder builder_;
  Timestamp now_;
  size_t bytes_max_;
};

Error bad_snapshot(std::string what) { return error(Errc::damaged, "snapshot: " + std::move(what)); }

// The one record of a control batch of this type.
Status check_control(const record::BatchView& batch, record::ControlType type) {
  record::RecordReader reader;
  record::Record r;
  BOBBIN_TRY(reader.open(batch, metadata_batch_bytes_max));
  BOBBIN_TRY_ASSIGN(more, reader.next(r));
  if (!batch.is_control() || !more) return bad_snapshot("a control batch is missing");
  BOBBIN_TRY_ASSIGN(found, record::control_type(r));
  if (found != type || !r.value) return bad_snapshot("another control batch than expected");
  return {};
}

}  // namespace

std::string segment_name(Offset base) { return offset_name(base, ".log"); }

std::string snapshot_name(Offset end) {
  return offset_name(end, "-" + padded(metadata_epoch.value, 10) + ".checkpoint");
}

Status apply(const Update& update, Image& image) {
  if (update.from_start) image = Image();
  for (const NumberedRecord& r : update.records) BOBBIN_TRY(image.apply(r.record, r.offset));
  image.set_next_offset(update.next_offset);
  return {};
}

Result<Encoded> encode_transaction(const std::vector<AnyRecord>& records, Offset base, Timestamp now,
                                   size_t batch_bytes_max) {
  std::vector<std::string> values;
  size_t bytes = record::batch_header_bytes;
  for (const AnyRecord& r : records) {
    values.push_back(encode_record(r));
    bytes += record::BatchBuilder::record_bytes_max(std::nullopt, values.back(), {});
  }
  bool fits = bytes <= batch_bytes_max;
  BatchWriter writer(base, now, batch_bytes_max);
  if (!fits) BOBBIN_TRY(writer.add(encode_record(BeginTransactionRecord())));
  for (const std::string& value : values) BOBBIN_TRY(writer.add(value));
  if (!fits) BOBBIN_TRY(writer.add(encode_record(EndTransactionRecord())));
  return std::move(writer).end();
}

Result<std::string> encode_snapshot(const Image& image, Timestamp now) {
  SnapshotHeaderRecord header;
  header.last_contained_log_timestamp = now.value;
  BOBBIN_TRY_ASSIGN(file, record::control_batch(record::ControlType::snapshot_header, encode_control_value(header), now,
                                                fields_at(Offset(0))));
  BatchWriter writer(Offset(1), now, metadata_batch_bytes_max);
  for (const AnyRecord& r : to_records(image)) BOBBIN_TRY(writer.add(encode_record(r)));
  BOBBIN_TRY_ASSIGN(body, std::move(writer).end());
  file += body.bytes;
  BOBBIN_TRY_ASSIGN(
      footer, record::control_batch(record::ControlType::snapshot_footer, encode_control_value(SnapshotFooterRecord()),
                                    now, fields_at(body.next_offset)));
  file += footer;
  return file;
}

Result<std::vector<NumberedRecord>> decode_snapshot(Bytes file) {
  std::vector<NumberedRecord> out;
  bool opened = false;
  while (!file.empty()) {
    auto batch = record::BatchView::parse(file);
    if (!batch || !batch->crc_is_valid()) return bad_snapshot("a batch is damaged");
    file.remove_prefix(batch->bytes().size());
    if (!opened) {
      BOBBIN_TRY(check_control(*batch, record::ControlType::snapshot_header));
      opened = true;
    } else if (batch->is_control()) {
      BOBBIN_TRY(check_control(*batch, record::ControlType::snapshot_footer));
      if (!file.empty()) return bad_snapshot("something follows its end");
      return out;
    } else {
      BOBBIN_TRY(decode_batch(*batch, out));
    }
  }
  return bad_snapshot("its end is missing");
}

Status decode_batch(const record::BatchView& batch, std::vector<NumberedRecord>& into) {
  if (batch.is_control()) return {};  // leader changes and the like, in logs that Kafka wrote
  record::RecordReader reader;
  BOBBIN_TRY(reader.open(batch, 64 * metadata_batch_bytes_max));
  record::Record r;
  while (true) {
    BOBBIN_TRY_ASSIGN(more, reader.next(r));
    if (!more) return {};
    if (!r.value) return error(Errc::damaged, "a record of the metadata log has no value");
    BOBBIN_TRY_ASSIGN(record, decode_record(*r.value));
    into.push_back({r.offset, std::move(record)});
  }
}

}  // namespace bobbin::metadata
