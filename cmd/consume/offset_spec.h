// The grammar of -o: where a consume starts, and where it stops.
//
//   spec   = start | stop | range
//   start  = beginning|start|earliest|oldest | end|latest|newest | N | +N | -N | @time | s@time
//   stop   = e@time
//   range  = [start] ":" [N | end | @time]      ":end" stops at the present end
//          = "@" time ":" (time | end | @time)
//
// +N counts from the first record, -N back from the end. A time may hold colons itself (2026-01-31T10:00Z): the one
// that divides is the first with something that parses on both sides.
#pragma once

#include <optional>
#include <string_view>

#include "base/id.h"
#include "base/result.h"

namespace bobbin::cmd {

struct Place {
  enum class Kind { beginning, end, absolute, from_start, from_end, time };
  Kind kind = Kind::beginning;
  int64_t value = 0;  // an offset, a count, or milliseconds
  bool operator==(const Place&) const = default;
};

struct OffsetSpec {
  std::optional<Place> start;  // absent: nothing was said
  std::optional<Place> stop;   // exclusive
  bool operator==(const OffsetSpec&) const = default;
};

// Errc::usage with a sentence.
Result<OffsetSpec> parse_offset_spec(std::string_view text, Timestamp now);

// Joins -o given twice ("s@..." and "e@..."). Errc::usage if both say the same end.
Status merge(OffsetSpec& into, const OffsetSpec& more);

}  // namespace bobbin::cmd
