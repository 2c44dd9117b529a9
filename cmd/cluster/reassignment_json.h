// The JSON in which Kafka's kafka-reassign-partitions reads what is to move:
//
//   {"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[1,2,3],"log_dirs":["any","any","any"]}]}
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "client/admin/reassignments.h"

namespace bobbin::cmd {

// Errc::malformed with what is wrong: no such object, another version, a field that is not known, a partition twice. log_dirs may
// only be "any": which folder of a broker a copy lies in is not chosen here.
Result<std::vector<client::Reassignment>> parse_reassignments(Bytes json);

}  // namespace bobbin::cmd
