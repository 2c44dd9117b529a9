#include "os/heap.h"

#include <malloc.h>

#include <algorithm>
#include <climits>

namespace bobbin::os {

void keep_freed_memory(size_t bytes) {
#if defined(__GLIBC__)
  int most = static_cast<int>(std::min<size_t>(bytes, INT_MAX));
  ::mallopt(M_TRIM_THRESHOLD, most);
  ::mallopt(M_MMAP_THRESHOLD, most);
#else
  (void)bytes;
#endif
}

void trim_heap() {
#if defined(__GLIBC__)
  ::malloc_trim(0);
#endif
}

}  // namespace bobbin::os
