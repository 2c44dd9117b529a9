#include "os/process.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/number.h"
#include "os/errors.h"
#include "os/filesystem.h"

namespace bobbin::os {

namespace {

struct ProcStat {
  char state = '?';
  uint64_t start_time = 0;
};

std::string read_proc_file(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return {};
  char text[1024];
  ssize_t n = ::read(fd.value(), text, sizeof text);
  return n > 0 ? std::string(text, static_cast<size_t>(n)) : std::string();
}

// "PID (NAME) STATE ..."; the name may hold spaces and brackets, so fields are counted from its last bracket.
std::optional<ProcStat> proc_stat(int32_t pid) {
  std::string text = read_proc_file("/proc/" + std::to_string(pid) + "/stat");
  size_t at = text.rfind(')');
  if (at == std::string::npos || at + 2 >= text.size()) return std::nullopt;
  ProcStat out;
  out.state = text[at + 2];
  at += 2;
  for (int field = 3; field < 22; field++) {
    at = text.find(' ', at);
    if (at == std::string::npos) return std::nullopt;
    at++;
  }
  out.start_time = number_in<uint64_t>(std::string_view(text).substr(at, text.find(' ', at) - at)).value_or(0);
  return out;
}

Fd pidfd_of(int32_t pid) { return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

std::string name_of(ProcessId process) { return "process " + std::to_string(process.pid); }

}  // namespace

ProcessId self_process() {
  ProcessId self{::getpid(), 0};
  if (auto stat = proc_stat(self.pid)) self.start_time = stat->start_time;
  return self;
}

std::optional<ProcessId> find_process(int32_t pid) {
  auto stat = proc_stat(pid);
  if (!stat || stat->state == 'Z' || stat->state == 'X') return std::nullopt;
  return ProcessId{pid, stat->start_time};
}

ProcessState state(ProcessId process) {
  auto stat = proc_stat(process.pid);
  if (!stat || stat->start_time != process.start_time) return ProcessState::gone;
  if (stat->state == 'Z' || stat->state == 'X') return ProcessState::gone;
  return stat->state == 'T' || stat->state == 't' ? ProcessState::stopped : ProcessState::running;
}

// First the descriptor, which keeps its process, then the look at who that is.
Result<Fd> open_pidfd(ProcessId process) {
  if (process.pid <= 0) return error(Errc::not_found, name_of(process) + ": there is no such process");
  Fd fd = pidfd_of(process.pid);
  if (!fd.is_open() && errno != ESRCH) return system_error(name_of(process));
  if (!fd.is_open() || state(process) == ProcessState::gone) {
    return error(Errc::not_found, name_of(process) + ": has ended");
  }
  return fd;
}

Status send_signal(ProcessId process, int signal) {
  BOBBIN_TRY_ASSIGN(fd, open_pidfd(process));
  if (::syscall(SYS_pidfd_send_signal, fd.value(), signal, nullptr, 0) == 0) return {};
  if (errno == ESRCH) return error(Errc::not_found, name_of(process) + ": has ended");
  return system_error(name_of(process));
}

void yield() { ::sched_yield(); }

int usable_cores() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}

std::string pid_namespace() {
  char name[64];
  ssize_t n = ::readlink("/proc/self/ns/pid", name, sizeof name);
  return n > 0 ? std::string(name, static_cast<size_t>(n)) : std::string();
}

uint32_t current_uid() { return ::geteuid(); }
uint32_t current_gid() { return ::getegid(); }

namespace {

// Where there is no /proc: as the kernel was told when it executed us. Relative to the working directory of then, which a
// program that asks has not left.
std::string exe_by_its_start() {
  auto told = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  if (!told || !*told) return "/proc/self/exe";
  auto path = real_path(told);
  return path ? *path : told;
}

}  // namespace

std::string self_exe() {
  const char* link = "/proc/self/exe";
  std::string path(4096, '\0');
  ssize_t n = ::readlink(link, path.data(), path.size());
  if (n < 0) return exe_by_its_start();
  if (n == 0 || static_cast<size_t>(n) == path.size()) return link;
  path.resize(static_cast<size_t>(n));
  // Replaced or deleted meanwhile ("... (deleted)"): the link itself still executes the program that runs.
  return ::access(path.c_str(), X_OK) == 0 ? path : link;
}

}  // namespace bobbin::os
