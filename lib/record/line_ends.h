// Walks over the places of one byte in a text, 64 bytes at a time.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace bobbin::record {

class LineEnds {
 public:
  LineEnds(Bytes text, char delimiter) : block_(text.data()), end_(text.data() + text.size()), delimiter_(delimiter) {
    if (!text.empty()) mask_ = look();
  }

  // The next place, or nullptr.
  const char* next() {
    while (mask_ == 0) {
      if (static_cast<size_t>(end_ - block_) <= block_bytes) return nullptr;
      block_ += block_bytes;
      mask_ = look();
    }
    const char* found = block_ + __builtin_ctzll(mask_);
    mask_ &= mask_ - 1;
    return found;
  }

 private:
  static constexpr size_t block_bytes = 64;

  // A bit for each byte of the block that is the delimiter.
  uint64_t look() const {
    auto left = static_cast<size_t>(end_ - block_);
    if (left >= block_bytes) return look_at(block_);
    char rest[block_bytes] = {};
    std::memcpy(rest, block_, left);
    return look_at(rest) & ((uint64_t{1} << left) - 1);
  }

  uint64_t look_at(const char* at) const {
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi8(delimiter_);
    auto bits = [&](int i) {
      __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at) + i);
      return static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted))));
    };
    return bits(0) | bits(1) << 16 | bits(2) << 32 | bits(3) << 48;
#else
    uint64_t bits = 0;
    for (size_t i = 0; i < block_bytes; i++) bits |= static_cast<uint64_t>(at[i] == delimiter_) << i;
    return bits;
#endif
  }

  const char* block_;
  const char* end_;
  char delimiter_;
  uint64_t mask_ = 0;
};

}  // namespace bobbin::record
