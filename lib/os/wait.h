// wait(): the one place where a command sleeps: its socket, its stdin, its stdout's reader, its signals, at once.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

namespace bobbin::os {

struct WaitFd {
  int fd = -1;  // negative: left out
  bool want_read = false;
  bool want_write = false;

  // Filled by wait().
  bool readable = false;  // bytes, or the end of the input
  bool writable = false;
  bool hangup = false;  // the other end has gone, or an error: told even when nothing is wanted, so that
                        // {stdout, false, false} tells that the reader of a pipe has gone
};

// Waits for at most timeout_ms (-1: for ever, 0: only looks) and returns how many are ready: 0 after a time-out or a
// signal. A descriptor that is not open is an error.
Result<int> wait(std::span<WaitFd> fds, int64_t timeout_ms);

}  // namespace bobbin::os
