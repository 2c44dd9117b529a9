#include "log/admission.h"

#include "base/crc32c.h"
#include "record/batch_builder.h"
#include "record/validate.h"

namespace bobbin::log {

namespace {

using record::BatchView;
using record::TimestampType;

// A batch of a MiB may hold a great many equal bytes; more than this no consumer would take either.
constexpr size_t decompressed_bytes_max = 256u << 20;
constexpr size_t junk_bytes_max = 12;  // shorter leftovers are ignored, as in Kafka
constexpr size_t magic_at = 16;

Error invalid(std::string why) { return error(Errc::invalid_record, std::move(why)); }

// The one batch in `bytes`.
Result<Bytes> only_batch(Bytes bytes) {
  if (bytes.empty()) return invalid("no record batch at all");
  if (bytes.size() <= magic_at) return invalid("the record batch is cut short");
  if (bytes[magic_at] != record::magic_v2)
    return invalid("record batches of format " + std::to_string(int{bytes[magic_at]}) + " are not supported, only 2");
  int64_t size = int64_t{load_be<int32_t>(bytes.data() + 8)} + static_cast<int64_t>(record::batch_log_overhead);
  if (size < static_cast<int64_t>(record::batch_header_bytes)) return invalid("the record batch's length is impossible");
  if (static_cast<uint64_t>(size) > bytes.size()) return invalid("the record batch is cut short");
  Bytes rest = bytes.substr(static_cast<size_t>(size));
  if (rest.size() > magic_at && record::batch_size(rest)) return invalid("more than one record batch for one partition");
  if (rest.size() >= junk_bytes_max) return error(Errc::corrupt_message, "bytes that are no batch follow the record batch");
  return bytes.substr(0, static_cast<size_t>(size));
}

Status check_shape(const BatchView& batch, const Rules& rules) {
  if (!rules.internal && batch.base_offset() != Offset(0))
    return invalid("the batch's base offset is " + std::to_string(batch.base_offset().value) + ", not 0");
  if (static_cast<int64_t>(batch.bytes().size()) > rules.config.max_message_bytes)
    return error(Errc::message_too_large, "a batch of " + std::to_string(batch.bytes().size()) +
                                              " bytes is larger than max.message.bytes (" +
                                              std::to_string(rules.config.max_message_bytes) + ")");
  if (!batch.crc_is_valid()) return error(Errc::corrupt_message, "the batch's checksum is wrong");
  int64_t count = batch.records_count();
  if (count <= 0 || count != int64_t{batch.last_offset_delta()} + 1)
    return invalid("the batch's count of records is impossible");
  if (batch.is_control() && !rules.internal) return invalid("clients do not write control batches");
  if (batch.producer_id() >= ProducerId(0) && batch.base_sequence() < Sequence(0) && !batch.is_control())
    return invalid("the batch has a producer but no sequence");
  if ((batch.attributes() & 7) > static_cast<int>(record::Compression::zstd))
    return error(Errc::unsupported_compression_type, "a compression that nobody knows");
  return {};
}

Error blame(Errc code, int32_t index, std::string why, std::vector<RecordError>* into) {
  if (into) into->push_back({index, why});
  return error(code, std::move(why));
}

Status check_times(const BatchView& batch, const record::Summary& records, const Rules& rules,
                   std::vector<RecordError>* into) {
  if (rules.internal) return {};
  const LogConfig& config = rules.config;
  if (config.timestamp_type == TimestampType::log_append_time) {
    if (batch.timestamp_type() == TimestampType::log_append_time)
      return error(Errc::invalid_timestamp, "a client's batch must not claim to have the time of its appending");
    return {};
  }
  auto outside = [&](int32_t index, Timestamp time) {
    return blame(Errc::invalid_timestamp, index,
                 "timestamp " + std::to_string(time.value) + " is too far from now (" +
                     std::to_string(rules.now.value) + "): see message.timestamp.before.max.ms and .after.max.ms",
                 into);
  };
  Timestamp low = records.min_timestamp, high = records.max_timestamp;
  if (low != timestamp_none && config.timestamp_before_max_ms < rules.now.value &&
      low.value < rules.now.value - config.timestamp_before_max_ms)
    return outside(records.min_timestamp_index, low);
  if (high != timestamp_none && config.timestamp_after_max_ms < INT64_MAX - rules.now.value &&
      high.value > rules.now.value + config.timestamp_after_max_ms)
    return outside(records.max_timestamp_index, high);
  return {};
}

Result<record::Summary> check_records(const BatchView& batch, const Rules& rules, std::vector<RecordError>* into) {
  auto records = record::validate_records(batch, decompressed_bytes_max);
  if (!records) {
    Error e = std::move(records).error();
    bool compressed = batch.compression() != record::Compression::none;
    if (e.code == Errc::malformed) e.code = compressed ? Errc::corrupt_message : Errc::invalid_record;
    return e;
  }
  if (rules.config.compact_policy && records->null_key_index)
    return blame(Errc::invalid_record, *records->null_key_index, "a compacted topic takes no record without a key", into);
  BOBBIN_TRY(check_times(batch, *records, rules, into));
  return records;
}

// The same records again: in another codec, or with offsets without gaps.
Result<std::string> rewrite(const BatchView& batch, record::Compression codec) {
  record::RecordReader reader;
  BOBBIN_TRY(reader.open(batch, decompressed_bytes_max));
  record::BatchBuilder builder;
  std::vector<record::Header> headers;
  for (record::Record r;;) {
    BOBBIN_TRY_ASSIGN(more, reader.next(r));
    if (!more) break;
    headers.clear();
    BOBBIN_TRY(record::parse_headers(r, headers));
    builder.add(r.timestamp, r.key, r.value, headers);
  }
  record::BatchFields fields;
  fields.compression = codec;
  fields.transactional = batch.is_transactional();
  fields.producer_id = batch.producer_id();
  fields.producer_epoch = batch.producer_epoch();
  fields.base_sequence = batch.base_sequence();
  return builder.seal(fields);
}

}  // namespace

void Admitted::stamp(Offset base, LeaderEpoch epoch) { record::stamp(header_.data(), base, epoch); }

void Admitted::set_time(TimestampType type, Timestamp max) {
  constexpr size_t crc_at = 17, attributes_at = 21, max_timestamp_at = 35;
  constexpr int16_t type_bit = 8;
  auto before = load_be<int16_t>(&header_[attributes_at]);
  auto after = static_cast<int16_t>(type == TimestampType::log_append_time ? before | type_bit : before & ~type_bit);
  if (after == before && view().max_timestamp() == max) return;
  store_be(&header_[attributes_at], after);
  store_be(&header_[max_timestamp_at], max.value);
  store_be(&header_[crc_at], crc32c(body(), crc32c(header().substr(attributes_at))));
}

Result<Admitted> admit(Bytes bytes, const Rules& rules, std::vector<RecordError>* record_errors) {
  BOBBIN_TRY_ASSIGN(only, only_batch(bytes));
  BatchView batch(only);
  BOBBIN_TRY(check_shape(batch, rules));
  if (batch.is_control()) return Admitted(only);
  BOBBIN_TRY_ASSIGN(records, check_records(batch, rules, record_errors));

  record::Compression codec = rules.config.compression.value_or(batch.compression());
  bool gaps = !records.offsets_are_dense && batch.compression() != record::Compression::none;
  std::optional<Admitted> admitted;
  if (codec != batch.compression() || gaps) {
    BOBBIN_TRY_ASSIGN(rewritten, rewrite(batch, codec));
    if (static_cast<int64_t>(rewritten.size()) > rules.config.max_message_bytes)
      return error(Errc::message_too_large, "the batch is larger than max.message.bytes once it is recompressed");
    admitted.emplace(std::move(rewritten));
  } else {
    admitted.emplace(only);
  }
  bool by_us = rules.config.timestamp_type == TimestampType::log_append_time;
  admitted->set_time(rules.config.timestamp_type, by_us ? rules.now : records.max_timestamp);
  return std::move(*admitted);
}

}  // namespace bobbin::log
