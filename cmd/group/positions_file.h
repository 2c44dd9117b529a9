// Positions in a file: what group export writes, what Kafka's kafka-consumer-groups --export writes, and what
// --reset-offsets --from-file reads.
//
//   csv  := line*                        line := [group ","] topic "," partition "," offset
//   json := [{"group":G,"topic":T,"partition":N,"offset":N}, ...]                        the group may be left out
//
// A field of CSV that holds a comma, a quote or the end of a line stands in quotes, in which a quote is written twice.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"

namespace bobbin::cmd {

struct FiledPosition {
  std::string group;  // empty: not told
  std::string topic;
  PartitionId partition;
  Offset offset;
  bool operator==(const FiledPosition&) const = default;
};

// JSON if it begins with '[', else CSV. Errc::malformed with what is wrong and where.
Result<std::vector<FiledPosition>> parse_positions(Bytes text);

// The groups are told where `with_groups`.
std::string positions_csv(const std::vector<FiledPosition>& positions, bool with_groups);

}  // namespace bobbin::cmd
