// When the first record at or behind an offset was written, of several partitions at once: looked for by reading, as brokers
// only tell the way from times to offsets.
#pragma once

#include <map>

#include "base/id.h"
#include "base/result.h"
#include "client/group/commits.h"

namespace bobbin::client {

class Session;

struct Stretch {
  Offset from, end;
};
// Nothing of a stretch that holds no record, as behind compaction. A place whose `from` retention took begins at what is left.
// Blocks; no_answer: a leader sent nothing for the target's time-out.
Result<std::map<Place, Timestamp>> first_times(Session&, const std::map<Place, Stretch>& where);

}  // namespace bobbin::client
