// stdout of a command that streams: writes never wait where a signal could not end the waiting, and a reader that goes
// is an event, not an error.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace bobbin::cmd {

class StdoutWriter {
 public:
  // `signal_fd` becomes readable when a signal came (-1: none).
  explicit StdoutWriter(int signal_fd);

  enum class Outcome {
    written,
    closed,      // the reader has gone
    interrupted  // a signal came while the reader did not read; a part may be written
  };
  // Errc::disk_full, io_error.
  Result<Outcome> write(Bytes bytes);

 private:
  size_t room() const;

  int signal_fd_;
  size_t pipe_bytes_ = 0;  // what the pipe holds; 0: not a pipe
};

}  // namespace bobbin::cmd
