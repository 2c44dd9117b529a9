// Where the reading of one partition starts and stops: what was asked for, put to what its leader tells of the log.
#pragma once

#include <optional>
#include <string>

#include "base/id.h"
#include "base/result.h"
#include "client/consumer/options.h"

namespace bobbin::client {

struct LogTold {
  Offset first, end;
  Offset start_time = offset_none, stop_time = offset_none;  // asked for by time; none: no record at or after it
};

struct ReadingRange {
  Offset start;
  std::optional<Offset> stop;
};

// `own_start`: this partition goes on there, whatever `start` says; `name` is for words. Errc::malformed: no log begins behind
// its end. Errc::offset_out_of_range: it should fail then, and there is something to read.
Result<ReadingRange> range_of(const Start& start, const Stop& stop, OutOfRange out_of_range, const LogTold& log,
                              std::optional<Offset> own_start, const std::string& name);

Error is_out_of_range(const std::string& name, Offset offset, Offset first, Offset end);

}  // namespace bobbin::client
