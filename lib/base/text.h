// Text for people: is it text at all, what may a terminal be shown, and which name was meant.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace bobbin {

// The character at the front of `bytes`, and how long it is; not_a_character and 1 where that is not UTF-8, or nothing.
inline constexpr uint32_t not_a_character = 0xffffffff;
struct Character {
  uint32_t code;
  size_t bytes;
};
Character first_character(Bytes bytes);

// Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
bool is_utf8(Bytes bytes);

// The bytes of the character at the front, if it steers a terminal or makes text read otherwise than it is: control
// characters, DEL, C1 controls, line separators, bidirectional marks and overrides. 0: it does not, or is not UTF-8. This is
// the one list of them.
size_t steering_bytes(Bytes bytes, uint32_t& code);

// What a terminal may be shown: control characters other than newline and tab, DEL, C1 controls, bidirectional
// overrides and bytes that are not UTF-8 become "\xNN" or "\u{NNNN}". Nothing that comes out can steer a terminal.
std::string escaped_for_terminal(Bytes bytes);

// The same for one line of a log file or an error message: newline and tab are escaped too.
std::string escaped_for_line(Bytes bytes);

// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
size_t edit_distance(std::string_view a, std::string_view b);

// The name that was probably meant, or nothing if none is near.
std::optional<std::string_view> nearest_name(std::string_view word, std::span<const std::string_view> names);

// Without white space at both ends.
std::string_view trimmed(std::string_view text);

// The parts of a text that `by` separates, also those that are empty; none of an empty text. Views into it.
std::vector<std::string_view> split(std::string_view text, char by);

}  // namespace bobbin
