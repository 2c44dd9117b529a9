// Bytes: a view of bytes that somebody else owns (who, each function that keeps one says). Owned bytes are std::string.
// Numbers on disk and on the wire are big-endian, as in Kafka.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bobbin {

using Bytes = std::string_view;

template <std::integral T>
inline T load_be(const char* at) {
  std::make_unsigned_t<T> v;
  std::memcpy(&v, at, sizeof v);
  if constexpr (sizeof v == 2) v = __builtin_bswap16(v);
  if constexpr (sizeof v == 4) v = __builtin_bswap32(v);
  if constexpr (sizeof v == 8) v = __builtin_bswap64(v);
  return static_cast<T>(v);
}

template <std::integral T>
inline void store_be(char* at, T value) {
  auto v = static_cast<std::make_unsigned_t<T>>(value);
  if constexpr (sizeof v == 2) v = __builtin_bswap16(v);
  if constexpr (sizeof v == 4) v = __builtin_bswap32(v);
  if constexpr (sizeof v == 8) v = __builtin_bswap64(v);
  std::memcpy(at, &v, sizeof v);
}

template <std::integral T>
inline void append_be(std::string& to, T value) {
  char b[sizeof(T)];
  store_be(b, value);
  to.append(b, sizeof b);
}

}  // namespace bobbin
