// Where `group reset` moves a group: one of Kafka's ways, as it is written on the command line.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/id.h"
#include "base/result.h"
#include "client/group/commits.h"
#include "cmd/words/arguments.h"

namespace bobbin::cmd {

struct ResetWay {
  enum class Kind { earliest, latest, current, offset, time, shift, file };
  Kind kind = Kind::earliest;
  int64_t value = 0;            // the offset, the time, or by how many
  client::Positions file = {};  // of this group
};

// Exactly one must be given; a file is read at once. Errc::usage.
Result<ResetWay> reset_way(const Arguments&, const std::string& group, Timestamp now);

// "PT1H30M", "P1DT2H", as Kafka's --by-duration has it, or as durations are written everywhere ("1h30m"). Errc::usage.
Result<int64_t> any_duration_ms(std::string_view text);

// What is known of a partition when its new position is chosen.
struct ResetLog {
  Offset first, end;
  std::optional<Offset> current = {};  // none: the group has no position
  Offset at_time = offset_none;        // the first record at or after the time; none: there is none
};
struct NewPosition {
  Offset offset;
  bool was_outside = false;  // what was asked for lies outside the log, and is brought to its end
};
// Nothing: by how many to shift says nothing where there is no position. `wanted`: of a file.
std::optional<NewPosition> new_position(const ResetWay& way, const ResetLog& log, std::optional<Offset> wanted);

}  // namespace bobbin::cmd
