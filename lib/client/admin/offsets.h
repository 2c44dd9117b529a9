// Where partitions begin and end, and where a time lies in them. All block until answered or nobody answered for the target's time-out. A Result
// that failed says that the question did not get through; what the cluster said of one item is in that item's status,
// Kafka's error turned into a sentence (sentences.h).
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
  int64_t time_ms = 0;  // any: also -1 and what lies before 1970
};
struct PartitionOffset {
  PartitionId partition;
  Status status;
  Offset offset = offset_none;           // none: no record at or after that time
  Timestamp timestamp = timestamp_none;  // of that record, if a time was asked for
  LeaderEpoch leader_epoch = leader_epoch_none;
};
// Of every partition of the topic, or of those named; asked of their leaders. unknown_topic_or_partition.
Result<std::vector<PartitionOffset>> list_offsets(Session&, const std::string& topic, OffsetQuery query,
                                                  const std::vector<PartitionId>& partitions = {});

}  // namespace bobbin::client
