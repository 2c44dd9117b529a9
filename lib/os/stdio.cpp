#include "os/stdio.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "os/errors.h"

namespace bobbin::os {

namespace {

mode_t type_of(int fd) {
  struct stat s {};
  return ::fstat(fd, &s) == 0 ? s.st_mode & S_IFMT : 0;
}

// Until the descriptor can do it; false: a signal came first.
bool wait_for(int fd, short events) {
  pollfd p{fd, events, 0};
  return ::poll(&p, 1, -1) > 0;
}

std::string name_of(int fd) {
  switch (fd) {
    case stdin_fd: return "standard input";
    case stdout_fd: return "standard output";
    case stderr_fd: return "standard error";
    default: return "descriptor " + std::to_string(fd);
  }
}

}  // namespace

bool is_terminal(int fd) { return ::isatty(fd) == 1; }
bool is_fifo(int fd) { return type_of(fd) == S_IFIFO; }
bool is_regular(int fd) { return type_of(fd) == S_IFREG; }
bool is_directory(int fd) { return type_of(fd) == S_IFDIR; }
bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

void hold_standard_outputs() {
  for (int fd : {stdout_fd, stderr_fd}) {
    if (is_open(fd)) continue;
    int null = ::open("/dev/null", (fd == stdout_fd ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
    if (null == fd || null < 0) continue;
    ::dup2(null, fd);
    ::close(null);
  }
}

Result<uint64_t> position(int fd) {
  off_t at = ::lseek(fd, 0, SEEK_CUR);
  if (at < 0) return system_error(name_of(fd));
  return static_cast<uint64_t>(at);
}

Status write_all(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), std::min<size_t>(bytes.size(), 1 << 30));
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EAGAIN) {
      wait_for(fd, POLLOUT);
    } else if (errno != EINTR) {
      return system_error(name_of(fd) + ": writing");
    }
  }
  return {};
}

Result<std::optional<size_t>> read_some(int fd, std::span<char> into) {
  for (;;) {
    ssize_t n = ::read(fd, into.data(), into.size());
    if (n >= 0) return std::optional<size_t>(static_cast<size_t>(n));
    if (errno == EINTR) return std::optional<size_t>();
    if (errno != EAGAIN) return system_error(name_of(fd) + ": reading");
    if (!wait_for(fd, POLLIN)) return std::optional<size_t>();
  }
}

std::optional<size_t> pipe_capacity(int fd) {
  int n = ::fcntl(fd, F_GETPIPE_SZ);
  if (n < 0) return std::nullopt;
  return static_cast<size_t>(n);
}

void set_pipe_capacity(int fd, size_t bytes) { ::fcntl(fd, F_SETPIPE_SZ, static_cast<int>(std::min<size_t>(bytes, 1 << 30))); }

std::optional<size_t> unread_bytes(int fd) {
  int n = 0;
  if (::ioctl(fd, FIONREAD, &n) != 0 || n < 0) return std::nullopt;
  return static_cast<size_t>(n);
}

std::optional<unsigned> terminal_columns(int fd) {
  winsize size{};
  if (!is_terminal(fd) || ::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

}  // namespace bobbin::os
