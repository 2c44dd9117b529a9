#include "base/offset_name.h"

#include <algorithm>

#include "base/number.h"

namespace bobbin {

namespace {
constexpr size_t offset_digits = 20;
}  // namespace

std::string offset_name(Offset offset, std::string_view suffix) {
  std::string digits = to_string(offset);
  return std::string(offset_digits - std::min(offset_digits, digits.size()), '0') + digits + std::string(suffix);
}

std::optional<Offset> parse_offset_name(std::string_view name, std::string_view suffix) {
  if (name.size() != offset_digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  auto number = number_in<int64_t>(name.substr(0, offset_digits), 0);
  return number ? std::optional(Offset(*number)) : std::nullopt;
}

}  // namespace bobbin
