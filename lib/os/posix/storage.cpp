#include "os/posix/storage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "os/cold_read.h"
#include "os/errors.h"
#include "os/fd.h"
#include "os/kind_of_file.h"

namespace bobbin::os {

namespace {

// Linux moves at most 2 GiB less a page in one call.
constexpr size_t bytes_per_call_max = 1 << 30;
constexpr size_t parts_per_call_max = 64;

class PosixFile final : public File {
 public:
  PosixFile(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<size_t> read(std::span<char> into, uint64_t at) override;
  Status write(std::span<const Bytes> parts, uint64_t at) override;
  Result<uint64_t> size() override;
  uint64_t hole_end(uint64_t at) override;
  void will_need(uint64_t at, uint64_t bytes) override {
    (void)::posix_fadvise(fd_.value(), static_cast<off_t>(at), static_cast<off_t>(bytes), POSIX_FADV_WILLNEED);
  }
  Status truncate(uint64_t size) override;
  Status sync() override;
  Result<bool> is_at(const std::string& path) override;

 private:
  Fd fd_;
  std::string path_;
};

// Not on every file system: where it is unknown, this waits.
ssize_t read_if_in_memory(int fd, void* into, size_t bytes, off_t at) {
  iovec part{into, bytes};
  ssize_t n = ::preadv2(fd, &part, 1, at, RWF_NOWAIT);
  return n < 0 && errno == EOPNOTSUPP ? ::pread(fd, into, bytes, at) : n;
}

Result<size_t> PosixFile::read(std::span<char> into, uint64_t at) {
  NoWait* no_wait = NoWait::current();
  size_t done = 0;
  while (done < into.size()) {
    size_t want = std::min(into.size() - done, bytes_per_call_max);
    auto here = static_cast<off_t>(at + done);
    ssize_t n = (no_wait ? read_if_in_memory : ::pread)(fd_.value(), into.data() + done, want, here);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN && no_wait) return no_wait->miss(path_, at + done, into.size() - done);
    if (n < 0) return system_error(path_ + ": reading");
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

// What is left of the parts after `done` bytes of the first were written; at most parts_per_call_max of them.
size_t gather(std::span<const Bytes> parts, size_t done, iovec* out) {
  size_t count = 0;
  for (const Bytes& p : parts) {
    if (count == parts_per_call_max) break;
    size_t skip = std::min(done, p.size());
    done -= skip;
    if (skip == p.size()) continue;
    out[count++] = iovec{const_cast<char*>(p.data() + skip), p.size() - skip};
  }
  return count;
}

Status PosixFile::write(std::span<const Bytes> parts, uint64_t at) {
  size_t done = 0;  // bytes of parts.front() that are written
  iovec vectors[parts_per_call_max];
  for (;;) {
    while (!parts.empty() && done >= parts.front().size()) {
      done -= parts.front().size();
      parts = parts.subspan(1);
    }
    size_t count = gather(parts, done, vectors);
    if (count == 0) return {};
    ssize_t n = ::pwritev(fd_.value(), vectors, static_cast<int>(count), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(path_ + ": writing");
    // A write of nothing would loop for ever; the kernel does that only on a device that is full.
    if (n == 0) return system_error(path_ + ": writing", ENOSPC);
    done += static_cast<size_t>(n);
    at += static_cast<size_t>(n);
  }
}

Result<uint64_t> PosixFile::size() {
  struct stat s {};
  if (::fstat(fd_.value(), &s) != 0) return system_error(path_);
  return static_cast<uint64_t>(s.st_size);
}

uint64_t PosixFile::hole_end(uint64_t at) {
  off_t data = ::lseek(fd_.value(), static_cast<off_t>(at), SEEK_DATA);
  if (data >= 0) return static_cast<uint64_t>(data);
  auto bytes = errno == ENXIO ? size() : Result<uint64_t>(at);
  return std::max(at, bytes ? *bytes : at);
}

Status PosixFile::truncate(uint64_t size) {
  while (::ftruncate(fd_.value(), static_cast<off_t>(size)) != 0) {
    if (errno != EINTR) return system_error(path_ + ": setting its size");
  }
  return {};
}

// Never repeated after an error, but for EINTR, which says that nothing was tried: a failed sync has forgotten what it
// could not write.
Status PosixFile::sync() {
  while (::fdatasync(fd_.value()) != 0) {
    if (errno != EINTR) return system_error(path_ + ": syncing");
  }
  return {};
}

Result<bool> PosixFile::is_at(const std::string& path) {
  struct stat own {
  }, named{};
  if (::fstat(fd_.value(), &own) != 0) return system_error(path_ + ": looking at it");
  if (::stat(path.c_str(), &named) == 0) return own.st_dev == named.st_dev && own.st_ino == named.st_ino;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return system_error(path + ": looking at it");
}

// A umask may keep even the owner of a new file out.
void let_owner_in(int fd) {
  struct stat s {};
  if (::fstat(fd, &s) == 0 && s.st_size == 0 && (s.st_mode & 0600) != 0600) ::fchmod(fd, (s.st_mode & 07777) | 0600);
}

Error open_error(const std::string& path) {
  int errnum = errno;
  if (errnum == ENXIO || errnum == EISDIR || errnum == ELOOP)
    if (auto other = misplaced_at(path, Belongs::file)) return *other;
  return system_error(path, errnum);
}

// A FIFO would be waited for, a device may do anything: without waiting, and no further than this.
Result<Fd> open_file(const std::string& path, int flags) {
  for (;;) {
    Fd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600));
    if (!fd.is_open() && errno == EINTR) continue;
    if (!fd.is_open()) return open_error(path);
    BOBBIN_TRY(check_is_file(fd.value(), path));
    if ((flags & O_CREAT) != 0) let_owner_in(fd.value());
    return fd;
  }
}

// "Not found" too: what is there, and leads nowhere, is not nothing.
Error folder_error(const std::string& path) {
  int errnum = errno;
  if (errnum == ENOTDIR || errnum == ENOENT)
    if (auto other = misplaced_at(path, Belongs::folder)) return *other;
  return system_error(path, errnum);
}

// An OFD lock belongs to the open file, which only this object has: it goes when the object or the process goes.
class PosixLock final : public Lock {
 public:
  explicit PosixLock(Fd fd) : fd_(std::move(fd)) {}

