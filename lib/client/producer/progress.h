// Progress: how long a producer has waited for an acknowledgement, and whether a disk has refused all that while. Times are
// the session's patient milliseconds.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"

namespace bobbin::client {

class Progress {
 public:
  // The first record began to wait.
  void begin(int64_t now) { at_ms_ = now; }
  void acknowledged(int64_t now) {
    at_ms_ = now;
    refusal_.reset();
  }
  // A disk that is full or broken answers at once and for long: who waits for it is told soon, in the broker's words. One
  // that is slow refuses once and then takes its time.
  void disk_refused(Error why, int64_t now) { refusal_ = {std::move(why), now}; }

  bool is_over(int64_t timeout_ms, int64_t now) const { return now - at_ms_ > timeout_ms; }
  // When it will be.
  int64_t over_at(int64_t timeout_ms) const { return at_ms_ + timeout_ms + 1; }
  // What a disk said that refused for longer than that, or when the time was over; nothing: it is no disk.
  std::optional<Error> disk_failure(int64_t refusals_ms_max, int64_t timeout_ms, int64_t now) const {
    if (!refusal_ || (refusal_->at_ms - at_ms_ <= refusals_ms_max && !is_over(timeout_ms, now))) return std::nullopt;
    return refusal_->why;
  }

 private:
  struct Refusal {
    Error why;
    int64_t at_ms;
  };

  int64_t at_ms_ = 0;               // of the last acknowledgement, or when the first record began to wait
  std::optional<Refusal> refusal_;  // the last one since the last acknowledgement
};

}  // namespace bobbin::client
