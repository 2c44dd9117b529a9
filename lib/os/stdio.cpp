#include "os/stdio.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>

#include "os/errors.h"
#include "os/fd.h"
#include "os/signals.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid  // glibc has the member, but no name for it
#endif

namespace bobbin::os {

namespace {

mode_t type_of(int fd) {
  struct stat s {};
  return ::fstat(fd, &s) == 0 ? s.st_mode & S_IFMT : 0;
}

// Until the descriptor can do it; false: a signal came first, or the time is up.
bool wait_for(int fd, short events, int timeout_ms = -1) {
  pollfd p{fd, events, 0};
  return ::poll(&p, 1, timeout_ms) > 0;
}

constexpr long tick_ns = 20'000'000;

// While it lives, a system call of this thread that waits ends with EINTR soon, and the next one too. SIGALRM is taken for
// it, once and for all: no other way ends a read() or write() of a terminal that nobody may make non-blocking (its
// other users would see that too).
class Tick {
 public:
  Tick() { set(tick_ns); }
  Tick(const Tick&) = delete;
  ~Tick() { set(0); }

 private:
  // Of one thread, made when it is needed first.
  struct Timer {
    Timer() {
      struct sigaction nothing {};
      nothing.sa_handler = [](int) {};
      ::sigaction(SIGALRM, &nothing, nullptr);
      sigset_t alarm;
      sigemptyset(&alarm);
      sigaddset(&alarm, SIGALRM);
      pthread_sigmask(SIG_UNBLOCK, &alarm, nullptr);
      sigevent event{};
      event.sigev_notify = SIGEV_THREAD_ID;
      event.sigev_signo = SIGALRM;
      event.sigev_notify_thread_id = ::gettid();
      is_made = ::timer_create(CLOCK_MONOTONIC, &event, &id) == 0;
    }
    Timer(const Timer&) = delete;
    ~Timer() {
      if (is_made) ::timer_delete(id);
    }
    timer_t id{};
    bool is_made = false;
  };

  static void set(long every_ns) {
    thread_local Timer timer;
    itimerspec spec{};
    spec.it_interval.tv_nsec = spec.it_value.tv_nsec = every_ns;
    if (timer.is_made) ::timer_settime(timer.id, 0, &spec, nullptr);
  }
};

bool is_nothing_now(int errnum) { return errnum == EINTR || errnum == EAGAIN; }

std::string name_of(int fd) {
  switch (fd) {
    case stdin_fd:
      return "standard input";
    case stdout_fd:
      return "standard output";
    case stderr_fd:
      return "standard error";
    default:
      return "descriptor " + std::to_string(fd);
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

void redirect_standard_error(bool to_standard_output) {
  if (to_standard_output) {
    ::dup2(stdout_fd, stderr_fd);
    return;
  }
  Fd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (null.is_open()) ::dup2(null.value(), stderr_fd);
}

Result<Fd> open_output(const std::string& path) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666));
  if (!fd.is_open()) return system_error(path);
  return fd;
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

Result<std::optional<size_t>> write_some(int fd, Bytes bytes) {
  bytes = bytes.substr(0, 1 << 30);
  ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0 && errno == ENOTSOCK) {
    Tick tick;
    n = ::write(fd, bytes.data(), bytes.size());
  }
  if (n >= 0) return std::optional<size_t>(static_cast<size_t>(n));
  if (is_nothing_now(errno)) return std::optional<size_t>();
  return system_error(name_of(fd) + ": writing");
}

Result<std::optional<size_t>> read_some(int fd, std::span<char> into) {
  Tick tick;
  ssize_t n = ::read(fd, into.data(), into.size());
  if (n >= 0) return std::optional<size_t>(static_cast<size_t>(n));
  if (is_nothing_now(errno)) return std::optional<size_t>();
  return system_error(name_of(fd) + ": reading");
}

bool complain(Bytes text, int64_t wait_ms) {
  constexpr int64_t look_ms = 50, ending_ms = 200;
  for (int64_t waited_ms = 0; !text.empty();) {
    auto taken = write_some(stderr_fd, text);
    if (!taken) return false;
    text.remove_prefix(taken->value_or(0));
    if (text.empty()) break;
    int64_t most = is_told_to_end() ? (wait_ms < 0 ? ending_ms : std::min(wait_ms, ending_ms)) : wait_ms;
    if (most >= 0 && waited_ms >= most) return false;
    if (!wait_for(stderr_fd, POLLOUT, look_ms)) waited_ms += look_ms;
  }
  return true;
}

std::optional<size_t> pipe_capacity(int fd) {
  int n = ::fcntl(fd, F_GETPIPE_SZ);
  if (n < 0) return std::nullopt;
  return static_cast<size_t>(n);
}

void set_pipe_capacity(int fd, size_t bytes) {
  ::fcntl(fd, F_SETPIPE_SZ, static_cast<int>(std::min<size_t>(bytes, 1 << 30)));
}

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
