// ClockDoubt: whether the wall clock may be wrong. It went on by more than an hour while less time passed, or since it was last
// seen: in a broker's life, or by the files that an earlier life wrote. The machine may have been off, or somebody has set
// the clock; nobody can tell. For a day a record's age proves little then.
//
// Used by the deciding thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/id.h"
#include "os/seam.h"

namespace bobbin::cluster {

class ClockDoubt {
 public:
  static constexpr int64_t jump_ms = 3'600'000, doubt_ms = 24 * jump_ms;

  // Looks at the clocks. By how much the wall clock has jumped ahead, if it did, since the last look.
  std::optional<int64_t> look(Timestamp wall, int64_t mono_ms) {
    const int64_t ahead = seen_ ? (wall - seen_->wall) - (mono_ms - seen_->mono_ms) : 0;
    seen_ = {wall, mono_ms};
    if (ahead <= jump_ms) return std::nullopt;
    until_ms_ = mono_ms + doubt_ms;
    return ahead;
  }
  // It was `wall` at some time before.
  void seen_before(Timestamp wall, int64_t mono_ms) { seen_ = {wall, mono_ms}; }
  bool is_open(int64_t mono_ms) const { return mono_ms < until_ms_; }

 private:
  struct Seen {
    Timestamp wall;
    int64_t mono_ms;
  };
  std::optional<Seen> seen_;
  int64_t until_ms_ = INT64_MIN;
};

// The newest of the files that lie in a folder; nothing: there are none. Blocks.
std::optional<Timestamp> last_written_in(os::Storage& storage, const std::string& folder);

}  // namespace bobbin::cluster