 private:
  Fd fd_;
};

struct flock whole_file() {
  struct flock f {};
  f.l_type = F_WRLCK;
  f.l_whence = SEEK_SET;
  return f;
}

Error not_made(const std::string& path) {
  return error(Errc::busy, path + ": is not made while somebody seems to remove the directory");
}

}  // namespace

Status PosixStorage::check_name(const std::string& path) const {
  struct stat s {};
  return ::lstat(path.c_str(), &s) == 0 || !may_not_make(path) ? Status() : not_made(path);
}

// A new name, unless none is to be made; it is taken back if that is so a moment later.
Result<Fd> PosixStorage::make(const std::string& path, int flags) {
  if (may_not_make(path)) return not_made(path);
  BOBBIN_TRY_ASSIGN(fd, open_file(path, flags));
  if (!may_not_make(path)) return std::move(fd);
  ::unlink(path.c_str());
  return not_made(path);
}

Result<std::unique_ptr<Lock>> PosixStorage::take_lock(const std::string& path, int command) {
  BOBBIN_TRY_ASSIGN(fd, open_file(path, may_not_make(path) ? O_RDWR : O_RDWR | O_CREAT));
  struct flock f = whole_file();
  while (::fcntl(fd.value(), command, &f) != 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EACCES) return error(Errc::busy, path + ": is locked by another process");
    return system_error(path + ": locking");
  }
  return std::unique_ptr<Lock>(std::make_unique<PosixLock>(std::move(fd)));
}

Result<std::unique_ptr<File>> PosixStorage::open(const std::string& path, Open how) {
  auto fd = how == Open::create_new ? make(path, O_RDWR | O_CREAT | O_EXCL)
                                    : open_file(path, how == Open::read ? O_RDONLY : O_RDWR);
  // What is there is opened without O_CREAT: it may go in between.
  if (!fd && how == Open::create && fd.error().code == Errc::not_found) fd = make(path, O_RDWR | O_CREAT);
  if (!fd) return std::move(fd).error();
  return std::unique_ptr<File>(std::make_unique<PosixFile>(std::move(*fd), path));
}

Result<Stat> PosixStorage::stat(const std::string& path) {
  struct stat s {};
  if (::lstat(path.c_str(), &s) != 0) return system_error(path);
  bool is_link = S_ISLNK(s.st_mode);
  struct stat target {};
  if (is_link && ::stat(path.c_str(), &target) == 0 && S_ISDIR(target.st_mode)) s = target;
  Timestamp modified(s.st_mtim.tv_sec * 1000 + s.st_mtim.tv_nsec / 1000000);
  return Stat{static_cast<uint64_t>(s.st_size), S_ISDIR(s.st_mode), modified, is_link,
              !S_ISREG(s.st_mode) && !S_ISDIR(s.st_mode)};
}

Result<std::vector<std::string>> PosixStorage::list(const std::string& dir) {
  Fd fd(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return folder_error(dir);
  std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd.value()), ::closedir);
  if (!stream) return system_error(dir);
  fd.release();
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
    errno = 0;
  }
  if (errno != 0) return system_error(dir + ": listing");
  std::sort(names.begin(), names.end());
  return names;
}

