#include "broker/housekeeping.h"

#include <algorithm>

namespace bobbin::broker {

namespace {
constexpr size_t logs_a_round = 16;
}  // namespace

void Housekeeping::begin() {
  is_retaining_ = true;  // whatever was read
  next_retention_ms_ = world_.clock.mono_ms() + interval_ms_();
}

void Housekeeping::run() {
  const int64_t now = world_.clock.mono_ms();
  if (now >= next_retention_ms_) begin();
  if (is_retaining_ && !waits_for_logs_) {
    waits_for_logs_ = true;
    retention_.step(logs_a_round, [this](bool complete) { pass_over(complete); });
  }
  if (next_removal_ms_ && now >= *next_removal_ms_) next_removal_ms_ = retention_.remove_due_files(now);
}

void Housekeeping::pass_over(bool complete) {
  waits_for_logs_ = false;
  if (!complete || ended_) return;
  is_retaining_ = false;
  retention_.note_boot();
  next_removal_ms_ = retention_.remove_due_files(world_.clock.mono_ms());
  retained_();
}

int64_t Housekeeping::next_deadline_ms() const {
  const int64_t next = is_retaining_ && !waits_for_logs_ ? 0 : next_retention_ms_;
  return next_removal_ms_ ? std::min(next, *next_removal_ms_) : next;
}

}  // namespace bobbin::broker
