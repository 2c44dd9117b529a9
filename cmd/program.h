// The program as a function: what was typed in, the exit code out.
#pragma once

#include <string>
#include <vector>

namespace bobbin::cmd {

// `typed` is without the program's own name.
int run(const std::vector<std::string>& typed);

}  // namespace bobbin::cmd
