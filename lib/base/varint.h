// Varints: 7 bits a byte, least significant first, the eighth bit says that more follow (as in Protocol Buffers).
// Signed ones are zig-zag. Kafka uses signed ones in records and unsigned ones in flexible messages.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace bobbin {

inline constexpr size_t varint_bytes_max = 10;

inline constexpr uint64_t zigzag(int64_t v) { return static_cast<uint64_t>(v) << 1 ^ static_cast<uint64_t>(v >> 63); }
inline constexpr int64_t unzigzag(uint64_t v) { return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1); }

// Most numbers take a byte or two, here and below.
inline constexpr size_t uvarint_size(uint64_t v) {
  return v < 0x80 ? 1 : v < 0x4000 ? 2 : static_cast<size_t>((70 - __builtin_clzll(v)) / 7);
}
inline constexpr size_t varint_size(int64_t v) { return uvarint_size(zigzag(v)); }

// Writes at most varint_bytes_max bytes and returns the place after them.
inline char* put_uvarint(char* at, uint64_t v) {
  if (v < 0x80) {
    *at = static_cast<char>(v);
    return at + 1;
  }
  if (v < 0x4000) {
    at[0] = static_cast<char>(v | 0x80);
    at[1] = static_cast<char>(v >> 7);
    return at + 2;
  }
  while (v >= 0x80) {
    *at++ = static_cast<char>(v | 0x80);
    v >>= 7;
  }
  *at++ = static_cast<char>(v);
  return at;
}
inline char* put_varint(char* at, int64_t v) { return put_uvarint(at, zigzag(v)); }

inline void append_uvarint(std::string& to, uint64_t v) {
  char b[varint_bytes_max];
  to.append(b, static_cast<size_t>(put_uvarint(b, v) - b));
}
inline void append_varint(std::string& to, int64_t v) { append_uvarint(to, zigzag(v)); }

// Reads from [at, end) and returns the place after the number, or nullptr when it is cut short or longer than
// `bits` (32 or 64) allow.
inline const char* get_uvarint(const char* at, const char* end, uint64_t& v, int bits = 64) {
  uint64_t out = 0;
  for (int shift = 0; at != end && shift < (bits == 32 ? 35 : 70); shift += 7) {
    uint64_t b = static_cast<unsigned char>(*at++);
    out |= (b & 0x7f) << shift;
    if (b < 0x80) {
      if (bits == 32 && out > UINT32_MAX) return nullptr;
      if (shift == 63 && b > 1) return nullptr;
      v = out;
      return at;
    }
  }
  return nullptr;
}
inline const char* get_varint(const char* at, const char* end, int64_t& v, int bits = 64) {
  uint64_t u;
  at = get_uvarint(at, end, u, bits);
  if (at) v = unzigzag(u);
  return at;
}

}  // namespace bobbin
