#include "os/errors.h"

#include <cerrno>
#include <string>
#include <system_error>

namespace bobbin::os {

namespace {

Errc code_of(int errnum) {
  switch (errnum) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Errc::disk_full;
    case ENOENT:
    case ENOTDIR:
      return Errc::not_found;
    case EEXIST:
    case EADDRINUSE:
    case EMFILE:
    case ENFILE:
      return Errc::busy;
    case EACCES:
    case EPERM:
      return Errc::permission_denied;
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
    case ECONNABORTED:
    case ESHUTDOWN:
      return Errc::disconnected;
    case ETIMEDOUT:
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
      return Errc::no_answer;
    default:
      return Errc::io_error;
  }
}

}  // namespace

Error system_error(std::string_view what, int errnum) {
  std::string message(what);
  if (!message.empty()) message += ": ";
  message += std::generic_category().message(errnum);
  if (errnum == EMFILE) message += " (raise `ulimit -n`)";
  return error(code_of(errnum), std::move(message));
}

Error system_error(std::string_view what) { return system_error(what, errno); }

}  // namespace bobbin::os
