// Patience: milliseconds to measure patience with. They run as the clock does while this process does, and stand still while
// it is stopped: a command that comes back from Ctrl-Z reads its answers before it finds that nobody answered.
#pragma once

#include <algorithm>
#include <cstdint>

namespace bobbin::client {

// Before the same is asked of a broker once more, and before another connection is tried; the latter doubles.
inline constexpr int64_t retry_pause_ms = 20;
// Before the same is asked once more of others, while it failed for so long already: a broker that dies is replaced within
// milliseconds, and what takes longer is asked for less and less often.
constexpr int64_t pause_after(int64_t failing_ms, int64_t pause_ms_max) {
  return std::clamp<int64_t>(failing_ms / 4, 1, pause_ms_max);
}
// A connection needs a moment. Only then it is looked whether another broker leads.
inline constexpr int64_t leader_grace_ms = 20;

class Patience {
 public:
  explicit Patience(int64_t clock_ms) : now_(clock_ms), seen_(clock_ms) {}
  int64_t now_ms() const { return now_; }
  // The clock as it is now, after a wait that was allowed to take so long (below 0: for ever).
  void tick(int64_t clock_ms, int64_t allowed_ms) {
    const int64_t passed = std::max<int64_t>(clock_ms - seen_, 0);
    seen_ = clock_ms;
    now_ += allowed_ms < 0 ? passed : std::min(passed, allowed_ms + stopped_ms);
  }

 private:
  static constexpr int64_t stopped_ms = 1000;  // who did nothing for longer was stopped, not patient
  int64_t now_, seen_;
};

}  // namespace bobbin::client
