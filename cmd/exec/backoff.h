// Backoff: how long to wait before something that failed is tried again: twice as long after each failure, up to a bound.
#pragma once

#include <algorithm>
#include <cstdint>

namespace bobbin::cmd {

struct Backoff {
  static constexpr int64_t ms_max = 10'000;

  int64_t first_ms = 200;  // a first one beyond the bound stays as it is

  // After so many failures in a row, 1 or more.
  int64_t after_ms(int failures) const {
    int64_t ms = first_ms;
    for (int i = 1; i < failures && ms > 0 && ms < ms_max; i++) ms = std::min(ms * 2, ms_max);
    return ms;
  }
};

}  // namespace bobbin::cmd
