#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <sstream>

#include "os/environment.h"
#include "os/limits.h"
#include "os/posix/storage.h"
#include "os/process.h"
#include "os/signals.h"
#include "os/temp_dir.h"
#include "os/wait.h"

using namespace bobbin;
using namespace bobbin::os;
using test::TempDir;

namespace {

// A child that does nothing until it is killed; reaped at the end.
class Sleeper {
 public:
  Sleeper() : pid_(::fork()) {
    if (pid_ == 0) {
      for (;;) ::pause();
    }
    REQUIRE(pid_ > 0);
  }
  ~Sleeper() {
    ::kill(pid_, SIGKILL);
    reap();
  }
  void reap() {
    if (!std::exchange(reaped_, true)) ::waitpid(pid_, nullptr, 0);
  }
  void wait_for(int options) { ::waitpid(pid_, nullptr, options); }
  ProcessId id() const { return find_process(pid_).value(); }
  int pid() const { return pid_; }

 private:
  int pid_;
  bool reaped_ = false;
};

DaemonOptions shell(const TempDir& dir, const std::string& script) {
  DaemonOptions options;
  options.exe = "/bin/sh";
  options.args = {"-c", script, "sh", dir.path()};
  options.log_path = dir / "log";
  options.ready_timeout_ms = 30000;
  return options;
}

std::string text_of(const std::string& path) {
  PosixStorage storage;
  auto text = read_whole_file(storage, path);
  return text ? *text : std::string();
}

// A daemon is nobody's child: it can only be looked at until it has gone.
void wait_until_gone(int32_t pid) {
  auto process = find_process(pid);
  if (!process) return;
  auto pidfd = open_pidfd(*process);
  if (!pidfd) return;
  WaitFd waits[] = {{pidfd->value(), true}};
  REQUIRE(wait(waits, 30000).value() == 1);
}

}  // namespace

TEST_CASE("Process: is known by pid and start time") {
  ProcessId self = self_process();
  CHECK(self.pid == ::getpid());
  CHECK(self.start_time > 0);
  CHECK(find_process(self.pid) == self);
  CHECK(state(self) == ProcessState::running);
  CHECK(state(ProcessId{self.pid, self.start_time + 1}) == ProcessState::gone);
  CHECK(state(ProcessId{0, 0}) == ProcessState::gone);
  CHECK(!find_process(-1));
  CHECK(current_uid() == ::geteuid());
}

TEST_CASE("Process: is recognized by its user, its program and the lock that it holds") {
  TempDir dir;
  PosixStorage storage;
  const std::string lock_path = dir / "lock";
  ProcessId self = self_process();
  CHECK(user_of(self) == ::geteuid());
  CHECK(runs_program(self, "test_os"));
  CHECK_FALSE(holds_lock(self, lock_path));
  {
    auto lock = storage.try_lock(lock_path).value();
    CHECK(holds_lock(self, lock_path));
    auto other = storage.try_lock(dir / "other").value();
    CHECK_FALSE(holds_lock(self, dir / "none"));
    auto opened = storage.open(dir / "opened", Open::create).value();
    CHECK_FALSE(holds_lock(self, dir / "opened"));  // open is not held
    DaemonOptions options = shell(dir, "echo ready >&3; exec sleep 60");
    ProcessId stranger = find_process(spawn_daemon(options).value()).value();
    CHECK_FALSE(holds_lock(stranger, lock_path));
    CHECK_FALSE(runs_program(stranger, "bobbin"));
    CHECK(user_of(stranger) == ::geteuid());
    CHECK(send_signal(stranger, SIGKILL));
    wait_until_gone(stranger.pid);
    CHECK_FALSE(user_of(stranger).has_value());
  }
  CHECK_FALSE(holds_lock(self, lock_path));
}

TEST_CASE("Process: core dumps are off, wherever the machine sends them, until they are asked for") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_CORE, &before) == 0);
  allow_core_dumps(false);
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_CORE, &limit) == 0);
  CHECK(limit.rlim_cur == std::min<rlim_t>(1, before.rlim_max));  // 1 keeps it from a pipe, too
  CHECK(limit.rlim_max == before.rlim_max);
  allow_core_dumps(true);
  REQUIRE(::getrlimit(RLIMIT_CORE, &limit) == 0);
  CHECK(limit.rlim_cur == before.rlim_max);
  REQUIRE(::setrlimit(RLIMIT_CORE, &before) == 0);
}

