#include "os/bus_error.h"

#include <unistd.h>

#include <csignal>
#include <string_view>

namespace bobbin::os {

namespace {

volatile sig_atomic_t code_at_end = 0;

// Only what may be called in a signal handler.
void end(int signal, siginfo_t* info, void*) {
  if (info->si_code == BUS_ADRERR) {
    constexpr std::string_view text = "bobbin: a file became shorter while it was read: it is damaged\n";
    [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    ::_exit(code_at_end);
  }
  // Blocked until this returns; then it comes again, by this call or by the instruction that failed.
  struct sigaction fatal {};
  fatal.sa_handler = SIG_DFL;
  ::sigaction(signal, &fatal, nullptr);
  ::raise(signal);
}

}  // namespace

void exit_on_bus_error(int exit_code) {
  code_at_end = exit_code;
  struct sigaction handled {};
  handled.sa_sigaction = end;
  handled.sa_flags = SA_SIGINFO;
  sigemptyset(&handled.sa_mask);
  ::sigaction(SIGBUS, &handled, nullptr);
}

}  // namespace bobbin::os
