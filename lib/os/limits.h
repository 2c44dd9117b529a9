// What a process inherits from whoever started it, and a broker, which serves everybody who comes later, must not keep.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bobbin::os {

// Every soft limit at its hard one, but that of core dumps; of the stack, at least what a login gives. Returns how many files
// may be open. System calls only.
uint64_t raise_soft_limits();

// Besides limits: priority of processor and disk, scheduling policy, processors, memory policy, what the kernel's
// out-of-memory killer thinks of it, slack of timers. As far as the kernel lets go of it. System calls only: between
// fork and exec.
void shed_inheritance();

// What is left nevertheless and may surprise somebody: "files of at most 512000 bytes (ulimit -f)", "nice 10".
std::vector<std::string> inherited_limits();

}  // namespace bobbin::os
