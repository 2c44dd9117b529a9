#include "os/errors.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace bobbin::os {

namespace {

Errc code_of(int errnum) {
  switch (errnum) {
    case ENOSPC:
      return Errc::disk_full;
    case EDQUOT:
      return Errc::quota_exceeded;
    case EFBIG:
      return Errc::file_too_large;
    case EROFS:
      return Errc::read_only;
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

// EFBIG has two causes.
std::string advice_for_size() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return "the file system takes no larger file";
  return "this process may write files of " + std::to_string(limit.rlim_cur) +
         " bytes: `ulimit -f` of whoever started it; start it where there is no such limit";
}

// What a person can do; empty: nobody knows.
std::string advice(int errnum) {
  switch (errnum) {
    case ENOSPC:
      return "it is full: make room; df and df -i show how much there is";
    case EDQUOT:
      return "the disk quota of this user is used up: remove files, or have it raised";
    case EFBIG:
      return advice_for_size();
    case EROFS:
      return "the file system is mounted read-only: mount it for writing, or choose a directory elsewhere";
    case EACCES:
      return "uid " + std::to_string(::geteuid()) +
             " has no right to it: look at owner and mode (ls -ld), also of the directories above";
    case EPERM:
      return "it is another user's, or protected";
    case EMFILE:
      return "raise `ulimit -n`";
    case ENFILE:
      return "the whole machine has no descriptor left: raise fs.file-max";
    case ELOOP:
      return "symbolic links lead in a circle, or one stands where none is followed";
    case ENAMETOOLONG:
      return "a name has at most 255 bytes, a path 4095: choose a shorter directory";
    default:
      return "";
  }
}

}  // namespace

Error system_error(std::string_view what, int errnum) {
  std::string message(what);
  if (!message.empty()) message += ": ";
  message += std::generic_category().message(errnum);
  if (std::string what_to_do = advice(errnum); !what_to_do.empty()) message += " (" + what_to_do + ")";
  return error(code_of(errnum), std::move(message));
}

Error system_error(std::string_view what) { return system_error(what, errno); }

}  // namespace bobbin::os
