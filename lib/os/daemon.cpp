// spawn_daemon of process.h. Between fork and exec only system calls are made: another thread of the starter may have
// held the allocator's lock. All memory that the child needs is made before.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/number.h"
#include "os/errors.h"
#include "os/kind_of_file.h"
#include "os/limits.h"
#include "os/posix/clock.h"
#include "os/process.h"
#include "os/signals_blocked.h"

extern char** environ;

namespace bobbin::os {

namespace {

constexpr int first_high_fd = 10;  // above every descriptor that the daemon is given
constexpr size_t line_bytes_max = 64 << 10;

// --- before the fork ---

bool stays(std::string_view entry) {
  static constexpr std::string_view names[] = {"PATH=", "HOME=", "USER=", "LOGNAME=", "LANG=", "TZ=", "TMPDIR="};
  static constexpr std::string_view prefixes[] = {"LC_", "XDG_", "BOBBIN_"};
  auto begins = [&](std::string_view with) { return entry.starts_with(with); };
  return std::any_of(std::begin(names), std::end(names), begins) ||
         std::any_of(std::begin(prefixes), std::end(prefixes), begins);
}

struct Launch {
  std::vector<std::string> words;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  Fd null;
  Fd log;
  Fd ready;    // the daemon's end
  Fd starter;  // ours
  Fd pid_in;
  Fd pid_out;
};

// A copy above the daemon's own descriptors, so that dup2 onto those never overwrites one that is still needed.
Fd high(Fd fd) {
  if (!fd.is_open()) return fd;  // errno says why
  return Fd(::fcntl(fd.value(), F_DUPFD_CLOEXEC, first_high_fd));
}

void fill_texts(Launch& launch, const DaemonOptions& options) {
  launch.words.push_back(options.exe);
  launch.words.insert(launch.words.end(), options.args.begin(), options.args.end());
  for (std::string& word : launch.words) launch.arguments.push_back(word.data());
  launch.arguments.push_back(nullptr);
  for (char** entry = environ; entry && *entry; entry++) {
    if (stays(*entry)) launch.environment.push_back(*entry);
  }
  launch.environment.push_back(nullptr);
}

Status open_descriptors(Launch& launch, const DaemonOptions& options) {
  const std::string& log_path = options.log_path;
  const int log_flags =
      O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (options.log_is_there ? 0 : O_CREAT);
  launch.null = high(Fd(::open("/dev/null", O_RDWR | O_CLOEXEC)));
  if (!launch.null.is_open()) return system_error("/dev/null");
  launch.log = high(Fd(::open(log_path.c_str(), log_flags, 0600)));
  if (!launch.log.is_open() && errno == ENXIO)
    return error(Errc::io_error, log_path + ": is a FIFO or a socket, where a file belongs: move it away");
  if (!launch.log.is_open()) return system_error(log_path);
  BOBBIN_TRY(check_is_file(launch.log.value(), log_path));
  if (struct stat s{}; ::fstat(launch.log.value(), &s) == 0 && s.st_size == 0)
    ::fchmod(launch.log.value(), 0600);  // whatever the umask was
  int pair[2];
  // Not a pipe: a starter that has gone would be SIGPIPE for a daemon that does not know it.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return system_error("socketpair");
  launch.starter = Fd(pair[0]);
  launch.ready = high(Fd(pair[1]));
  if (::pipe2(pair, O_CLOEXEC) != 0) return system_error("pipe");
  launch.pid_out = Fd(pair[0]);
  launch.pid_in = high(Fd(pair[1]));
  if (!launch.ready.is_open() || !launch.pid_in.is_open()) return system_error("pipe");
  return {};
}

// --- in the child: system calls only ---

void close_from(unsigned first) {
  if (::syscall(SYS_close_range, first, ~0u, 0u) == 0) return;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  for (rlim_t fd = first; fd < std::min<rlim_t>(limit.rlim_cur, 1 << 20); fd++) ::close(static_cast<int>(fd));
}

void reset_signals() {
  for (int s = 1; s < NSIG; s++) ::signal(s, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become_daemon(const Launch& launch) {
  if (::chdir("/") != 0) ::_exit(126);
  ::umask(077);
  ::dup2(launch.null.value(), 0);
  ::dup2(launch.log.value(), 1);
  ::dup2(launch.log.value(), 2);
  ::dup2(launch.ready.value(), ready_fd);
  close_from(ready_fd + 1);
  raise_soft_limits();
  shed_inheritance();
  reset_signals();
  ::execve(launch.arguments[0], launch.arguments.data(), launch.environment.data());
  const char* why = ::strerrordesc_np(errno);
  iovec line[] = {{const_cast<char*>("failed -1002 cannot be executed: "), 33},
                  {const_cast<char*>(why ? why : "?"), why ? std::strlen(why) : 1},
                  {const_cast<char*>("\n"), 1}};
  msghdr message{};
  message.msg_iov = line;
  message.msg_iovlen = 3;
  [[maybe_unused]] ssize_t n = ::sendmsg(ready_fd, &message, MSG_NOSIGNAL);
  ::_exit(127);
}

// Leads the new session, has the daemon as its child and leaves it to init: so the daemon can never get a terminal.
[[noreturn]] void lead_session(const Launch& launch) {
  ::setsid();
  pid_t pid = ::fork();
  if (pid == 0) become_daemon(launch);
  int32_t told = pid > 0 ? pid : -errno;
  [[maybe_unused]] ssize_t n = ::write(launch.pid_in.value(), &told, sizeof told);
  ::_exit(0);
}

// --- the starter ---

Result<int32_t> fork_twice(Launch& launch) {
  pid_t leader = 0;
  int failure = 0;
  {
    SignalsBlocked blocked;  // no handler of ours may run in the child before it has shed them
    leader = ::fork();
    failure = errno;
    if (leader == 0) lead_session(launch);
  }
  launch.ready.close();
  launch.pid_in.close();
  if (leader < 0) return system_error("fork", failure);
  while (::waitpid(leader, nullptr, 0) < 0 && errno == EINTR) {}
  int32_t pid = 0;
  if (::read(launch.pid_out.value(), &pid, sizeof pid) != sizeof pid) return error(Errc::io_error, "fork: no answer");
  if (pid < 0) return system_error("fork", -pid);
  return pid;
}

enum class Heard { line, end, time_up };

// Reads into `line` until its newline.
Heard hear(int fd, int64_t timeout_ms, std::string& line) {
  PosixClock clock;
  int64_t deadline = clock.mono_ms() + timeout_ms;
  for (;;) {
    int64_t left = deadline - clock.mono_ms();
    if (left <= 0) return Heard::time_up;
    pollfd p{fd, POLLIN, 0};
    if (::poll(&p, 1, static_cast<int>(std::min<int64_t>(left, 60000))) <= 0) continue;
    char bytes[1024];
    ssize_t n = ::recv(fd, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || line.size() > line_bytes_max) return Heard::end;
    line.append(bytes, static_cast<size_t>(n));
    if (size_t end = line.find('\n'); end != std::string::npos) {
      line.resize(end);
      return Heard::line;
    }
  }
}

// "failed CODE TEXT"
Error failure_in(const std::string& line) {
  constexpr std::string_view word = "failed ";
  if (!line.starts_with(word)) return error(Errc::io_error, line);
  size_t blank = std::min(line.find(' ', word.size()), line.size());
  auto code = number_in<int16_t>(std::string_view(line).substr(word.size(), blank - word.size()));
  if (!code) return error(Errc::io_error, line);
  return error(static_cast<Errc>(*code), line.substr(std::min(blank + 1, line.size())));
}

void tell(Fd ready, Bytes line) {
  if (!ready.is_open()) return;
  while (!line.empty()) {
    ssize_t n = ::send(ready.value(), line.data(), line.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == ENOTSOCK) n = ::write(ready.value(), line.data(), line.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    line.remove_prefix(static_cast<size_t>(n));
  }
}

}  // namespace

Result<int32_t> spawn_daemon(const DaemonOptions& options) {
  Launch launch;
  fill_texts(launch, options);
  BOBBIN_TRY(open_descriptors(launch, options));
  BOBBIN_TRY_ASSIGN(pid, fork_twice(launch));
  std::string line;
  switch (hear(launch.starter.value(), options.ready_timeout_ms, line)) {
    case Heard::line:
      if (line == "ready") return pid;
      return failure_in(line);
    case Heard::end:
      return error(Errc::stopped, "it ended before it was ready; see " + options.log_path);
    case Heard::time_up:
      break;
  }
  return error(Errc::no_answer, "it is not ready after " + std::to_string(options.ready_timeout_ms) + " ms (pid " +
                                    std::to_string(pid) + "); see " + options.log_path);
}

void tell_ready(Fd ready) { tell(std::move(ready), "ready\n"); }

void tell_failed(Fd ready, const Error& why) {
  std::string line = "failed ";
  line += std::to_string(static_cast<int>(why.code));
  line += ' ';
  line += why.message;
  std::replace(line.begin(), line.end(), '\n', ' ');
  line += '\n';
  tell(std::move(ready), line);
}

}  // namespace bobbin::os
