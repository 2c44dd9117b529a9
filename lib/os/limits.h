// What a process inherits from whoever started it, and a broker, which serves everybody who comes later, must not keep.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bobbin::os {

// Every soft limit at its hard one, but that of core dumps; of the stack, at least what a login gives. Returns how many files
// may be open. System calls only.
uint64_t raise_soft_limits();

// Whether this process leaves a core dump when it crashes, as far as the hard limit and the machine allow it; wherever the
// machine sends core dumps, a pipe included.
void allow_core_dumps(bool allowed);

// Besides limits: priority of processor and disk, scheduling policy, processors, memory policy, what the kernel's
// out-of-memory killer thinks of it, slack of timers. As far as the kernel lets go of it. System calls only: between
// fork and exec.
void shed_inheritance();

// What is left nevertheless and may surprise somebody: "files of at most 512000 bytes (ulimit -f)", "nice 10".
std::vector<std::string> inherited_limits();

}  // namespace bobbin::os
