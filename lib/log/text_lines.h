// The form that Kafka's checkpoint files share: "0\n", the number of lines, the lines.
#pragma once

#include <charconv>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace bobbin::log {

template <class T>
std::optional<T> parse_number(Bytes text) {
  T value{};
  auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (bad != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

inline std::vector<Bytes> split_lines(Bytes text) {
  std::vector<Bytes> out;
  while (!text.empty()) {
    size_t end = text.find('\n');
    out.push_back(text.substr(0, end));
    text = end == Bytes::npos ? Bytes() : text.substr(end + 1);
  }
  return out;
}

// The lines after the count. Errc::malformed: another version, or not as many as announced.
inline Result<std::vector<Bytes>> parse_counted_lines(Bytes text) {
  std::vector<Bytes> lines = split_lines(text);
  if (lines.size() < 2 || lines[0] != "0" || text.back() != '\n')
    return error(Errc::malformed, "not a checkpoint of version 0");
  auto count = parse_number<uint64_t>(lines[1]);
  if (!count || *count != lines.size() - 2) return error(Errc::malformed, "a checkpoint that was cut short");
  lines.erase(lines.begin(), lines.begin() + 2);
  return lines;
}

}  // namespace bobbin::log
