// What a command did to several things: it tells about each, and its exit code is that of the whole.
#pragma once

#include "cmd/exit.h"

namespace bobbin::cmd {

class Report {
 public:
  void done() { done_++; }
  // Says what went wrong with one of them.
  void failed(const Error& error) {
    int code = fail(error);
    if (code_ == exit_done) code_ = code;
  }
  // The code of the first failure; exit_no where a part was done.
  int exit_code() const { return code_ != exit_done && done_ > 0 ? exit_no : code_; }

 private:
  int done_ = 0;
  int code_ = exit_done;
};

}  // namespace bobbin::cmd
