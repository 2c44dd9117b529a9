// What leaders say of offsets: a question to each, asked again for what could not be answered. Times before 1970 they cannot be
// asked for (early_times.h); list_offsets() knows them all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "bobbin/values.h"

namespace bobbin::client {

class Session;

using api::At;

// The first record at or after it. Leaders know times from 0 on.
inline At at_time(Timestamp when) { return At::time(api::Timestamp(api::milliseconds(when.value))); }
inline Timestamp time_of(At at) { return Timestamp(at.when.time_since_epoch().count()); }

struct PartitionOffset {
  PartitionId partition;
  Status status;
  Offset offset = offset_none;           // none: no record at or after that time
  Timestamp timestamp = timestamp_none;  // of that record, if a time was asked for
  LeaderEpoch leader_epoch = leader_epoch_none;
};
// Of these partitions of the topic, in their order, of all if none is named. Blocks like list_offsets(), and fails like it.
Result<std::vector<PartitionOffset>> ask_leaders(Session&, const std::string& topic, At query,
                                                 const std::vector<PartitionId>& partitions);

// Nothing but the offsets. The first failure is the failure of all.
Result<std::vector<Offset>> offsets_alone(Result<std::vector<PartitionOffset>> told);

}  // namespace bobbin::client
