#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace bobbin {

void check_failed(std::string_view what, const char* file, int line) {
  std::fprintf(stderr, "bobbin: broken invariant: %.*s (%s:%d)\n", static_cast<int>(what.size()), what.data(), file,
               line);
  std::abort();
}

}  // namespace bobbin
