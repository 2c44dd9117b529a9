// Java's (xerial) framing of snappy, for the files of this folder: magic, int32 version, int32 compatible version, then
// blocks of int32 length and a raw snappy block. Streams may follow one another. librdkafka sends one raw block instead.
#pragma once

#include <snappy.h>

#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace bobbin::record {

inline constexpr Bytes xerial_magic("\x82SNAPPY\0", 8);
inline constexpr size_t xerial_header_bytes = 16;
inline constexpr size_t xerial_block_bytes = 32 * 1024;  // what Java writes

inline Error not_snappy() {
  return error(Errc::malformed, "compressed records are no snappy stream, or it is cut short");
}

// Takes the next block from the front of `in`; nothing: that was all.
inline Result<std::optional<Bytes>> next_xerial_block(Bytes& in) {
  while (in.starts_with(xerial_magic)) {
    if (in.size() < xerial_header_bytes) return not_snappy();
    in.remove_prefix(xerial_header_bytes);
  }
  if (in.empty()) return std::optional<Bytes>();
  if (in.size() < 4) return not_snappy();
  int32_t size = load_be<int32_t>(in.data());
  in.remove_prefix(4);
  if (size <= 0 || static_cast<size_t>(size) > in.size()) return not_snappy();
  Bytes block = in.substr(0, static_cast<size_t>(size));
  in.remove_prefix(block.size());
  return std::optional(block);
}

// What a raw block becomes, as it says itself, where that can be true.
inline Result<size_t> snappy_block_size(Bytes block) {
  constexpr size_t ratio_max = 22;  // three bytes copy at most 64
  size_t size = 0;
  if (!snappy::GetUncompressedLength(block.data(), block.size(), &size) || size / ratio_max > block.size())
    return not_snappy();
  return size;
}

inline void begin_xerial(std::string& out) {
  out += xerial_magic;
  append_be(out, int32_t{1});
  append_be(out, int32_t{1});
}

inline void append_xerial_block(Bytes block, std::string& out) {
  size_t start = out.size();
  out.resize(start + 4 + snappy::MaxCompressedLength(block.size()));
  size_t size = 0;
  snappy::RawCompress(block.data(), block.size(), out.data() + start + 4, &size);
  store_be(out.data() + start, static_cast<int32_t>(size));
  out.resize(start + 4 + size);
}

}  // namespace bobbin::record
