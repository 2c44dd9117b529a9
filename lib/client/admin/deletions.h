// Records that go from the front of partitions (Kafka's DeleteRecords). Blocks until answered, or until nobody has answered for the
// target's time-out.
#pragma once

#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"

namespace bobbin::client {

class Session;

struct Deletion {
  PartitionId partition;
  Offset below;  // the first that stays
};

struct Deleted {
  PartitionId partition;
  // offset_out_of_range: behind the end; policy_violation: its configs keep all records; request_timed_out: its leader has done it,
  // and not every replica has followed yet.
  Status status;
  Offset start = offset_none;  // where every replica begins from now on, or later
};
// Of each of these partitions of the topic, in their order; one is named once. A leader that could not answer is asked again:
// deleting twice is deleting once. A Result that failed says that the question did not get through.
// unknown_topic_or_partition.
Result<std::vector<Deleted>> delete_records(Session&, const std::string& topic, const std::vector<Deletion>& what);

}  // namespace bobbin::client