TEST_CASE("Daemon: a log that is no file is an error at once") {
  TempDir dir;
  DaemonOptions options = shell(dir, "echo ready >&3");
  REQUIRE(::mkfifo(options.log_path.c_str(), 0600) == 0);
  auto started = spawn_daemon(options);
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().message.find("where a file belongs") != std::string::npos);
}

TEST_CASE("Daemon: a log that was there is not made anew") {
  TempDir dir;
  DaemonOptions options = shell(dir, "echo said; echo ready >&3");
  options.log_is_there = true;
  auto refused = spawn_daemon(options);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::not_found);
  CHECK_FALSE(PosixStorage().stat(options.log_path));
  REQUIRE(PosixStorage().open(options.log_path, Open::create).ok());
  CHECK(spawn_daemon(options).ok());
  CHECK(text_of(options.log_path) == "said\n");
}

TEST_CASE("Process: running, stopped, a zombie, gone") {
  Sleeper child;
  ProcessId id = child.id();
  CHECK(state(id) == ProcessState::running);
  REQUIRE(send_signal(id, SIGSTOP));
  child.wait_for(WUNTRACED);
  CHECK(state(id) == ProcessState::stopped);
  Fd pidfd = open_pidfd(id).value();
  WaitFd waits[] = {{pidfd.value(), true}};
  CHECK(wait(waits, 0).value() == 0);
  REQUIRE(send_signal(id, SIGKILL));
  CHECK(wait(waits, 30000).value() == 1);
  CHECK(state(id) == ProcessState::gone);  // a zombie
  CHECK(send_signal(id, SIGTERM).error().code == Errc::not_found);
  child.reap();
  CHECK(state(id) == ProcessState::gone);
  CHECK(open_pidfd(id).error().code == Errc::not_found);
}

TEST_CASE("Process: a signal never reaches another process under the same pid") {
  Sleeper child;
  ProcessId other{child.pid(), child.id().start_time + 1};
  CHECK(send_signal(other, SIGKILL).error().code == Errc::not_found);
  CHECK(state(child.id()) == ProcessState::running);
}

TEST_CASE("Process: this program's path can be executed, and its descriptors are many") {
  CHECK(::access(self_exe().c_str(), X_OK) == 0);
  CHECK(raise_soft_limits() >= 256);
}

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr bool memory_is_limited =
    false;  // of what this sanitizer needs beside the program's own nobody knows how much
#else
constexpr bool memory_is_limited = true;
#endif

// Of a child of a starter that has limits and priorities of its own.
void inherit_much() {
  for (int which : {RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_NPROC, RLIMIT_SIGPENDING}) {
    if (which == RLIMIT_DATA && !memory_is_limited) continue;
    rlimit limit{};
    REQUIRE(::getrlimit(static_cast<__rlimit_resource>(which), &limit) == 0);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, which == RLIMIT_NOFILE ? 256 : 1 << 28);
    REQUIRE(::setrlimit(static_cast<__rlimit_resource>(which), &limit) == 0);
  }
  REQUIRE(::setpriority(PRIO_PROCESS, 0, 7) == 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
  REQUIRE(::prctl(PR_SET_TIMERSLACK, 1'000'000) == 0);
  ::umask(0777);
}

std::string line_of(const std::string& text, const std::string& begin) {
  size_t at = text.find(begin);
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
}

}  // namespace

