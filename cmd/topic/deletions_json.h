// The JSON in which Kafka's kafka-delete-records reads what is to go:
//
//   {"version":1,"partitions":[{"topic":"orders","partition":0,"offset":1200}]}       offset -1: all that is there
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"

namespace bobbin::cmd {

struct FiledDeletion {
  std::string topic;
  PartitionId partition;
  Offset below;  // the first that stays; -1: the end
  bool operator==(const FiledDeletion&) const = default;
};

// Errc::malformed with what is wrong: no such object, another version, a field that is not known or missing, a partition twice.
Result<std::vector<FiledDeletion>> parse_deletions(Bytes json);

}  // namespace bobbin::cmd
