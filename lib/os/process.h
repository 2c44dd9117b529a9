// Processes: who am I, who lives, and how a broker is started so that it has nothing of its starter's.
//
// A process is named by pid and start time: a pid alone may by now be somebody else's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/fd.h"

namespace bobbin::os {

struct ProcessId {
  int32_t pid = 0;
  uint64_t start_time = 0;  // field 22 of /proc/PID/stat: clock ticks since the boot
  bool operator==(const ProcessId&) const = default;
};

enum class ProcessState {
  running,
  stopped,  // by Ctrl-Z, SIGSTOP or a debugger
  gone      // dead, a zombie, or the pid is somebody else's by now
};

ProcessId self_process();
// Empty: no such process.
std::optional<ProcessId> find_process(int32_t pid);
ProcessState state(ProcessId process);

// What a process is recognized by, beside its id. Empty or false, too, when that is not ours to know: another user's.
std::optional<uint32_t> user_of(ProcessId process);
bool runs_program(ProcessId process, std::string_view name);  // an executable of this name, or this very program
bool holds_lock(ProcessId process, const std::string& path);  // a lock of os::Storage

// Lets others run first: for loops that look again instead of sleeping.
void yield();
// How many threads can run at once.
int usable_cores();

// Errc::not_found when it is gone. Never reaches another process under the same pid (pidfd).
Status send_signal(ProcessId process, int signal);
// Becomes readable when the process dies. Errc::not_found when it is gone already.
Result<Fd> open_pidfd(ProcessId process);

// The PID namespace of this process, as the kernel writes it; empty where there is no /proc.
std::string pid_namespace();

uint32_t current_uid();
uint32_t current_gid();
// A path that executes this very program again, also after its file was replaced.
std::string self_exe();

// --- starting a broker ---

struct DaemonOptions {
  std::string exe;                // self_exe()
  std::vector<std::string> args;  // without the program's name
  std::string log_path;           // gets stdout and stderr, appended; made 0600
  bool log_is_there = false;      // then it is not made: Errc::not_found, if it has gone
  int64_t ready_timeout_ms = 10000;
};

// The daemon finds the pipe on which it says that it is ready at this descriptor.
inline constexpr int ready_fd = 3;

// Starts a program that is nobody's child: own session, cwd /, umask 077, no descriptor but /dev/null, its log and the
// ready pipe, a clean environment (PATH, HOME, USER, LOGNAME, LANG, LC_*, TZ, TMPDIR, XDG_*, BOBBIN_* stay), soft limits
// at the hard ones, priorities and the like of its own (limits.h), no signal blocked or ignored. Then waits until the daemon says
// ready or failed, dies, or the time is up. Returns its pid. Errors: what the daemon said; Errc::stopped when it died
// without a word (the log may say more); Errc::no_answer when the time was up (it may still be starting).
Result<int32_t> spawn_daemon(const DaemonOptions& options);

// The daemon's side: one line to the starter, then the pipe is closed. A starter that has gone is fine.
void tell_ready(Fd ready);
void tell_failed(Fd ready, const Error& why);

}  // namespace bobbin::os
