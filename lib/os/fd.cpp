#include "os/fd.h"

#include <unistd.h>

namespace bobbin::os {

// The result is not looked at: after EINTR the descriptor is gone on Linux, and a file's write errors are told by its
// sync.
void Fd::close() {
  if (value_ >= 0) ::close(std::exchange(value_, -1));
}

}  // namespace bobbin::os
