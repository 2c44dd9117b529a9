// A line on stderr that counts while long work goes on; only on a terminal, and never with --quiet.
#pragma once

#include <cstdint>
#include <string>

#include "cmd/words/arguments.h"

namespace bobbin::cmd {

class Progress {
 public:
  // `what` was done to the records: "sent".
  Progress(const Arguments& arguments, std::string what);
  bool is_on() const { return on_; }
  // At most a few times a second, and not in the first second.
  void show(uint64_t records);
  void clear();

 private:
  bool on_;
  std::string what_;
  int64_t next_ms_ = 0;
  bool shown_ = false;
};

}  // namespace bobbin::cmd
