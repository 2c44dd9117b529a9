#include "record/batch_builder.h"

#include <algorithm>
#include <limits>

#include "base/crc32c.h"
#include "base/varint.h"
#include "record/compression.h"
#include "record/line_ends.h"

namespace bobbin::record {
namespace {

constexpr size_t batch_bytes_max = std::numeric_limits<int32_t>::max();
constexpr size_t first_step_bytes = 512;
constexpr size_t step_bytes_max = 16 << 10;  // a step is zeroed; that memory moves seldom the string itself sees to

int16_t attributes_of(const BatchFields& fields) {
  int bits = static_cast<int>(fields.compression);
  if (fields.timestamp_type == TimestampType::log_append_time) bits |= log_append_time_bit;
  if (fields.transactional) bits |= transactional_bit;
  if (fields.control) bits |= control_bit;
  return static_cast<int16_t>(bits);
}

// What the header says about the records.
struct Contents {
  int32_t last_offset_delta;
  Timestamp base_timestamp;
  Timestamp max_timestamp;
  int32_t count;
};

void make_crc(char* batch, size_t size) {
  store_be(batch + crc_at, crc32c(Bytes(batch + crc_begins_at, size - crc_begins_at)));
}

void write_header(char* at, size_t size, const BatchFields& fields, const Contents& contents) {
  store_be(at, fields.base_offset.value);
  store_be(at + batch_length_at, static_cast<int32_t>(size - batch_log_overhead));
  store_be(at + leader_epoch_at, fields.leader_epoch.value);
  at[magic_at] = magic_v2;
  store_be(at + attributes_at, attributes_of(fields));
  store_be(at + last_offset_delta_at, contents.last_offset_delta);
  store_be(at + base_timestamp_at, contents.base_timestamp.value);
  store_be(at + max_timestamp_at, contents.max_timestamp.value);
  store_be(at + producer_id_at, fields.producer_id.value);
  store_be(at + producer_epoch_at, fields.producer_epoch.value);
  store_be(at + base_sequence_at, fields.base_sequence.value);
  store_be(at + records_count_at, contents.count);
  make_crc(at, size);
}

inline size_t encoded_size(Bytes bytes) { return varint_size(static_cast<int64_t>(bytes.size())) + bytes.size(); }
inline size_t encoded_size(const std::optional<Bytes>& bytes) { return bytes ? encoded_size(*bytes) : 1; }

size_t encoded_size(std::span<const Header> headers) {
  size_t size = varint_size(static_cast<int64_t>(headers.size()));
  for (const Header& header : headers) size += encoded_size(header.key) + encoded_size(header.value);
  return size;
}

inline char* put_bytes(char* at, Bytes bytes) {
  at = put_varint(at, static_cast<int64_t>(bytes.size()));
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

inline char* put_bytes(char* at, const std::optional<Bytes>& bytes) {
  return bytes ? put_bytes(at, *bytes) : put_varint(at, -1);
}

char* put_headers(char* at, std::span<const Header> headers) {
  at = put_varint(at, static_cast<int64_t>(headers.size()));
  for (const Header& header : headers) at = put_bytes(put_bytes(at, header.key), header.value);
  return at;
}

int64_t wrapping_difference(Timestamp a, Timestamp b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a.value) - static_cast<uint64_t>(b.value));
}

}  // namespace

char* BatchBuilder::room_for(size_t more) {
  check(more <= batch_bytes_max - used_, "a batch of 2 GiB or more");
  if (is_lent()) {
    if (lent_.size() - used_ >= more) return lent_.data() + used_;
    // It outgrew what was lent.
    if (buffer_.size() < used_ + more) buffer_.resize(used_ + more);
    std::memcpy(buffer_.data(), lent_.data(), used_);
    lent_ = {};
  }
  if (buffer_.size() < used_ + more)
    buffer_.resize(std::max({used_ + more, std::min(buffer_.size() * 2, buffer_.size() + step_bytes_max),
                             expected_bytes_, first_step_bytes}));
  return buffer_.data() + used_;
}

size_t BatchBuilder::add(Timestamp timestamp, std::optional<Bytes> key, std::optional<Bytes> value,
                         std::span<const Header> headers) {
  if (count_ == 0) first_timestamp_ = max_timestamp_ = timestamp;
  int64_t timestamp_delta = wrapping_difference(timestamp, first_timestamp_);
  size_t body = 1 + varint_size(timestamp_delta) + varint_size(count_) + encoded_size(key) + encoded_size(value) +
                encoded_size(headers);
  size_t size = varint_size(static_cast<int64_t>(body)) + body;

  char* at = room_for(size);
  at = put_varint(at, static_cast<int64_t>(body));
  *at++ = 0;  // attributes
  at = put_varint(at, timestamp_delta);
  at = put_varint(at, count_);
  at = put_bytes(at, key);
  at = put_bytes(at, value);
  put_headers(at, headers);

  used_ += size;
  count_++;
  max_timestamp_ = std::max(max_timestamp_, timestamp);
  return size;
}

namespace {

constexpr size_t copy_step = 16;     // a line is copied in such steps
constexpr size_t in_steps_max = 64;  // a longer one is better copied by the library

// May write up to copy_step bytes too many, and reads no more than [from, readable).
inline void copy_line(char* to, const char* from, size_t length, const char* readable) {
  if (length > in_steps_max || static_cast<size_t>(readable - from) < length + copy_step) {
    std::memcpy(to, from, length);
    return;
  }
  for (size_t done = 0; done < length; done += copy_step) std::memcpy(to + done, from + done, copy_step);
}

}  // namespace

