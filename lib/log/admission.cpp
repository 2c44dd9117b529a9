#include "log/admission.h"

#include "base/crc32c.h"
#include "record/batch_builder.h"
#include "record/recompress.h"

namespace bobbin::log {

namespace {

using record::BatchView;
using record::magic_at;
using record::TimestampType;

constexpr int64_t oldest_record_bytes = 14;  // of format 0, the shortest: Kafka looks at the length before the format
constexpr size_t told_records_max = 1000;    // that are wrong: Kafka tells of all
constexpr size_t junk_bytes_max = 12;        // shorter leftovers are ignored, as in Kafka

Error invalid(std::string why) { return error(Errc::invalid_record, std::move(why)); }

// The one batch in `bytes`.
Result<Bytes> only_batch(Bytes bytes) {
  if (bytes.empty()) return invalid("no record batch at all");
  if (bytes.size() <= magic_at) return invalid("the record batch is cut short");
  const int64_t length = load_be<int32_t>(bytes.data() + record::batch_length_at);
  if (length < oldest_record_bytes) return error(Errc::corrupt_message, "the record batch's length is impossible");
  if (const int magic = static_cast<signed char>(bytes[magic_at]); magic != record::magic_v2)
    return error(magic == 0 || magic == 1 ? Errc::invalid_record : Errc::corrupt_message,
                 "record batches of format " + std::to_string(magic) + " are not supported, only 2");
  const int64_t size = length + static_cast<int64_t>(record::batch_log_overhead);
  if (size < static_cast<int64_t>(record::batch_header_bytes))
    return invalid("the record batch's length is impossible");
  if (static_cast<uint64_t>(size) > bytes.size()) return invalid("the record batch is cut short");
  Bytes rest = bytes.substr(static_cast<size_t>(size));
  if (rest.size() > magic_at && record::batch_size(rest))
    return invalid("more than one record batch for one partition");
  if (rest.size() >= junk_bytes_max)
    return error(Errc::corrupt_message, "bytes that are no batch follow the record batch");
  return bytes.substr(0, static_cast<size_t>(size));
}

Status check_shape(const BatchView& batch, const Rules& rules) {
  if (!rules.internal && batch.base_offset() != Offset(0))
    return invalid("the batch's base offset is " + to_string(batch.base_offset()) + ", not 0");
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
  if (batch.producer_id() >= ProducerId(0) && batch.producer_epoch() < ProducerEpoch(-1))
    return error(Errc::invalid_producer_epoch, "the batch has an epoch below those that there are");
  if ((batch.attributes() & 7) > static_cast<int>(record::Compression::zstd))
    return error(Errc::unsupported_compression_type, "a compression that nobody knows");
  return {};
}

}  // namespace

Result<Inspection> Inspection::begin(Bytes bytes, Rules rules) {
  BOBBIN_TRY_ASSIGN(only, only_batch(bytes));
  BOBBIN_TRY(check_shape(BatchView(only), rules));
  return Inspection(only, std::move(rules));
}

Error Inspection::blame(Errc code, int32_t index, std::string why) {
  bad_records_.push_back({index, why});
  return error(code, std::move(why));
}

Error Inspection::blame(Errc code, const record::StreamLimits& limits, std::string why,
                        const record::IsWrong& is_wrong) {
  if (auto wrong = record::wrong_records(batch(), limits, told_records_max, is_wrong))
    for (int32_t index : *wrong) bad_records_.push_back({index, why});
  return error(code, std::move(why));
}

Status Inspection::check_times(const record::StreamLimits& limits) {
  if (rules_.internal) return {};
  const LogConfig& config = rules_.config;
  if (config.timestamp_type == TimestampType::log_append_time) {
    if (batch().timestamp_type() == TimestampType::log_append_time)
      return blame(Errc::invalid_timestamp, limits, "a client's batch must not claim to have the time of its appending",
                   [](Timestamp, bool) { return true; });
    return {};
  }
  auto is_outside = [&](Timestamp time) {
    if (time == timestamp_none) return false;
    return (config.timestamp_before_max_ms < rules_.now.value &&
            time.value < rules_.now.value - config.timestamp_before_max_ms) ||
           (config.timestamp_after_max_ms < INT64_MAX - rules_.now.value &&
            time.value > rules_.now.value + config.timestamp_after_max_ms);
  };
  for (Timestamp time : {records_.min_timestamp, records_.max_timestamp})
    if (is_outside(time))
      return blame(Errc::invalid_timestamp, limits,
                   "timestamp " + to_string(time) + " is too far from now (" + to_string(rules_.now) +
                       "): see message.timestamp.before.max.ms and .after.max.ms",
                   [&](Timestamp each, bool) { return is_outside(each); });
  return {};
}

Status Inspection::check_records(const record::StreamLimits& limits) {
  if (rules_.config.compact_policy && records_.null_key_index)
    return blame(Errc::invalid_record, limits, "a compacted topic takes no record without a key",
                 [](Timestamp, bool has_key) { return !has_key; });
  if (records_.misplaced && !is_compressed()) {
    const auto& [index, delta] = *records_.misplaced;
    return blame(Errc::invalid_record, index,
                 "record " + std::to_string(index) + " of the batch has the offset delta " + std::to_string(delta) +
                     ", not " + std::to_string(index));
  }
  return check_times(limits);
}

Status Inspection::run(const record::StreamLimits& limits) {
  if (batch().is_control()) return {};
  record::StreamLimits strict = limits;
  strict.lz4_for_all = true;
  auto records = record::validate_records(batch(), strict);
  if (!records) {
    Error e = std::move(records).error();
    if (e.code == Errc::malformed) e.code = is_compressed() ? Errc::corrupt_message : Errc::invalid_record;
    return e;
  }
  records_ = *records;
  BOBBIN_TRY(check_records(strict));
  if (codec() == batch().compression() && records_.offsets_are_dense) return {};
  record::Recompression how{codec(), !records_.offsets_are_dense, static_cast<size_t>(rules_.config.max_message_bytes)};
  BOBBIN_TRY_ASSIGN(rewritten, record::recompress(batch(), how, strict));
  rewritten_ = std::move(rewritten);
  return {};
}

Admitted Inspection::admit(Timestamp now) && {
  Admitted admitted = rewritten_ ? Admitted(std::move(*rewritten_)) : Admitted(bytes_);
  if (batch().is_control()) return admitted;
  bool by_us = rules_.config.timestamp_type == TimestampType::log_append_time;
  admitted.set_time(rules_.config.timestamp_type, by_us ? now : records_.max_timestamp);
  return admitted;
}

void Admitted::stamp(Offset base, LeaderEpoch epoch) { record::stamp(header_.data(), base, epoch); }

void Admitted::set_time(TimestampType type, Timestamp max) {
  using namespace record;  // the places of a header's fields
  auto before = load_be<int16_t>(&header_[attributes_at]);
  auto after = static_cast<int16_t>(type == TimestampType::log_append_time ? before | log_append_time_bit
                                                                           : before & ~log_append_time_bit);
  if (after == before && view().max_timestamp() == max) return;
  store_be(&header_[attributes_at], after);
  store_be(&header_[max_timestamp_at], max.value);
  store_be(&header_[crc_at], crc32c(body(), crc32c(header().substr(crc_begins_at))));
}

}  // namespace bobbin::log
