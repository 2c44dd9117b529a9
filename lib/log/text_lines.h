// The form that Kafka's checkpoint files share: "0\n", the number of lines, the lines.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/number.h"
#include "base/result.h"

namespace bobbin::log {

// Takes the first line off `text`, without its end.
inline Bytes take_line(Bytes& text) {
  size_t end = text.find('\n');
  Bytes line = text.substr(0, end);
  text = end == Bytes::npos ? Bytes() : text.substr(end + 1);
  return line;
}

// A line as an error message may quote it: a file that is no text may be one line.
inline std::string quoted(Bytes line) {
  constexpr size_t shown_max = 100;
  return line.size() <= shown_max ? "'" + std::string(line) + "'"
                                  : "'" + std::string(line.substr(0, shown_max)) + "...'";
}

// Calls `visit(Bytes line)` for each line after the count, until it returns an error. Errc::malformed: another version, or
// not as many lines as announced.
template <class Visit>
Status each_counted_line(Bytes text, Visit&& visit) {
  if (text.empty() || text.back() != '\n' || take_line(text) != "0")
    return error(Errc::malformed, "not a checkpoint of version 0");
  auto count = number_in<uint64_t>(take_line(text));
  if (!count) return error(Errc::malformed, "a checkpoint without the number of its lines");
  for (uint64_t i = 0; i < *count; i++) {
    if (text.empty()) return error(Errc::malformed, "a checkpoint that was cut short");
    BOBBIN_TRY(visit(take_line(text)));
  }
  return text.empty() ? Status() : error(Errc::malformed, "a checkpoint with more lines than it counts");
}

}  // namespace bobbin::log