Status PosixStorage::make_dir(const std::string& path) {
  BOBBIN_TRY(check_name(path));
  if (::mkdir(path.c_str(), 0700) == 0) {
    ::chmod(path.c_str(), 0700);  // a umask may keep even its owner out
    if (!may_not_make(path)) return {};
    ::rmdir(path.c_str());
    return not_made(path);
  }
  if (errno != EEXIST) return system_error(path);
  if (auto other = misplaced_at(path, Belongs::folder)) return *other;
  return {};
}

Status PosixStorage::rename(const std::string& from, const std::string& to) {
  BOBBIN_TRY(check_name(to));
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  const int errnum = errno;
  if (errnum == EISDIR)
    if (auto other = misplaced_at(to, Belongs::file)) return *other;
  return system_error(from + " to " + to, errnum);
}

Status PosixStorage::unlink(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return {};
  const int errnum = errno;
  if (errnum == EISDIR)
    if (auto other = misplaced_at(path, Belongs::file)) return *other;
  return system_error(path, errnum);
}

Status PosixStorage::remove_dir(const std::string& path) {
  if (::rmdir(path.c_str()) != 0) return system_error(path);
  return {};
}

Status PosixStorage::sync_dir(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return system_error(path);
  while (::fsync(fd.value()) != 0) {
    if (errno != EINTR) return system_error(path + ": syncing");
  }
  return {};
}

Result<std::unique_ptr<Lock>> PosixStorage::try_lock(const std::string& path) { return take_lock(path, F_OFD_SETLK); }

Result<std::unique_ptr<Lock>> PosixStorage::lock(const std::string& path) { return take_lock(path, F_OFD_SETLKW); }

bool PosixStorage::is_locked(const std::string& path) {
  auto fd = open_file(path, O_RDONLY);
  if (!fd) {
    // Nobody locks what is no file, or behind a link; whoever tries says so.
    struct stat s {};
    bool is_other = ::lstat(path.c_str(), &s) == 0 && !S_ISREG(s.st_mode);
    return fd.error().code != Errc::not_found && !is_other;
  }
  struct flock f = whole_file();
  return ::fcntl(fd->value(), F_OFD_GETLK, &f) != 0 || f.l_type != F_UNLCK;
}

}  // namespace bobbin::os
