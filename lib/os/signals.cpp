#include "os/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "os/errors.h"

namespace bobbin::os {

namespace {

std::atomic<bool> was_told_to_end = false;

bool is_end(int signal) { return signal == SIGINT || signal == SIGTERM || signal == SIGHUP; }

bool is_ignored(int signal) {
  struct sigaction now {};
  return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace

Result<Signals> Signals::take(std::initializer_list<int> also) {
  sigset_t set;
  sigemptyset(&set);
  // A blocked signal is queued even when it is ignored, so those that are ignored are left out.
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (!is_ignored(signal)) sigaddset(&set, signal);
  }
  for (int signal : also) sigaddset(&set, signal);
  Fd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.is_open()) return system_error("signalfd");
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return Signals(std::move(fd), set);
}

Signals::~Signals() {
  if (fd_.is_open()) pthread_sigmask(SIG_UNBLOCK, &taken_, nullptr);
}

std::optional<int> Signals::next() {
  signalfd_siginfo info{};
  for (;;) {
    ssize_t n = ::read(fd_.value(), &info, sizeof info);
    if (n == static_cast<ssize_t>(sizeof info)) {
      auto signal = static_cast<int>(info.ssi_signo);
      if (is_end(signal)) was_told_to_end = true;
      return signal;
    }
    if (n >= 0 || errno != EINTR) return std::nullopt;
  }
}

bool is_told_to_end() {
  if (was_told_to_end) return true;
  sigset_t waiting;
  if (::sigpending(&waiting) != 0) return false;
  auto waits = [&](int signal) { return sigismember(&waiting, signal) == 1 && !is_ignored(signal); };
  return waits(SIGINT) || waits(SIGTERM) || waits(SIGHUP);
}

void die_of_signal(int signal) {
  struct sigaction fatal {};
  fatal.sa_handler = SIG_DFL;
  ::sigaction(signal, &fatal, nullptr);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::raise(signal);
  ::_exit(128 + signal);  // a signal whose default is not to die
}

void ignore_write_signals() {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
  ::sigaction(SIGXFSZ, &ignore, nullptr);
}

}  // namespace bobbin::os
