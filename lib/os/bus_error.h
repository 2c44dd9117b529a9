// What becomes of a program when a file that it has mapped is cut shorter by somebody else: reading the bytes that went
// is SIGBUS, and nothing of what was being done can be finished.
#pragma once

namespace bobbin::os {

// From now on such a program says on stderr that a file is damaged, in one line, and ends at once with this exit code.
// Nothing is flushed, no destructor runs. A SIGBUS of any other kind, and one that somebody sent, ends it as before. For
// the whole process and all its threads; to be called by a program, once, before it maps anything.
void exit_on_bus_error(int exit_code);

}  // namespace bobbin::os
