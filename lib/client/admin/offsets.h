// Where partitions begin and end, and where a time lies in them. All block until answered or nobody answered for the target's time-out. A Result
// that failed says that the question did not get through; what the cluster said of one item is in that item's status,
// Kafka's error turned into a sentence (sentences.h).
#pragma once

#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/admin/leader_offsets.h"

namespace bobbin::client {

class Session;

// Of every partition of the topic, or of those named; asked of their leaders, or looked for by reading where there is no
// asking (early_times.h): any time will do, also -1 and what lies before 1970. unknown_topic_or_partition.
Result<std::vector<PartitionOffset>> list_offsets(Session&, const std::string& topic, At query,
                                                  const std::vector<PartitionId>& partitions = {});

}  // namespace bobbin::client
