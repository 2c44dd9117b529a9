// The heap of this process, for one that takes and gives back large buffers all the time: each would be fresh memory of
// the kernel's, touched page by page.
#pragma once

#include <cstddef>

namespace bobbin::os {

// From now on up to so many freed bytes stay with the process, until trim_heap().
void keep_freed_memory(size_t bytes);
// Gives back what is free.
void trim_heap();

}  // namespace bobbin::os
