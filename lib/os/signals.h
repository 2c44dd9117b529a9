// Signals as events: INT, TERM and HUP are read from a descriptor, where the program waits for everything else too.
#pragma once

#include <csignal>
#include <initializer_list>
#include <optional>

#include "base/result.h"
#include "os/fd.h"

namespace bobbin::os {

class Signals {
 public:
  // Takes INT, TERM and HUP for the whole process: call it before any thread is started. One that is ignored (nohup, a
  // background job of a plain shell) stays ignored. The signals become ordinary again when this object ends. `also`:
  // others to take with them.
  static Result<Signals> take(std::initializer_list<int> also = {});
  Signals(Signals&&) = default;
  Signals& operator=(Signals&&) = delete;
  ~Signals();

  int fd() const { return fd_.value(); }  // readable: a signal came
  std::optional<int> next();              // SIGINT, SIGTERM, SIGHUP or one of the others; empty: none is left

 private:
  Signals(Fd fd, const sigset_t& taken) : fd_(std::move(fd)), taken_(taken) {}
  Fd fd_;
  sigset_t taken_;
};

// Whether one of INT, TERM and HUP that Signals took for the process is waiting, or was read by next().
bool is_told_to_end();

// Ends the process as if the signal had not been caught, so that a shell sees why (128 + N, and a loop stops).
[[noreturn]] void die_of_signal(int signal);

// A write to a pipe without a reader (SIGPIPE) and one beyond `ulimit -f` (SIGXFSZ) are errors of that write, not the
// end of the process. Called once, first thing in main.
void ignore_write_signals();

}  // namespace bobbin::os
