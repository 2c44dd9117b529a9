// What kind of file something is. Inside this folder only.
#pragma once

#include <string>

#include "base/result.h"

namespace bobbin::os {

// Errc::io_error, with what it is and what to do: a directory, a FIFO, a socket or a device, where a file belongs.
Status check_is_file(int fd, const std::string& path);
// "a directory", by the mode of a stat.
std::string_view kind_of_file(unsigned mode);

}  // namespace bobbin::os
