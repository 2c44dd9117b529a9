// What an option names that is read as a whole before anything is done.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace bobbin::cmd {

// Of the file, or of stdin by "-". Errc::usage, in the words of the option ("--from-file"): it cannot be read, or holds more
// than 64 MiB.
Result<std::string> whole_file(const std::string& path, std::string_view option);

}  // namespace bobbin::cmd
