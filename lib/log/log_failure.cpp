#include "log/log_failure.h"

namespace bobbin::log {

Error LogFailure::of(Error e) {
  e = std::move(e).in(dir_);
  if (is_write_refused(e.code) || e.code == Errc::busy) return e;
  const bool is_damage = e.code == Errc::damaged || e.code == Errc::misplaced;
  e.code = is_damage ? Errc::damaged : Errc::kafka_storage_error;
  set(e);
  return e;
}

void LogFailure::set(const Error& why) {
  if (!why_) why_ = why;
}

}  // namespace bobbin::log
