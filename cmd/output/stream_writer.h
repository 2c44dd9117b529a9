// Where a command that streams writes to: stdout, or the file of refused lines. Whatever it is (a pipe, a socket, a
// terminal, a file), a write never waits where a signal could not end the waiting, and a reader that goes is an event, not
// an error.
#pragma once

#include <cstdint>
#include <functional>

#include "base/bytes.h"
#include "base/result.h"

namespace bobbin::cmd {

class StreamWriter {
 public:
  // Does not own `fd`. `signal_fd` becomes readable when a signal came (-1: none).
  StreamWriter(int fd, int signal_fd);

  enum class Outcome {
    written,
    closed,      // the reader has gone
    interrupted  // a signal came while the reader did not read; a part may be written
  };
  // `is_ending`: a signal came already. Then a reader that takes nothing for a moment is not waited for.
  // Errc::disk_full, io_error, ...
  Result<Outcome> write(Bytes bytes, bool is_ending = false);
  // Called now and then while a reader is waited for; an error ends the waiting.
  void meanwhile(std::function<Status()> what) { meanwhile_ = std::move(what); }
  // How many bytes were written in all.
  uint64_t written() const { return written_; }

 private:
  int fd_;
  int signal_fd_;
  uint64_t written_ = 0;
  std::function<Status()> meanwhile_;
};

}  // namespace bobbin::cmd
