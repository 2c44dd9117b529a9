// A decimal number in a text.
#pragma once

#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

namespace bobbin {

// The number that the whole text is: digits, for signed types perhaps after a '-'; no blanks, no '+'. Nothing: it is none, or
// not within the bounds.
template <class T>
std::optional<T> number_in(std::string_view text, T min = std::numeric_limits<T>::min(),
                           T max = std::numeric_limits<T>::max()) {
  T value{};
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || value < min || value > max) return std::nullopt;
  return value;
}

}  // namespace bobbin
