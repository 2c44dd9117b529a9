// Opening: makes the parts of a Log from what lies in its directory. It may take long: what a crash left is read, cut and
// synced (open_work.h makes a job of it). Damaged files do not make it fail (see RecoveryReport); a disk that cannot be read or
// written does.
#pragma once

#include <string>

#include "log/log_parts.h"
#include "log/open_hint.h"
#include "log/recovery_report.h"

namespace bobbin::log {

struct ToOpen {
  // A directory that does not exist is an empty log. The one above was synced since the last crash.
  std::string dir;
  // Errc::inconsistent_topic_id: the directory belongs to another topic. A zero id neither checks nor writes
  // partition.metadata.
  TopicId topic_id;
  LogConfig config;
  OpenHint hint;
};

// Nobody else has the log open. Blocks. Errc::busy: no descriptor was free.
Result<LogParts> open_parts(os::World& world, Files& files, const ToOpen& to_open, RecoveryReport& report);

}  // namespace bobbin::log
