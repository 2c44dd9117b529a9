#include "record/batch.h"

#include <cstring>

#include "base/crc32c.h"
#include "record/compression.h"
#include "record/record_layout.h"

namespace bobbin::record {
namespace {

constexpr int32_t batch_length_min = batch_header_bytes - batch_log_overhead;

}  // namespace

std::optional<size_t> batch_size(Bytes head) {
  if (head.size() < batch_head_bytes || head[magic_at] != magic_v2) return std::nullopt;
  int64_t base_offset = load_be<int64_t>(head.data());
  int32_t length = load_be<int32_t>(head.data() + batch_length_at);
  if (base_offset < 0 || base_offset > log_end_max.value || length < batch_length_min) return std::nullopt;
  return batch_log_overhead + static_cast<size_t>(length);
}

Result<BatchView> BatchView::parse(Bytes bytes) {
  if (bytes.size() < batch_head_bytes) return error(Errc::malformed, "a batch is cut short within its header");
  auto size = batch_size(bytes);
  if (!size && bytes[magic_at] != magic_v2)
    return error(Errc::malformed, "no record batch of format 2: its magic is " + std::to_string(int{bytes[magic_at]}));
  if (!size) return error(Errc::malformed, "no record batch: its length or its offset is impossible");
  if (*size > bytes.size())
    return error(Errc::malformed,
                 "a batch of " + std::to_string(*size) + " bytes is cut short after " + std::to_string(bytes.size()));
  return BatchView(bytes.substr(0, *size));
}

bool BatchView::crc_is_valid() const {
  return bytes_.size() >= batch_header_bytes && crc32c(bytes_.substr(crc_begins_at)) == crc();
}

Status parse_headers(const Record& record, std::vector<Header>& into) {
  into.clear();
  const char* at = record.headers_bytes.data();
  bool good = walk_headers(at, at + record.headers_bytes.size(), record.headers_count,
                           [&](const Header& header) { into.push_back(header); });
  if (!good) return error(Errc::malformed, "the headers of record " + to_string(record.offset) + " do not parse");
  return {};
}

Status RecordReader::open(const BatchView& batch, size_t decompressed_bytes_max) {
  at_ = end_ = nullptr;
  count_ = left_ = 0;
  if (batch_size(batch.bytes()) != batch.bytes().size())
    return error(Errc::malformed, "a batch is cut short, or is none");
  if (batch.records_count() < 0) return error(Errc::malformed, "a batch with a negative count of records");
  if (batch.last_offset_delta() < 0) return error(Errc::malformed, "a batch whose last offset is before its first");
  Bytes records = batch.records_bytes();
  // A batch that compaction emptied keeps no stream of its codec.
  if (batch.compression() != Compression::none && !(records.empty() && batch.records_count() == 0)) {
    decompressed_.clear();
    BOBBIN_TRY(decompress(batch.compression(), records, decompressed_, decompressed_bytes_max));
    records = decompressed_;
  }
  if (static_cast<size_t>(batch.records_count()) > records.size() / record_bytes_min)
    return error(Errc::malformed, "a batch has fewer records than it counts");
  at_ = records.data();
  end_ = at_ + records.size();
  count_ = left_ = batch.records_count();
  base_offset_ = batch.base_offset();
  base_timestamp_ = batch.base_timestamp();
  append_time_.reset();
  if (batch.timestamp_type() == TimestampType::log_append_time) append_time_ = batch.max_timestamp();
  return {};
}

std::optional<RecordPlace> first_record(Bytes beginning) {
  if (beginning.size() <= batch_header_bytes) return std::nullopt;
  BatchView batch(beginning);
  if (batch.compression() != Compression::none || batch.records_count() < 1) return std::nullopt;
  const char* at = beginning.data() + batch_header_bytes;
  const char* end = beginning.data() + beginning.size();
  int64_t length = 0, timestamp = 0, offset = 0;
  at = read_varint(at, end, length, 32);
  if (!at || at == end) return std::nullopt;
  at = read_varint(at + 1, end, timestamp, 64);
  if (at) at = read_varint(at, end, offset, 32);
  if (!at || offset < 0 || offset > batch.last_offset_delta()) return std::nullopt;
  bool at_append = batch.timestamp_type() == TimestampType::log_append_time;
  return RecordPlace{batch.base_offset() + offset,
                     at_append ? batch.max_timestamp() : wrapping_sum(batch.base_timestamp(), timestamp)};
}

Result<bool> RecordReader::next(Record& into) {
  if (left_ == 0) {
    if (at_ != end_) return error(Errc::malformed, "a batch has bytes behind its last record");
    return false;
  }
  Deltas deltas;
  if (const char* wrong = read_record(at_, end_, deltas, into)) [[unlikely]]
    return error(Errc::malformed, "record " + std::to_string(count_ - left_) + " of a batch: " + wrong);
  left_--;
  into.offset = base_offset_ + deltas.offset;
  into.timestamp = append_time_ ? *append_time_ : wrapping_sum(base_timestamp_, deltas.timestamp);
  into.timestamp_type = append_time_ ? TimestampType::log_append_time : TimestampType::create_time;
  return true;
}

namespace {

inline char* copy(char* to, Bytes bytes) {
  std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

}  // namespace

Result<int32_t> RecordReader::append_values(std::string& out, Bytes delimiter, Bytes null_text) {
  const size_t before = out.size();
  const int32_t count = left_;
  // No value is longer than its record.
  out.resize(before + bytes_left() + static_cast<size_t>(left_) * (delimiter.size() + null_text.size()));
  char* to = out.data() + before;
  Deltas deltas;
  Record record;
  const char* wrong = nullptr;
  for (; left_ > 0; left_--) {
    wrong = read_record(at_, end_, deltas, record);
    if (wrong) break;
    to = copy(copy(to, record.value ? *record.value : null_text), delimiter);
  }
  out.resize(static_cast<size_t>(to - out.data()));
  if (wrong) return error(Errc::malformed, "record " + std::to_string(count_ - left_) + " of a batch: " + wrong);
  if (at_ != end_) return error(Errc::malformed, "a batch has bytes behind its last record");
  return count;
}

}  // namespace bobbin::record
