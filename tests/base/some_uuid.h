// Ids that a test can tell apart.
#pragma once

#include "base/id.h"

namespace bobbin::test {

// One of sixteen bytes `n`.
inline Uuid uuid(unsigned char n) {
  Uuid id;
  id.bytes.fill(n);
  return id;
}

}  // namespace bobbin::test
