#include "os/posix/random.h"

#include <sys/random.h>

#include "base/check.h"

namespace bobbin::os {

// Up to 256 bytes never fail once the kernel's pool is filled, which they wait for.
uint64_t PosixRandom::next() {
  uint64_t out = 0;
  check(::getrandom(&out, sizeof out, 0) == sizeof out, "getrandom gives 8 bytes");
  return out;
}

}  // namespace bobbin::os
