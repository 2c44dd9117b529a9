#include "os/kind_of_file.h"

#include <sys/stat.h>

#include "os/errors.h"

namespace bobbin::os {

Status check_is_file(int fd, const std::string& path) {
  struct stat s {};
  if (::fstat(fd, &s) != 0) return system_error(path);
  if (S_ISREG(s.st_mode)) return {};
  return error(Errc::io_error,
               path + ": is " + std::string(kind_of_file(s.st_mode)) + ", where a file belongs: move it away");
}

std::string_view kind_of_file(unsigned mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "a file";
    case S_IFDIR:
      return "a directory";
    case S_IFIFO:
      return "a FIFO";
    case S_IFSOCK:
      return "a socket";
    case S_IFLNK:
      return "a symbolic link";
    default:
      return "a device";
  }
}

}  // namespace bobbin::os
