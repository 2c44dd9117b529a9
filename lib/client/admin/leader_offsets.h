// What leaders say of offsets: a question to each, asked again for what could not be answered. Times before 1970 they cannot be
// asked for (early_times.h); list_offsets() knows them all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"

namespace bobbin::client {

class Session;

struct OffsetQuery {
  enum class Kind : uint8_t { earliest, latest, time, max_timestamp };
  Kind kind = Kind::latest;
  int64_t time_ms = 0;  // of leaders: from 0 on
};
struct PartitionOffset {
  PartitionId partition;
  Status status;
  Offset offset = offset_none;           // none: no record at or after that time
  Timestamp timestamp = timestamp_none;  // of that record, if a time was asked for
  LeaderEpoch leader_epoch = leader_epoch_none;
};
// Of these partitions of the topic, in their order, of all if none is named. Blocks like list_offsets(), and fails like it.
Result<std::vector<PartitionOffset>> ask_leaders(Session&, const std::string& topic, OffsetQuery query,
                                                 const std::vector<PartitionId>& partitions);

// Nothing but the offsets. The first failure is the failure of all.
Result<std::vector<Offset>> offsets_alone(Result<std::vector<PartitionOffset>> told);

}  // namespace bobbin::client
