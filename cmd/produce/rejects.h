// Lines that a produce refused: how many, the first of them, and the file where they are kept (--on-error file=FILE).
#pragma once

#include <optional>
#include <string>

#include "cmd/output/stream_writer.h"
#include "cmd/produce/options.h"
#include "os/fd.h"

namespace bobbin::cmd {

class Rejects {
 public:
  // Makes the file, or empties the one that is there. A FIFO waits for its reader: not after Signals were taken.
  Status open(const ProduceOptions& options);
  // From now on a signal ends the waiting for such a reader.
  void watch(int signal_fd);
  bool stops() const { return how_ == OnError::stop; }
  void write(Bytes bytes, bool is_ending);
  void add(const std::string& place, const std::string& why);
  uint64_t count() const { return count_; }
  const std::string& first() const { return first_; }
  // Whether all of them are in the file.
  Status close(bool is_ending);

 private:
  void flush(bool is_ending);

  OnError how_ = OnError::stop;
  os::Fd file_;
  std::optional<StreamWriter> writer_;
  std::string path_;
  std::string waiting_;  // not yet written
  uint64_t count_ = 0;
  std::string first_;
  std::optional<Error> bad_;
};

}  // namespace bobbin::cmd
