#include "record/batch.h"

#include <limits>

#include "base/crc32c.h"
#include "base/varint.h"
#include "record/compression.h"

namespace bobbin::record {
namespace {

constexpr int32_t batch_length_min = batch_header_bytes - batch_log_overhead;
// Room for any lastOffsetDelta above it, so that no offset of a parsed batch overflows.
constexpr int64_t base_offset_max = std::numeric_limits<int64_t>::max() - (int64_t{1} << 32);

// Most numbers of a record take one byte; the rest goes to the general loop.
inline const char* read_varint(const char* at, const char* end, int64_t& v, int bits) {
  if (at != end && !(*at & 0x80)) [[likely]] {
    v = unzigzag(static_cast<unsigned char>(*at));
    return at + 1;
  }
  return get_varint(at, end, v, bits);
}

// A length and so many bytes; -1 is null. nullptr: they do not lie before `end`.
inline const char* read_bytes(const char* at, const char* end, std::optional<Bytes>& into) {
  int64_t size;
  at = read_varint(at, end, size, 32);
  if (!at || size < -1 || size > end - at) return nullptr;
  if (size < 0) {
    into.reset();
    return at;
  }
  into.emplace(at, static_cast<size_t>(size));
  return at + size;
}

// Calls `visit(Header)` for each of `count` headers, which must take exactly the bytes up to `end`.
template <class Visit>
bool walk_headers(const char* at, const char* end, int64_t count, Visit&& visit) {
  if (count < 0 || count > (end - at) / 2) return false;
  for (; count > 0; count--) {
    std::optional<Bytes> key;
    Header header;
    at = read_bytes(at, end, key);
    if (!at || !key) return false;
    at = read_bytes(at, end, header.value);
    if (!at) return false;
    header.key = *key;
    visit(header);
  }
  return at == end;
}

struct Deltas {
  int64_t timestamp = 0;
  int64_t offset = 0;
};

// Reads one record from `at`, which moves behind it. Returns what is wrong with it, or nullptr.
inline const char* read_record(const char*& at, const char* end, Deltas& deltas, Record& into) {
  int64_t length;
  const char* p = read_varint(at, end, length, 32);
  if (!p || length < 0) return "its length is no number";
  if (length > end - p) return "it is longer than the batch";
  const char* record_end = p + length;
  if (p == record_end) return "it is empty";
  p++;  // attributes: none are defined
  p = read_varint(p, record_end, deltas.timestamp, 64);
  if (!p) return "its timestamp is no number";
  p = read_varint(p, record_end, deltas.offset, 32);
  if (!p || deltas.offset < 0) return "its offset is no number, or negative";
  p = read_bytes(p, record_end, into.key);
  if (!p) return "its key does not fit";
  p = read_bytes(p, record_end, into.value);
  if (!p) return "its value does not fit";
  int64_t headers;
  p = read_varint(p, record_end, headers, 32);
  if (!p) return "its count of headers is no number";
  if (!walk_headers(p, record_end, headers, [](const Header&) {})) return "its headers do not end where it ends";
  into.headers_bytes = Bytes(p, static_cast<size_t>(record_end - p));
  into.headers_count = static_cast<int32_t>(headers);
  at = record_end;
  return nullptr;
}

// Deltas come from outside and may be anything; Kafka's arithmetic wraps.
Timestamp wrapping_sum(Timestamp base, int64_t delta) {
  return Timestamp(static_cast<int64_t>(static_cast<uint64_t>(base.value) + static_cast<uint64_t>(delta)));
}

}  // namespace

std::optional<size_t> batch_size(Bytes head) {
  if (head.size() < batch_head_bytes || head[16] != magic_v2) return std::nullopt;
  int64_t base_offset = load_be<int64_t>(head.data());
  int32_t length = load_be<int32_t>(head.data() + 8);
  if (base_offset < 0 || base_offset > base_offset_max || length < batch_length_min) return std::nullopt;
  return batch_log_overhead + static_cast<size_t>(length);
}

Result<BatchView> BatchView::parse(Bytes bytes) {
  if (bytes.size() < batch_head_bytes) return error(Errc::malformed, "a batch is cut short within its header");
  auto size = batch_size(bytes);
  if (!size && bytes[16] != magic_v2)
    return error(Errc::malformed, "no record batch of format 2: its magic is " + std::to_string(int{bytes[16]}));
  if (!size) return error(Errc::malformed, "no record batch: its length or its offset is impossible");
  if (*size > bytes.size())
    return error(Errc::malformed, "a batch of " + std::to_string(*size) + " bytes is cut short after " +
                                      std::to_string(bytes.size()));
  return BatchView(bytes.substr(0, *size));
}

bool BatchView::crc_is_valid() const { return bytes_.size() >= batch_header_bytes && crc32c(bytes_.substr(21)) == crc(); }

Status parse_headers(const Record& record, std::vector<Header>& into) {
  into.clear();
  const char* at = record.headers_bytes.data();
  bool good = walk_headers(at, at + record.headers_bytes.size(), record.headers_count,
                           [&](const Header& header) { into.push_back(header); });
  if (!good) return error(Errc::malformed, "the headers of record " + std::to_string(record.offset.value) + " do not parse");
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
  return true;
}

}  // namespace bobbin::record
