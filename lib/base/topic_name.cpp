#include "base/topic_name.h"

#include <array>

#include "base/text.h"

namespace bobbin {
namespace {

constexpr bool fits_in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

// By a table: a request may name tens of thousands, each of hundreds of letters.
constexpr auto fits = [] {
  std::array<bool, 256> table{};
  for (size_t c = 0; c < table.size(); c++) table[c] = fits_in_name(static_cast<char>(c));
  return table;
}();

bool all_fit(std::string_view name) {
  bool all = true;
  for (char c : name) all &= fits[static_cast<unsigned char>(c)];
  return all;
}

}  // namespace

Status check_topic_name(std::string_view name) {
  auto refuse = [](std::string why) { return error(Errc::invalid_topic_exception, std::move(why)); };
  if (name.empty()) return refuse("a topic's name cannot be empty");
  if (name == "." || name == "..") return refuse("a topic cannot be called '" + std::string(name) + "'");
  if (name.size() > topic_name_bytes_max)
    return refuse("a topic's name has at most 249 characters, this one has " + std::to_string(name.size()));
  if (!all_fit(name))
    return refuse("'" + escaped_for_line(name) +
                  "' is not a topic's name: letters, digits, '.', '_' and '-' are allowed");
  return {};
}

}  // namespace bobbin
