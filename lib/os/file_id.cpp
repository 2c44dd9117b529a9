#include "os/file_id.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "os/fd.h"

namespace bobbin::os {

namespace {

std::optional<FileId> id_of(const struct stat& s) {
  if (!S_ISREG(s.st_mode) && !S_ISFIFO(s.st_mode)) return std::nullopt;
  return FileId{s.st_dev, s.st_ino};
}

std::optional<std::string> path_of(int fd) {
  std::string link = "/proc/self/fd/" + std::to_string(fd);
  std::string path(4096, '\0');
  ssize_t n = ::readlink(link.c_str(), path.data(), path.size());
  if (n <= 0 || static_cast<size_t>(n) == path.size()) return std::nullopt;
  path.resize(static_cast<size_t>(n));
  return path;
}

// Linked directories are not entered: what lies there has a place of its own.
std::optional<std::string> search(const std::string& dir, const FileId& wanted) {
  std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(dir.c_str()), ::closedir);
  if (!stream) return std::nullopt;
  while (const dirent* entry = ::readdir(stream.get())) {
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat s {};
    bool may_be_dir = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
    if (!may_be_dir && entry->d_ino != wanted.inode) continue;
    if (::fstatat(::dirfd(stream.get()), entry->d_name, &s, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (id_of(s) == wanted) return name;
    if (!S_ISDIR(s.st_mode)) continue;
    if (auto below = search(dir + "/" + name, wanted)) return name + "/" + *below;
  }
  return std::nullopt;
}

}  // namespace

std::optional<FileId> file_id(int fd) {
  struct stat s {};
  return ::fstat(fd, &s) == 0 ? id_of(s) : std::nullopt;
}

std::optional<FileId> file_id(const std::string& path) {
  struct stat s {};
  return ::stat(path.c_str(), &s) == 0 ? id_of(s) : std::nullopt;
}

std::optional<std::string> name_below(const std::string& dir, int fd) {
  struct stat s {};
  if (::fstat(fd, &s) != 0 || !S_ISREG(s.st_mode)) return std::nullopt;
  auto path = s.st_nlink == 1 ? path_of(fd) : std::nullopt;
  if (!path) return search(dir, {s.st_dev, s.st_ino});
  if (!path->starts_with(dir + "/")) return std::nullopt;
  return path->substr(dir.size() + 1);
}

std::optional<std::string> name_below(const std::string& dir, const std::string& path) {
  Fd fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!fd.is_open()) return std::nullopt;
  return name_below(dir, fd.value());
}

}  // namespace bobbin::os