TEST_CASE("Daemon: limits, priority, processors and umask of whoever started it are not its own") {
  TempDir dir;
  // In a process of its own: what it takes upon itself, it could not shed.
  pid_t starter = ::fork();
  if (starter == 0) {
    inherit_much();
    auto pid = spawn_daemon(shell(
        dir,
        "cat /proc/$$/limits > \"$1/limits\"; cat /proc/$$/status > \"$1/status\"; cat /proc/$$/stat > \"$1/stat\"\n"
        "cat /proc/$$/timerslack_ns > \"$1/slack\"; umask > \"$1/umask\"; echo ready >&3"));
    ::_exit(pid ? 0 : 1);
  }
  int result = 0;
  REQUIRE(::waitpid(starter, &result, 0) == starter);
  REQUIRE(result == 0);
  std::istringstream limits(text_of(dir / "limits"));
  std::string line;
  int seen = 0;
  std::getline(limits, line);
  while (std::getline(limits, line)) {
    INFO(line);
    std::istringstream numbers(line.substr(26));
    std::string soft, hard;
    numbers >> soft >> hard;
    if (line.starts_with("Max core file size") || (line.starts_with("Max stack size") && hard != "unlimited")) continue;
    CHECK(soft == hard);
    seen++;
  }
  CHECK(seen > 10);
  std::istringstream stat(text_of(dir / "stat"));
  for (int field = 1; field <= 19; field++) stat >> line;
  if (current_uid() == 0) CHECK(line == "0");
  std::stringstream own_status;
  own_status << std::ifstream("/proc/self/status").rdbuf();
  auto own = own_status.str();
  CHECK(line_of(text_of(dir / "status"), "Cpus_allowed:") == line_of(own, "Cpus_allowed:"));
  CHECK(text_of(dir / "slack") == "50000\n");
  CHECK(text_of(dir / "umask") == "0077\n");
}

TEST_CASE("Daemon: is ready when it says so, and has nothing of its starter") {
  TempDir dir;
  ::setenv("BOBBIN_TEST_STAYS", "yes", 1);
  ::setenv("SECRET_TEST_GOES", "no", 1);
  int leaked = ::fcntl(0, F_DUPFD, 100);  // not close-on-exec, on purpose
  auto pid = spawn_daemon(shell(dir, R"(
    cd -P . && pwd > "$1/cwd"; umask > "$1/umask"; env > "$1/env"; ulimit -n > "$1/soft"; ulimit -Hn > "$1/hard"
    (ls /proc/$$/fd > "$1/fds"); cut -d' ' -f1-7 /proc/$$/stat > "$1/stat"; grep -E '^Sig(Blk|Ign)' /proc/self/status > "$1/signals"
    echo to the log; echo to stderr >&2
    echo ready >&3)"));
  ::close(leaked);
  ::unsetenv("BOBBIN_TEST_STAYS");
  ::unsetenv("SECRET_TEST_GOES");
  REQUIRE(pid);
  wait_until_gone(*pid);
  CHECK(text_of(dir / "cwd") == "/\n");
  CHECK(text_of(dir / "umask") == "0077\n");
  CHECK(text_of(dir / "soft") == text_of(dir / "hard"));
  std::string env = text_of(dir / "env");
  CHECK(env.find("BOBBIN_TEST_STAYS=yes") != std::string::npos);
  CHECK(env.find("SECRET_TEST_GOES") == std::string::npos);
  CHECK(env.find("PATH=") != std::string::npos);
  // Looked at from a subshell of its own: for a pipe, or a file of a command, the shell itself has descriptors open a while.
  CHECK(text_of(dir / "fds") == "0\n1\n2\n3\n");
  CHECK(text_of(dir / "log") == "to the log\nto stderr\n");
  std::string stat = text_of(dir / "stat");  // PID (sh) S PPID PGRP SESSION TTY
  CHECK(stat.find(std::to_string(*pid) + " (sh)") == 0);
  CHECK(stat.find(" " + std::to_string(::getsid(0)) + " ") == std::string::npos);
  CHECK(stat.substr(stat.rfind(' ')) == " 0\n");
  CHECK(text_of(dir / "signals").find("SigBlk:\t0000000000000000") != std::string::npos);
  CHECK(text_of(dir / "signals").find("SigIgn:\t0000000000000000") != std::string::npos);
}

TEST_CASE("Daemon: its signals are ordinary although the starter's are not") {
  TempDir dir;
  ignore_write_signals();
  auto signals = Signals::take();
  REQUIRE(signals);
  auto pid = spawn_daemon(shell(dir, "echo ready >&3; exec 3>&-; kill -TERM $$; sleep 30; echo lived > \"$1/lived\""));
  REQUIRE(pid);
  wait_until_gone(*pid);
  CHECK(text_of(dir / "lived").empty());
}

TEST_CASE("Daemon: what it says of its failure is the starter's error") {
  TempDir dir;
  auto result = spawn_daemon(shell(dir, "echo 'failed -1010 the directory is in use' >&3; sleep 0"));
  REQUIRE(!result);
  CHECK(result.error().code == Errc::busy);
  CHECK(result.error().message == "the directory is in use");
}

TEST_CASE("Daemon: one that dies without a word, and one that cannot be executed") {
  TempDir dir;
  auto died = spawn_daemon(shell(dir, "printf rea >&3; exit 3"));
  REQUIRE(!died);
  CHECK(died.error().code == Errc::stopped);
  CHECK(died.error().message.find(dir / "log") != std::string::npos);
  DaemonOptions options = shell(dir, "");
  options.exe = dir / "no-such-program";
  auto missing = spawn_daemon(options);
  REQUIRE(!missing);
  CHECK(missing.error().message.find("cannot be executed") != std::string::npos);
  options.log_path = dir / "no/log";
  CHECK(spawn_daemon(options).error().code == Errc::not_found);
}

TEST_CASE("Daemon: one that is silent is given up, but lives") {
  TempDir dir;
  DaemonOptions options = shell(dir, "echo $$ > \"$1/pid\"; exec sleep 600");
  options.ready_timeout_ms = 300;
  auto result = spawn_daemon(options);
  REQUIRE(!result);
  CHECK(result.error().code == Errc::no_answer);
  size_t at = result.error().message.find("(pid ");
  REQUIRE(at != std::string::npos);
  auto process = find_process(std::stoi(result.error().message.substr(at + 5)));
  REQUIRE(process);
  REQUIRE(send_signal(*process, SIGKILL));
  wait_until_gone(process->pid);
}

TEST_CASE("Daemon: tell_ready and tell_failed speak to the starter, or to nobody") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  Fd out(ends[0]);
  tell_failed(Fd(ends[1]), error(Errc::disk_full, "no\nroom"));
  char line[100];
  ssize_t n = ::read(out.value(), line, sizeof line);
  REQUIRE(n > 0);
  CHECK(std::string(line, static_cast<size_t>(n)) == "failed -1003 no room\n");
  CHECK(::read(out.value(), line, sizeof line) == 0);
  tell_ready(Fd());
}

