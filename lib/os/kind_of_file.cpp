#include "os/kind_of_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "os/errors.h"

namespace bobbin::os {

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

namespace {

Error misplaced(const std::string& path, mode_t mode, Belongs what) {
  std::string_view belongs = what == Belongs::file ? "a file" : "a folder";
  return error(Errc::misplaced, path + ": is " + std::string(kind_of_file(mode)) + ", where " + std::string(belongs) +
                                    " belongs: move it away");
}

Error misplaced_link(const std::string& path, Belongs what) {
  std::error_code unreadable;
  const std::string target = std::filesystem::read_symlink(path, unreadable).string();
  if (what == Belongs::file)
    return error(Errc::misplaced,
                 path + ": is a symbolic link (to " + target + "), which is not followed: put the file itself there");
  return error(Errc::misplaced, path + ": is a symbolic link to " + target +
                                    ", where there is no directory: make that, or mount its disk");
}

}  // namespace

Status check_is_file(int fd, const std::string& path) {
  struct stat s {};
  if (::fstat(fd, &s) != 0) return system_error(path);
  if (S_ISREG(s.st_mode)) return {};
  return misplaced(path, s.st_mode, Belongs::file);
}

std::optional<Error> misplaced_at(const std::string& path, Belongs what) {
  struct stat s {};
  if (::lstat(path.c_str(), &s) != 0) return std::nullopt;
  const bool is_link = S_ISLNK(s.st_mode);
  if (is_link && what == Belongs::folder && ::stat(path.c_str(), &s) != 0) return misplaced_link(path, what);
  if (is_link && what == Belongs::file) return misplaced_link(path, what);
  const bool is_right = what == Belongs::file ? S_ISREG(s.st_mode) : S_ISDIR(s.st_mode);
  return is_right ? std::nullopt : std::optional(misplaced(path, s.st_mode, what));
}

}  // namespace bobbin::os
