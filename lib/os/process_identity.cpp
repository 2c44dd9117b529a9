// What a process is recognized by, from /proc: whose it is, what it executes, which locks it holds.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "os/path.h"
#include "os/process.h"

namespace bobbin::os {

namespace {

std::string proc(ProcessId process, std::string_view rest) {
  return "/proc/" + std::to_string(process.pid) + "/" + std::string(rest);
}

struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileId&) const = default;
};

std::optional<FileId> file_id(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return std::nullopt;
  return FileId{s.st_dev, s.st_ino};
}

// Without the directory, and without what the kernel adds to the name of a file that was replaced.
std::string_view program_name(std::string_view path) {
  constexpr std::string_view deleted = " (deleted)";
  if (path.ends_with(deleted)) path.remove_suffix(deleted.size());
  return name_in(path);
}

// Whether this open file of the process holds a lock of ours: "lock: 1: OFDLCK ADVISORY WRITE -1 ..." (proc(5)).
bool is_locked_by(ProcessId process, const char* descriptor) {
  Fd fd(::open(proc(process, std::string("fdinfo/") + descriptor).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return false;
  char bytes[4096];
  ssize_t n = ::read(fd.value(), bytes, sizeof bytes);
  std::string_view text(bytes, n > 0 ? static_cast<size_t>(n) : 0);
  size_t lock = text.find("OFDLCK");
  return lock != text.npos && text.substr(lock, text.find('\n', lock) - lock).find("WRITE") != text.npos;
}

}  // namespace

std::optional<uint32_t> user_of(ProcessId process) {
  struct stat s {};
  if (::stat(proc(process, "").c_str(), &s) != 0 || state(process) == ProcessState::gone) return std::nullopt;
  return s.st_uid;
}

bool runs_program(ProcessId process, std::string_view name) {
  char path[4096];
  ssize_t n = ::readlink(proc(process, "exe").c_str(), path, sizeof path);
  if (n <= 0 || static_cast<size_t>(n) == sizeof path) return false;
  if (program_name({path, static_cast<size_t>(n)}) == name) return true;
  auto its = file_id(proc(process, "exe"));
  return its && its == file_id("/proc/self/exe");
}

bool holds_lock(ProcessId process, const std::string& path) {
  auto locked = file_id(path);
  std::unique_ptr<DIR, int (*)(DIR*)> open_files(::opendir(proc(process, "fd").c_str()), ::closedir);
  if (!locked || !open_files) return false;
  while (const dirent* entry = ::readdir(open_files.get())) {
    if (entry->d_name[0] == '.') continue;
    if (file_id(proc(process, std::string("fd/") + entry->d_name)) == locked && is_locked_by(process, entry->d_name))
      return true;
  }
  return false;
}

}  // namespace bobbin::os
