#include "assignor/order.h"

#include <algorithm>

namespace bobbin::assignor {

bool utf16_before(std::string_view a, std::string_view b) {
  auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (in_a == a.end() || in_b == b.end()) return in_b != b.end();
  auto rank = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    const bool after_surrogates = byte == 0xee || byte == 0xef;  // begins one of U+E000 to U+FFFF
    return after_surrogates ? 0x100 + byte : byte;
  };
  return rank(*in_a) < rank(*in_b);
}

bool by_id(const Member& a, const Member& b) { return utf16_before(a.id, b.id); }

bool static_first(const Member& a, const Member& b) {
  if (a.instance_id && b.instance_id) return utf16_before(*a.instance_id, *b.instance_id);
  if (a.instance_id || b.instance_id) return a.instance_id.has_value();
  return by_id(a, b);
}

}  // namespace bobbin::assignor
