// Opening: makes the parts of a Log from what lies in its directory. It may take long: what a crash left is read, cut and
// synced. So it is work for a job, which shares nothing with the thread that will use the log:
//
//   auto opening = std::make_shared<OpenWork>(world, files, to_open);
//   world.jobs.submit([opening] { opening->run(); },                      on any thread
//                     [opening] { auto log = opening->take(); ... });     on the deciding thread
//
// Damaged files do not make it fail (see RecoveryReport); a disk that cannot be read or written does.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "log/open_hint.h"
#include "log/producer_snapshots.h"
#include "log/recovery_report.h"

namespace bobbin::log {

class Log;

struct ToOpen {
  // A directory that does not exist is an empty log. The one above was synced since the last crash.
  std::string dir;
  // Errc::inconsistent_topic_id: the directory belongs to another topic. A zero id neither checks nor writes
  // partition.metadata.
  TopicId topic_id;
  LogConfig config;
  OpenHint hint;
};

// What a log is made of.
struct LogParts {
  Segments segments;
  Unsynced unsynced;
  EpochFile epochs;
  ProducerSnapshots snapshots;
  Producers producers;
  Offset log_start;
};

class OpenWork {
 public:
  // Nobody else has the log open. `files` and `world` outlive it; take() gives the log to them.
  OpenWork(os::World& world, Files& files, ToOpen to_open);

  // Blocks. On any thread, once. Uses the world's storage and clock, and files of its own.
  void run();
  // After run(), on the deciding thread, once. Errc::busy: no descriptor was free. Then those that nobody holds are closed:
  // another try may find one.
  Result<std::unique_ptr<Log>> take();
  // After run(), also if that failed.
  const RecoveryReport& report() const { return report_; }

 private:
  os::World& world_;
  Files& files_;
  Files own_files_;
  ToOpen to_open_;
  RecoveryReport report_;
  std::optional<Result<LogParts>> parts_;
};

}  // namespace bobbin::log
