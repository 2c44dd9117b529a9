#include "os/kind_of_file.h"

#include <sys/stat.h>

#include "os/errors.h"

namespace bobbin::os {

Status check_is_file(int fd, const std::string& path) {
  struct stat s {};
  if (::fstat(fd, &s) != 0) return system_error(path);
  if (S_ISREG(s.st_mode)) return {};
  std::string_view what = S_ISDIR(s.st_mode) ? "a directory" : S_ISFIFO(s.st_mode) ? "a FIFO" : S_ISSOCK(s.st_mode) ? "a socket" : "a device";
  return error(Errc::io_error, path + ": is " + std::string(what) + ", where a file belongs: move it away");
}

}  // namespace bobbin::os
