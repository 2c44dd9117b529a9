#include "os/limits.h"

#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "os/fd.h"

namespace bobbin::os {

namespace {

constexpr rlim_t stack_bytes = 8 << 20;
constexpr rlim_t few_files = 1024;

void raise(int which) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(which), &limit) != 0) return;
  rlim_t wanted = limit.rlim_max;
  // Threads are given so much each, unless it is unlimited: a large one would have to be there for all of them.
  if (which == RLIMIT_STACK && wanted != RLIM_INFINITY)
    wanted = std::min(wanted, std::max(limit.rlim_cur, stack_bytes));
  limit.rlim_cur = wanted;
  ::setrlimit(static_cast<__rlimit_resource>(which), &limit);
}

}  // namespace

uint64_t raise_soft_limits() {
  for (int which = 0; which < RLIM_NLIMITS; which++)
    if (which != RLIMIT_CORE) raise(which);
  rlimit files{};
  return ::getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur : few_files;
}

// A limit of 0 keeps the kernel from writing a file, but not from handing the dump to a program (core(5)); below a page
// and of 1 it does neither.
void allow_core_dumps(bool allowed) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_CORE, &limit) != 0) return;
  limit.rlim_cur = allowed ? limit.rlim_max : std::min<rlim_t>(1, limit.rlim_max);
  ::setrlimit(RLIMIT_CORE, &limit);
  if (limit.rlim_max >= 1) return;
  // A hard limit of 0 leaves only this: no memory in what a program is handed.
  Fd filter(::open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC));
  if (filter.is_open()) [[maybe_unused]]
    ssize_t n = ::write(filter.value(), allowed ? "0x33" : "0", allowed ? 4 : 1);
}

void shed_inheritance() {
  sched_param none{};
  ::sched_setscheduler(0, SCHED_OTHER, &none);
  ::setpriority(PRIO_PROCESS, 0, 0);
  ::syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 0));
  unsigned long processors[128];  // 8192 of them; the kernel leaves out those that are not there
  std::fill(std::begin(processors), std::end(processors), ~0ul);
  ::syscall(SYS_sched_setaffinity, 0, sizeof processors, processors);
  ::syscall(SYS_set_mempolicy, MPOL_DEFAULT, nullptr, 0);
  ::prctl(PR_SET_TIMERSLACK, 50'000, 0, 0, 0);
  ::prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
  int killer = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (killer < 0) return;
  [[maybe_unused]] ssize_t n = ::write(killer, "0", 1);
  ::close(killer);
}

std::vector<std::string> inherited_limits() {
  std::vector<std::string> left;
  auto say_limit = [&](int which, rlim_t harmless, const std::string& what) {
    rlimit limit{};
    if (::getrlimit(static_cast<__rlimit_resource>(which), &limit) == 0 && limit.rlim_cur < harmless)
      left.push_back(std::to_string(limit.rlim_cur) + what);
  };
  say_limit(RLIMIT_FSIZE, RLIM_INFINITY, " bytes a file (ulimit -f)");
  say_limit(RLIMIT_NOFILE, few_files, " open files (ulimit -n)");
  say_limit(RLIMIT_AS, RLIM_INFINITY, " bytes of address space (ulimit -v)");
  say_limit(RLIMIT_DATA, RLIM_INFINITY, " bytes of memory (ulimit -d)");
  say_limit(RLIMIT_CPU, RLIM_INFINITY, " s of processor time, then it is killed (ulimit -t)");
  errno = 0;
  int nice = ::getpriority(PRIO_PROCESS, 0);
  if (errno == 0 && nice > 0) left.push_back("nice " + std::to_string(nice));
  if (int policy = ::sched_getscheduler(0); policy == SCHED_IDLE || policy == SCHED_BATCH)
    left.push_back(policy == SCHED_IDLE ? "scheduled when nothing else runs (SCHED_IDLE)"
                                        : "scheduled as a batch job (SCHED_BATCH)");
  return left;
}

}  // namespace bobbin::os
