#include "os/posix/clock.h"

#include <ctime>

namespace bobbin::os {

namespace {

int64_t now_ms(clockid_t clock) {
  timespec t{};
  ::clock_gettime(clock, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

}  // namespace

int64_t PosixClock::mono_ms() { return now_ms(CLOCK_MONOTONIC); }

Timestamp PosixClock::wall() { return Timestamp(now_ms(CLOCK_REALTIME)); }

}  // namespace bobbin::os
