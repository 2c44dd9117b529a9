#include "log/open_work.h"

namespace bobbin::log {

OpenWork::OpenWork(os::World& world, Files& files, ToOpen to_open)
    : world_(world), files_(files), own_files_(files.for_job()), to_open_(std::move(to_open)) {
  files_.forget_below(to_open_.dir);
}

void OpenWork::run() { parts_ = open_parts(world_, own_files_, to_open_, report_); }

Result<std::unique_ptr<Log>> OpenWork::take() {
  check(parts_.has_value(), "an opening that was run");
  if (!*parts_ && parts_->error().code == Errc::busy) files_.close_idle();
  if (!*parts_) {
    Error why = std::move(*parts_).error();
    if (why.code == Errc::misplaced) why.code = Errc::damaged;
    return std::move(why).in(to_open_.dir);
  }
  LogParts parts = std::move(**parts_);
  parts.segments.use(files_);
  parts.unsynced.use(files_);
  return std::make_unique<Log>(world_, files_, to_open_, std::move(parts));
}

Result<std::unique_ptr<Log>> open_log(os::World& world, Files& files, std::string dir, TopicId topic_id,
                                      const LogConfig& config, const OpenHint& hint, RecoveryReport& report) {
  const ToOpen to_open{std::move(dir), topic_id, config, hint};
  for (bool is_again = false;; is_again = true) {
    OpenWork opening(world, files, to_open);
    opening.run();
    report = opening.report();
    auto log = opening.take();
    // What nobody held is closed now, so that a descriptor is free.
    if (log || log.error().code != Errc::busy || is_again) return log;
  }
}

}  // namespace bobbin::log
