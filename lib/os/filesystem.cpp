#include "os/filesystem.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "os/environment.h"
#include "os/errors.h"
#include "os/fd.h"
#include "os/mapping.h"
#include "os/path.h"
#include "os/posix/storage.h"

namespace bobbin::os {

namespace {

struct Known {
  uint32_t magic;  // statfs(2)
  FileSystemKind kind;
};

constexpr Known known[] = {
    {0xEF53, FileSystemKind::ext},        {0x58465342, FileSystemKind::xfs},     {0x9123683E, FileSystemKind::btrfs},
    {0x2FC12FC1, FileSystemKind::zfs},    {0xF2F52010, FileSystemKind::f2fs},    {0x01021994, FileSystemKind::tmpfs},
    {0x858458F6, FileSystemKind::tmpfs},  {0x794C7630, FileSystemKind::overlay}, {0x6969, FileSystemKind::nfs},
    {0x517B, FileSystemKind::smb},        {0xFF534D42, FileSystemKind::smb},     {0xFE534D42, FileSystemKind::smb},
    {0x01021997, FileSystemKind::nine_p}, {0x65735546, FileSystemKind::fuse},
};

Result<struct statfs> statfs_of(const std::string& dir) {
  struct statfs s {};
  while (::statfs(dir.c_str(), &s) != 0) {
    if (errno != EINTR) return system_error(dir);
  }
  return s;
}

Error failed(const std::string& dir, const char* what) {
  return error(Errc::io_error, dir + ": this file system " + what + "; choose a directory on a local disk");
}

Status probe_file(PosixStorage& storage, const std::string& dir, const std::string& path) {
  constexpr Bytes text = "bobbin";
  BOBBIN_TRY_ASSIGN(file, storage.open(path, Open::create));
  BOBBIN_TRY(file->truncate(0));
  BOBBIN_TRY(file->write("######", 0));
  BOBBIN_TRY_ASSIGN(mapping, Mapping::open(path, text.size()));
  if (mapping.bytes() != "######") return failed(dir, "does not show a mapping what was written");
  BOBBIN_TRY(file->write(text, 0));
  if (mapping.bytes() != text) return failed(dir, "does not show a mapping what was written");
  BOBBIN_TRY(file->sync());
  BOBBIN_TRY(storage.sync_dir(dir));
  auto lock = storage.try_lock(path);
  if (!lock) return failed(dir, "has no locks");
  if (!storage.is_locked(path) || storage.try_lock(path)) return failed(dir, "has locks that do not exclude");
  return {};
}

}  // namespace

std::string_view name(FileSystemKind kind) {
  switch (kind) {
    case FileSystemKind::ext:
      return "ext4";
    case FileSystemKind::xfs:
      return "xfs";
    case FileSystemKind::btrfs:
      return "btrfs";
    case FileSystemKind::zfs:
      return "zfs";
    case FileSystemKind::f2fs:
      return "f2fs";
    case FileSystemKind::tmpfs:
      return "tmpfs";
    case FileSystemKind::overlay:
      return "overlay";
    case FileSystemKind::nfs:
      return "nfs";
    case FileSystemKind::smb:
      return "smb";
    case FileSystemKind::nine_p:
      return "9p";
    case FileSystemKind::fuse:
      return "fuse";
    case FileSystemKind::other:
      break;
  }
  return "other";
}

bool is_usable(FileSystemKind kind) {
  return kind != FileSystemKind::nfs && kind != FileSystemKind::smb && kind != FileSystemKind::nine_p &&
         kind != FileSystemKind::fuse;
}

bool is_durable(FileSystemKind kind) { return kind != FileSystemKind::tmpfs; }

Result<FileSystemKind> file_system_of(const std::string& dir) {
  BOBBIN_TRY_ASSIGN(s, statfs_of(dir));
  auto magic = static_cast<uint32_t>(s.f_type);
  for (const Known& k : known) {
    if (k.magic == magic) return k.kind;
  }
  return FileSystemKind::other;
}

Status probe(const std::string& dir) {
  PosixStorage storage;
  std::string path = dir + "/.probe." + std::to_string(::getpid());
  Status result = probe_file(storage, dir, path);
  ::unlink(path.c_str());
  return result;
}

Result<Space> space_of(const std::string& dir) {
  BOBBIN_TRY_ASSIGN(s, statfs_of(dir));
  auto block = static_cast<uint64_t>(s.f_bsize);
  return Space{s.f_bavail * block, s.f_blocks * block};
}

Result<uint32_t> owner_of(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return system_error(path);
  return s.st_uid;
}

Result<Access> access_of(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return system_error(path);
  return Access{s.st_uid, s.st_gid, (s.st_mode & S_IWGRP) != 0, (s.st_mode & S_IWOTH) != 0, (s.st_mode & S_ISVTX) != 0};
}

// By descriptors: the owner of the directory can put another file in its place at any moment, or give a file of root's a
// second name in it.
Status give_to_owner_of(const std::string& dir, const std::string& path) {
  if (::geteuid() != 0) return {};
  Fd at(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat owner {};
  if (!at.is_open() || ::fstat(at.value(), &owner) != 0) return system_error(dir);
  if (owner.st_uid == 0) return {};
  Fd file(::openat(at.value(), std::string(name_in(path)).c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat s {};
  if (!file.is_open() || ::fstat(file.value(), &s) != 0) return system_error(path);
  if (s.st_uid == owner.st_uid) return {};
  if (!S_ISREG(s.st_mode) || s.st_nlink != 1 || s.st_uid != 0)
    return error(Errc::permission_denied, path + ": is not given away: it is not the file that was made there");
  if (::fchownat(file.value(), "", owner.st_uid, owner.st_gid, AT_EMPTY_PATH) != 0) return system_error(path);
  return {};
}

Result<std::string> real_path(const std::string& path) {
  std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  if (!real) return system_error(path);
  return std::string(real.get());
}

std::optional<std::string> link_target(const std::string& path) {
  std::string target(PATH_MAX, '\0');
  ssize_t n = ::readlink(path.c_str(), target.data(), target.size());
  if (n < 0) return std::nullopt;
  target.resize(static_cast<size_t>(n));
  return target;
}

// Made beside it, under a name that is nobody's, and renamed.
Status put_link(const std::string& target, const std::string& path) {
  PosixStorage storage;
  const std::string above = parent_of(path);
  const std::string beside = above + "/." + std::string(name_in(path)) + ".new";
  (void)::unlink(beside.c_str());
  if (::symlink(target.c_str(), beside.c_str()) != 0) return system_error(path);
  Status put = storage.rename(beside, path);
  if (!put) (void)::unlink(beside.c_str());
  return put ? storage.sync_dir(above) : put;
}

Result<uint64_t> device_of(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return system_error(path);
  return static_cast<uint64_t>(s.st_dev);
}

namespace {

Error leads_nowhere(const std::string& path, const std::string& target) {
  return error(Errc::io_error,
               path + " is a symbolic link to " + target + ", which is not there: make that, or mount its disk");
}

// `path` is absolute.
Result<std::string> resolved_above(const std::string& path) {
  std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  if (real) return std::string(real.get());
  if (errno != ENOENT) return system_error(path);
  if (auto target = link_target(path)) return leads_nowhere(path, *target);
  std::string name(name_in(path));
  BOBBIN_TRY_ASSIGN(above, resolved_above(parent_of(path)));
  if (name.empty() || name == ".") return above;
  if (name == "..") return parent_of(above);
  return above == "/" ? "/" + name : above + "/" + name;
}

}  // namespace

Result<std::string> resolved_dir(const std::string& path) {
  std::string whole = path;
  if (!path.starts_with('/')) {
    BOBBIN_TRY_ASSIGN(here, current_dir());
    whole = here + "/" + path;
  }
  BOBBIN_TRY_ASSIGN(resolved, resolved_above(whole));
  struct stat s {};
  if (::stat(resolved.c_str(), &s) == 0 && !S_ISDIR(s.st_mode))
    return error(Errc::io_error, path + " is not a directory");
  return resolved;
}

Result<std::string> resolved_file(const std::string& path) {
  auto target = link_target(path);
  if (!target) return path;
  auto real = real_path(path);
  if (!real && real.error().code == Errc::not_found) return leads_nowhere(path, *target);
  return real;
}

Result<std::vector<std::string>> links_in(const std::string& dir) {
  std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(dir.c_str()), ::closedir);
  if (!stream) return system_error(dir);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    struct stat s {};
    bool unknown =
        entry->d_type == DT_UNKNOWN && ::fstatat(::dirfd(stream.get()), entry->d_name, &s, AT_SYMLINK_NOFOLLOW) == 0;
    if (entry->d_type == DT_LNK || (unknown && S_ISLNK(s.st_mode))) names.emplace_back(entry->d_name);
    errno = 0;
  }
  if (errno != 0) return system_error(dir + ": listing");
  std::sort(names.begin(), names.end());
  return names;
}

bool exists(const std::string& path) {
  struct stat s {};
  return ::lstat(path.c_str(), &s) == 0;
}

bool is_socket(const std::string& path) {
  struct stat s {};
  return ::lstat(path.c_str(), &s) == 0 && S_ISSOCK(s.st_mode);
}

uint64_t folders_stamp(const std::string& dir) {
  std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(dir.c_str()), ::closedir);
  if (!stream) return 0;
  uint64_t sum = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    struct stat s {};
    bool may_be_dir = entry->d_type == DT_DIR || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
    if (!may_be_dir || std::string_view(entry->d_name) == ".." ||
        ::fstatat(::dirfd(stream.get()), entry->d_name, &s, 0) != 0)
      continue;
    // In any order.
    sum += (static_cast<uint64_t>(s.st_mtim.tv_sec) * 1'000'000'007 + static_cast<uint64_t>(s.st_mtim.tv_nsec) + 1) *
           (2 * s.st_ino + 1);
  }
  return sum;
}

bool was_just_emptied(const std::string& dir, int64_t ms) {
  struct statx s {};
  if (::statx(AT_FDCWD, dir.c_str(), 0, STATX_MTIME | STATX_BTIME, &s) != 0) return false;
  auto ms_of = [](const auto& t) { return static_cast<int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000; };
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const int64_t age_ms = ms_of(now) - ms_of(s.stx_mtime);
  const bool is_as_made = (s.stx_mask & STATX_BTIME) != 0 && s.stx_btime.tv_sec == s.stx_mtime.tv_sec &&
                          s.stx_btime.tv_nsec == s.stx_mtime.tv_nsec;
  if (is_as_made || age_ms < 0 || age_ms >= ms) return false;
  auto names = PosixStorage().list(dir);
  return names && names->empty();
}

Result<Fd> watch_mounts() {
  Fd fd(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return system_error("/proc/self/mountinfo");
  return fd;
}

Result<Fd> hold_dir(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open() || ::flock(fd.value(), LOCK_SH | LOCK_NB) != 0) return system_error(path);
  return fd;
}

Status make_dirs(const std::string& path) {
  PosixStorage storage;
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    std::string above = path.substr(0, at);
    // Some that exist may not be made or looked into by us: what counts is the last one.
    struct stat s {};
    if (::stat(above.c_str(), &s) != 0) BOBBIN_TRY(storage.make_dir(above));
  }
  return storage.make_dir(path);
}

}  // namespace bobbin::os
