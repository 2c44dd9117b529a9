#include "os/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "os/errors.h"
#include "os/stdio.h"

namespace bobbin::os {

namespace {

constexpr int high_fd_min = 10;  // above every descriptor that a child is given

// Where SIGCHLD is ignored the kernel forgets how a child ended.
void keep_ends() {
  struct sigaction now {};
  if (::sigaction(SIGCHLD, nullptr, &now) != 0 || now.sa_handler != SIG_IGN) return;
  now.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &now, nullptr);
}

// Read from its beginning.
Result<Fd> file_of(Bytes bytes) {
  Fd file(::memfd_create("bobbin", MFD_CLOEXEC));
  if (!file.is_open()) return system_error("memory for the input of a command");
  BOBBIN_TRY(write_all(file.value(), bytes));
  if (::lseek(file.value(), 0, SEEK_SET) != 0) return system_error("memory for the input of a command");
  Fd high(::fcntl(file.value(), F_DUPFD_CLOEXEC, high_fd_min));
  if (!high.is_open()) return system_error("memory for the input of a command");
  return high;
}

// What posix_spawn is told.
class Plan {
 public:
  Plan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none, ours;
    sigemptyset(&none);
    sigemptyset(&ours);
    // What this program ignores for itself; INT and the like stay as whoever started it wants them.
    for (int signal : {SIGPIPE, SIGXFSZ}) sigaddset(&ours, signal);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &ours);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  void give(int fd, int as) { ::posix_spawn_file_actions_adddup2(&actions_, fd, as); }
  Result<int32_t> start(const ChildOptions& options) {
    std::vector<char*> arguments = pointers(options.arguments), environment = pointers(options.environment);
    pid_t pid = 0;
    const int failed = ::posix_spawn(&pid, arguments[0], &actions_, &attributes_, arguments.data(), environment.data());
    if (failed != 0) return system_error(options.arguments[0] + " cannot be started", failed);
    return pid;
  }

 private:
  static std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
  }

  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

Result<Child> Child::start(const ChildOptions& options) {
  check(!options.arguments.empty() && options.files.size() <= child_files_max, "a child without a program");
  keep_ends();
  Plan plan;
  BOBBIN_TRY_ASSIGN(input, file_of(options.input));
  plan.give(input.value(), stdin_fd);
  std::vector<Fd> files;
  for (Bytes bytes : options.files) {
    BOBBIN_TRY_ASSIGN(file, file_of(bytes));
    plan.give(file.value(), child_files_fd + static_cast<int>(files.size()));
    files.push_back(std::move(file));
  }
  BOBBIN_TRY_ASSIGN(pid, plan.start(options));
  // Nobody else collects it, so its number is its own until then.
  Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (fd.is_open()) return Child(pid, std::move(fd));
  Error why = system_error("watching a command");
  ::kill(-pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {}
  return why;
}

std::optional<ChildEnd> Child::end() {
  int status = 0;
  pid_t got = 0;
  while ((got = ::waitpid(pid_, &status, WNOHANG)) < 0 && errno == EINTR) {}
  if (got != pid_) return std::nullopt;
  if (WIFSIGNALED(status)) return ChildEnd{ChildEnd::Kind::killed, WTERMSIG(status)};
  return ChildEnd{ChildEnd::Kind::exited, WEXITSTATUS(status)};
}

void Child::signal(int signal) { ::kill(-pid_, signal); }

}  // namespace bobbin::os
