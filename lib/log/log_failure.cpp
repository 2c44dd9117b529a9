#include "log/log_failure.h"

namespace bobbin::log {

Error LogFailure::of(Error e) {
  if (is_write_refused(e.code) || e.code == Errc::busy) return std::move(e).in(dir_);
  return end_with(std::move(e));
}

Error LogFailure::end_with(Error e) {
  e = std::move(e).in(dir_);
  const bool is_damage = e.code == Errc::damaged || e.code == Errc::misplaced;
  e.code = is_damage ? Errc::damaged : Errc::kafka_storage_error;
  set(e);
  return e;
}

void LogFailure::set(const Error& why) {
  if (!why_) why_ = why;
}

}  // namespace bobbin::log