TEST_CASE("Signals: are read where everything else is waited for") {
  auto signals = Signals::take();
  REQUIRE(signals);
  CHECK(!signals->next());
  ::kill(::getpid(), SIGTERM);
  WaitFd waits[] = {{signals->fd(), true}};
  CHECK(wait(waits, 30000).value() == 1);
  CHECK(signals->next() == SIGTERM);
  CHECK(!signals->next());
}

TEST_CASE("Signals: one that is ignored stays ignored") {
  ::signal(SIGHUP, SIG_IGN);
  {
    auto signals = Signals::take();
    REQUIRE(signals);
    ::kill(::getpid(), SIGHUP);
    ::kill(::getpid(), SIGINT);
    CHECK(signals->next() == SIGINT);
    CHECK(!signals->next());
  }
  ::signal(SIGHUP, SIG_DFL);
}

TEST_CASE("Signals: others can be taken with them") {
  auto signals = Signals::take({SIGUSR1});
  REQUIRE(signals);
  ::kill(::getpid(), SIGUSR1);
  CHECK(signals->next() == SIGUSR1);
  ::kill(::getpid(), SIGTERM);
  CHECK(signals->next() == SIGTERM);
  CHECK(!signals->next());
}

TEST_CASE("Signals: a program that took one can still die of it") {
  int pid = ::fork();
  if (pid == 0) {
    auto signals = Signals::take();
    die_of_signal(SIGINT);
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
}

TEST_CASE("Environment: tells what is set and where we are") {
  ::setenv("BOBBIN_TEST_EMPTY", "", 1);
  CHECK(environment("BOBBIN_TEST_EMPTY") == "");
  CHECK(!environment("BOBBIN_TEST_NOT_SET"));
  ::unsetenv("BOBBIN_TEST_EMPTY");
  CHECK(home_dir().has_value());
  CHECK(!host_name().empty());
  CHECK(current_dir().value().front() == '/');
}