BatchBuilder::Lines BatchBuilder::add_lines(Timestamp timestamp, Bytes lines, char delimiter, size_t bytes_max) {
  if (count_ == 0) first_timestamp_ = max_timestamp_ = timestamp;
  const int64_t timestamp_delta = wrapping_difference(timestamp, first_timestamp_);
  char delta[varint_bytes_max];
  const auto delta_bytes = static_cast<size_t>(put_varint(delta, timestamp_delta) - delta);
  const char* const readable = lines.data() + lines.size();
  LineEnds ends(lines, delimiter);
  Lines taken;
  std::span<char> memory;  // where the batch lies, once it is known to have room
  while (const char* end = ends.next()) {
    const char* line = lines.data() + taken.bytes;
    const auto length = static_cast<size_t>(end - line);
    // Attributes, the key's length (-1: none) and the count of headers take a byte each.
    const size_t body = 3 + delta_bytes + varint_size(count_) + varint_size(static_cast<int64_t>(length)) + length;
    const size_t size = varint_size(static_cast<int64_t>(body)) + body;
    if (used_ + size > bytes_max) break;
    if (memory.size() < used_ + size + copy_step) [[unlikely]] {
      room_for(size + copy_step);
      memory = is_lent() ? lent_ : std::span<char>(buffer_);
    }
    char* at = put_varint(memory.data() + used_, static_cast<int64_t>(body));
    *at++ = 0;
    *at++ = delta[0];
    for (size_t i = 1; i < delta_bytes; i++) *at++ = delta[i];
    at = put_varint(at, count_);
    *at++ = 1;  // -1, as zig-zag
    at = put_varint(at, static_cast<int64_t>(length));
    copy_line(at, line, length, readable);
    at[length] = 0;
    used_ += size;
    count_++;
    taken.bytes += length + 1;
    taken.count++;
  }
  if (taken.count > 0) max_timestamp_ = std::max(max_timestamp_, timestamp);
  return taken;
}

Result<std::string> BatchBuilder::seal(const BatchFields& fields) {
  check(count_ > 0, "a batch without records is sealed");
  std::string batch;
  if (fields.compression == Compression::none && !is_lent()) {
    expected_bytes_ = used_;
    buffer_.resize(used_);
    batch = std::move(buffer_);
    buffer_ = {};
  } else if (fields.compression == Compression::none) {
    batch.assign(data(), used_);
  } else {
    batch.resize(batch_header_bytes);
    Bytes records = Bytes(data(), used_).substr(batch_header_bytes);
    if (Status compressed = compress(fields.compression, records, batch); !compressed) {
      clear();
      return std::move(compressed).error();
    }
    if (batch.size() > fields.bytes_max && batch.size() > used_) {
      BatchFields plain = fields;
      plain.compression = Compression::none;
      return seal(plain);
    }
  }
  finish(batch.data(), batch.size(), fields);
  return batch;
}

void BatchBuilder::lend(std::span<char> memory) {
  check(empty(), "a batch has begun elsewhere");
  lent_ = memory.size() > batch_header_bytes ? memory : std::span<char>();
}

Bytes BatchBuilder::seal_lent(const BatchFields& fields) {
  check(count_ > 0 && is_lent() && fields.compression == Compression::none,
        "no batch that can be sealed where it lies");
  Bytes batch(lent_.data(), used_);
  finish(lent_.data(), used_, fields);
  return batch;
}

void BatchBuilder::finish(char* batch, size_t size, const BatchFields& fields) {
  write_header(batch, size, fields, {count_ - 1, first_timestamp_, max_timestamp_, count_});
  clear();
}

void BatchBuilder::clear() {
  lent_ = {};
  used_ = batch_header_bytes;
  count_ = 0;
}

void BatchBuilder::reuse(std::string memory) {
  if (empty() && buffer_.size() < memory.size()) buffer_ = std::move(memory);
}

size_t BatchBuilder::record_bytes_max(std::optional<Bytes> key, std::optional<Bytes> value,
                                      std::span<const Header> headers) {
  // Length, attributes, the widest timestamp and offset deltas.
  return 5 + 1 + varint_bytes_max + 5 + encoded_size(key) + encoded_size(value) + encoded_size(headers);
}

std::string empty_batch(const BatchFields& fields, int32_t last_offset_delta, Timestamp max_timestamp) {
  std::string batch(batch_header_bytes, '\0');
  write_header(batch.data(), batch.size(), fields, {last_offset_delta, timestamp_none, max_timestamp, 0});
  return batch;
}

void stamp(char* header, Offset base_offset, LeaderEpoch epoch) {
  store_be(header, base_offset.value);
  store_be(header + leader_epoch_at, epoch.value);
}

void stamp_append_time(char* batch, size_t size, Timestamp now) {
  store_be(batch + attributes_at, static_cast<int16_t>(load_be<int16_t>(batch + attributes_at) | log_append_time_bit));
  store_be(batch + max_timestamp_at, now.value);
  make_crc(batch, size);
}

bool stamp_create_time(char* batch, size_t size, Timestamp max) {
  auto attributes = load_be<int16_t>(batch + attributes_at);
  bool changes = (attributes & log_append_time_bit) || load_be<int64_t>(batch + max_timestamp_at) != max.value;
  if (!changes) return false;
  store_be(batch + attributes_at, static_cast<int16_t>(attributes & ~log_append_time_bit));
  store_be(batch + max_timestamp_at, max.value);
  make_crc(batch, size);
  return true;
}

void stamp_producer(char* batch, size_t size, ProducerId id, ProducerEpoch epoch, Sequence base) {
  store_be(batch + producer_id_at, id.value);
  store_be(batch + producer_epoch_at, epoch.value);
  store_be(batch + base_sequence_at, base.value);
  make_crc(batch, size);
}

}  // namespace bobbin::record
