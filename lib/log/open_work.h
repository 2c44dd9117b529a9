// OpenWork: the opening of a Log (opening.h), from what lies in its directory. It may take long: what a crash left is read, cut and
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

#include "log/log.h"
#include "log/opening.h"

namespace bobbin::log {

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

// The same, done at once. Blocks.
Result<std::unique_ptr<Log>> open_log(os::World& world, Files& files, std::string dir, TopicId topic_id,
                                      const LogConfig& config, const OpenHint& hint, RecoveryReport& report);

}  // namespace bobbin::log
