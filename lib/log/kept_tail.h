// What is cut off a file is kept beside it, in FILE.cut.OFFSET, the offset at which the log goes on; a second one of that
// name is FILE.cut.OFFSET-2, and so on.
#pragma once

#include <string>

#include "os/seam.h"

namespace bobbin::log {

// The first such name that nobody has.
std::string kept_name(os::Storage& storage, const std::string& file, Offset at);

// Copies all of `file` from `position` on to such a name, and syncs the copy, but not the directory. Gives the name; nothing
// but zeros is not kept, and has none. Blocks.
Result<std::string> keep_tail(os::Storage& storage, const std::string& file, uint64_t position, Offset at);

}  // namespace bobbin::log
