// The operating system's refusals as Errors, by one table, so that a full disk is a full disk everywhere.
#pragma once

#include <string_view>

#include "base/result.h"

namespace bobbin::os {

// `errnum` is an errno; `what` begins the message, and what can be done ends it where that is known:
// "/tmp/x/orders-0/00000000000000000000.log: No space left on device (it is full: make room; ...)".
//   ENOSPC                             Errc::disk_full
//   EDQUOT                             Errc::quota_exceeded
//   EFBIG                              Errc::file_too_large
//   EROFS                              Errc::read_only
//   EACCES, EPERM                      Errc::permission_denied
//   ENOENT, ENOTDIR                    Errc::not_found
//   EEXIST, EADDRINUSE, EMFILE, ENFILE Errc::busy
//   EPIPE, ECONNRESET, ENOTCONN ...    Errc::disconnected
//   ETIMEDOUT, ECONNREFUSED ...        Errc::no_answer
//   everything else                    Errc::io_error
Error system_error(std::string_view what, int errnum);
// The same with the errno of now.
Error system_error(std::string_view what);

}  // namespace bobbin::os
