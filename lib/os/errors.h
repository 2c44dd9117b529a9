// The operating system's refusals as Errors, by one table, so that a full disk is a full disk everywhere.
#pragma once

#include <string_view>

#include "base/result.h"

namespace bobbin::os {

// `errnum` is an errno; `what` begins the message: "/tmp/x/orders-0/00000000000000000000.log: No space left on device".
//   ENOSPC, EDQUOT, EFBIG           Errc::disk_full
//   ENOENT, ENOTDIR                 Errc::not_found
//   EEXIST, EADDRINUSE, EMFILE      Errc::busy
//   EPIPE, ECONNRESET, ENOTCONN ... Errc::disconnected
//   ETIMEDOUT, ECONNREFUSED ...     Errc::no_answer
//   EACCES, EPERM                   Errc::permission_denied
//   everything else                 Errc::io_error
Error system_error(std::string_view what, int errnum);
// The same with the errno of now.
Error system_error(std::string_view what);

}  // namespace bobbin::os
