// How a record lies within its batch, for the loops of this folder that walk them:
//   length varint | attributes 1 byte | timestamp delta varint | offset delta varint | key | value | headers
// Every number is checked against the bytes that there are.
#pragma once

#include <optional>

#include "base/varint.h"
#include "record/types.h"

namespace bobbin::record {

// Most numbers of a record take one byte or two; the rest goes to the general loop.
inline const char* read_varint(const char* at, const char* end, int64_t& v, int bits) {
  if (at != end && !(*at & 0x80)) [[likely]] {
    v = unzigzag(static_cast<unsigned char>(*at));
    return at + 1;
  }
  if (end - at >= 2 && !(at[1] & 0x80)) [[likely]] {
    v = unzigzag((static_cast<unsigned char>(at[0]) & 0x7fu) | static_cast<uint64_t>(static_cast<unsigned char>(at[1]))
                                                                   << 7);
    return at + 2;
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
inline bool walk_headers(const char* at, const char* end, int64_t count, Visit&& visit) {
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

// A number of at most three bytes from memory where there are as many; nullptr: it has more.
inline const char* read_short_varint(const char* at, uint32_t& v) {
  uint32_t a = static_cast<unsigned char>(at[0]);
  if (a < 0x80) [[likely]] {
    v = a;
    return at + 1;
  }
  uint32_t b = static_cast<unsigned char>(at[1]);
  if (b < 0x80) [[likely]] {
    v = (a & 0x7f) | b << 7;
    return at + 2;
  }
  uint32_t c = static_cast<unsigned char>(at[2]);
  v = (a & 0x7f) | (b & 0x7f) << 7 | c << 14;
  return c < 0x80 ? at + 3 : nullptr;
}

// The record that most are: a value, neither key nor headers, and small numbers.
struct PlainRecord {
  uint32_t timestamp;  // delta, as zig-zag
  uint32_t offset;     // delta
  const char* value;
  uint32_t value_bytes;
};

// False: it is another one, or wrong; then nothing was read.
[[gnu::always_inline]] inline bool read_plain_record(const char*& at, const char* end, PlainRecord& into) {
  constexpr ptrdiff_t numbers_bytes_max = 14;  // of four numbers, attributes and key
  if (end - at < numbers_bytes_max) return false;
  uint32_t length, timestamp, offset, size;
  const char* p = read_short_varint(at, length);
  if (!p) return false;
  const char* record_end = p + (length >> 1);
  p = read_short_varint(p + 1, timestamp);
  if (!p) return false;
  p = read_short_varint(p, offset);
  if (!p || *p != 1) return false;  // -1, as zig-zag: no key
  p = read_short_varint(p + 1, size);
  if (!p || ((length | offset | size) & 1) || static_cast<size_t>(end - p) <= (size >> 1)) return false;
  const char* value_end = p + (size >> 1);
  if (value_end + 1 != record_end || *value_end != 0) return false;
  into = {timestamp, offset >> 1, p, size >> 1};
  at = record_end;
  return true;
}

// Reads one record from `at`, which moves behind it. Returns what is wrong with it, or nullptr.
inline const char* read_any_record(const char*& at, const char* end, Deltas& deltas, Record& into);

inline const char* read_record(const char*& at, const char* end, Deltas& deltas, Record& into) {
  PlainRecord plain;
  if (!read_plain_record(at, end, plain)) [[unlikely]]
    return read_any_record(at, end, deltas, into);
  deltas.timestamp = unzigzag(plain.timestamp);
  deltas.offset = plain.offset;
  into.key.reset();
  into.value.emplace(plain.value, plain.value_bytes);
  into.headers_bytes = {};
  into.headers_count = 0;
  return nullptr;
}

inline const char* read_any_record(const char*& at, const char* end, Deltas& deltas, Record& into) {
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
inline Timestamp wrapping_sum(Timestamp base, int64_t delta) {
  return Timestamp(static_cast<int64_t>(static_cast<uint64_t>(base.value) + static_cast<uint64_t>(delta)));
}

}  // namespace bobbin::record
