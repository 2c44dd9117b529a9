// What kind of file something is, and what belongs there. Inside this folder only.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace bobbin::os {

// "a directory", by the mode of a stat.
std::string_view kind_of_file(unsigned mode);

enum class Belongs { file, folder };

// Errc::misplaced, with what it is and what to do: a directory, a FIFO, a socket or a device, where a file belongs.
Status check_is_file(int fd, const std::string& path);
// The same for a name, without opening it. Nothing: there is nothing, or what belongs there. A symbolic link is no file, and
// a folder if it leads to one.
std::optional<Error> misplaced_at(const std::string& path, Belongs what);

}  // namespace bobbin::os
