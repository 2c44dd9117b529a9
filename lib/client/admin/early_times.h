// Looking up times before 1970. A ListOffsets request has no word for them: its negative times name ends (-1 the latest
// offset, ...), and brokers refuse all others. So these are looked for by reading, up to the first record from 1970 on,
// which is where nearly every log begins. A record without a time has the time -1.
#pragma once

#include <string>
#include <vector>

#include "client/admin/leader_offsets.h"

namespace bobbin::client {

// What ask_leaders() would say of a time below 0. Blocks while it reads.
Result<std::vector<PartitionOffset>> list_offsets_before_1970(Session&, const std::string& topic, Timestamp at,
                                                              const std::vector<PartitionId>& partitions);

}  // namespace bobbin::client
