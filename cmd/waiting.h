// Says on stderr what a command is waiting for, once it has waited for two seconds, and not again until something moved.
#pragma once

#include <cstdint>
#include <string>

#include "cmd/words/arguments.h"

namespace bobbin::cmd {

class Waiting {
 public:
  explicit Waiting(const Arguments& arguments);

  // Something moved: the waiting begins anew.
  void moved();
  // `what` is awaited (empty: nothing). Said once it is time; `always`: also when stderr is no terminal.
  void on(const std::string& what, bool always = false);
  // Until on() should be called again: milliseconds, or -1.
  int64_t next_ms(bool anything_awaited) const;

 private:
  const Arguments& arguments_;
  bool on_terminal_;
  int64_t since_;
  bool said_ = false;
};

}  // namespace bobbin::cmd
