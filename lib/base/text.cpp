#include "base/text.h"

#include <algorithm>
#include <vector>

namespace bobbin {

Character first_character(Bytes bytes) {
  auto at = [&](size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u; };
  unsigned first = at(0);
  if (first < 0x80) return {first, 1};
  size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || bytes.size() < length) return {not_a_character, 1};
  uint32_t code = first & (0x7fu >> length);
  for (size_t i = 1; i < length; i++) {
    if ((at(i) & 0xc0) != 0x80) return {not_a_character, 1};
    code = code << 6 | (at(i) & 0x3f);
  }
  constexpr uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {not_a_character, 1};
  return {code, length};
}

namespace {

// All of these begin with one of few bytes, so that most text is passed over quickly.
bool may_steer(unsigned char first) {
  return first < 0x20 || first == 0x7f || first == 0xc2 || first == 0xd8 || first == 0xe2;
}

bool is_steering(uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c || code == 0x200e || code == 0x200f ||
         code == 0x2028 || code == 0x2029 || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

constexpr char hex[] = "0123456789abcdef";

void append_byte_escape(std::string& to, unsigned char byte) {
  to += "\\x";
  to += hex[byte >> 4];
  to += hex[byte & 15];
}

void append_character_escape(std::string& to, uint32_t code) {
  if (code < 0x80) return append_byte_escape(to, static_cast<unsigned char>(code));
  to += "\\u{";
  for (int shift = 12; shift >= 0; shift -= 4) to += hex[code >> shift & 15];  // all that steer are below U+10000
  to += '}';
}

std::string escaped(Bytes bytes, std::string_view kept_controls) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    Character c = first_character(bytes);
    if (c.code == not_a_character) append_byte_escape(out, static_cast<unsigned char>(bytes[0]));
    else if (may_steer(static_cast<unsigned char>(bytes[0])) && is_steering(c.code) &&
             kept_controls.find(bytes[0]) == kept_controls.npos)
      append_character_escape(out, c.code);
    else out.append(bytes.substr(0, c.bytes));
    bytes.remove_prefix(c.bytes);
  }
  return out;
}

}  // namespace

bool is_utf8(Bytes bytes) {
  while (true) {
    // Most text is ASCII: eight characters at a time.
    uint64_t eight = 0;
    while (bytes.size() >= sizeof eight) {
      std::memcpy(&eight, bytes.data(), sizeof eight);
      if (eight & 0x8080808080808080) break;
      bytes.remove_prefix(sizeof eight);
    }
    if (bytes.empty()) return true;
    Character c = first_character(bytes);
    if (c.code == not_a_character) return false;
    bytes.remove_prefix(c.bytes);
  }
}

size_t steering_bytes(Bytes bytes, uint32_t& code) {
  if (bytes.empty() || !may_steer(static_cast<unsigned char>(bytes[0]))) return 0;
  Character c = first_character(bytes);
  if (c.code == not_a_character || !is_steering(c.code)) return 0;
  code = c.code;
  return c.bytes;
}

std::string escaped_for_terminal(Bytes bytes) { return escaped(bytes, "\n\t"); }
std::string escaped_for_line(Bytes bytes) { return escaped(bytes, ""); }

size_t edit_distance(std::string_view a, std::string_view b) {
  // Rows of the usual table; a swap of neighbours looks two rows back.
  std::vector<size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); j++) above[j] = j;
  for (size_t i = 1; i <= a.size(); i++) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); j++) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

std::optional<std::string_view> nearest_name(std::string_view word, std::span<const std::string_view> names) {
  // A third of the word may be wrong; a long word is a waste of time.
  if (word.empty() || word.size() > 200) return std::nullopt;
  size_t best = std::max<size_t>(2, word.size() / 3) + 1;
  std::optional<std::string_view> found;
  for (std::string_view name : names) {
    size_t distance = edit_distance(word, name);
    if (distance >= best || distance >= name.size()) continue;
    best = distance;
    found = name;
  }
  return found;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\f\v";
  size_t first = text.find_first_not_of(space);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  if (text.empty()) return parts;
  for (size_t at; (at = text.find(by)) != text.npos; text.remove_prefix(at + 1)) parts.push_back(text.substr(0, at));
  parts.push_back(text);
  return parts;
}

}  // namespace bobbin
