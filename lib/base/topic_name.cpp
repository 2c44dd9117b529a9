#include "base/topic_name.h"

#include <algorithm>

#include "base/text.h"

namespace bobbin {
namespace {

bool fits_in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

Status check_topic_name(std::string_view name) {
  auto refuse = [](std::string why) { return error(Errc::invalid_topic_exception, std::move(why)); };
  if (name.empty()) return refuse("a topic's name cannot be empty");
  if (name == "." || name == "..") return refuse("a topic cannot be called '" + std::string(name) + "'");
  if (name.size() > topic_name_bytes_max)
    return refuse("a topic's name has at most 249 characters, this one has " + std::to_string(name.size()));
  if (!std::all_of(name.begin(), name.end(), fits_in_name))
    return refuse("'" + escaped_for_line(name) + "' is not a topic's name: letters, digits, '.', '_' and '-' are allowed");
  return {};
}

}  // namespace bobbin
