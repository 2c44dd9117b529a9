// The real clock.
#pragma once

#include "os/seam.h"

namespace bobbin::os {

class PosixClock final : public Clock {
 public:
  int64_t mono_ms() override;  // CLOCK_BOOTTIME would count a suspended laptop's night: CLOCK_MONOTONIC
  Timestamp wall() override;
};

}  // namespace bobbin::os
