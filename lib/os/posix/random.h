// Randomness from the kernel.
#pragma once

#include "os/seam.h"

namespace bobbin::os {

class PosixRandom final : public Random {
 public:
  uint64_t next() override;
};

}  // namespace bobbin::os
