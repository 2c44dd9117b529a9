#include "cmd/output/stream_writer.h"

#include "os/stdio.h"
#include "os/wait.h"

namespace bobbin::cmd {
namespace {
constexpr int64_t ending_ms = 200, meanwhile_ms = 100;
}

StreamWriter::StreamWriter(int fd, int signal_fd) : fd_(fd), signal_fd_(signal_fd) {
  if (os::is_fifo(fd_)) os::set_pipe_capacity(fd_, 1 << 20);
}

Result<StreamWriter::Outcome> StreamWriter::write(Bytes bytes, bool is_ending) {
  while (!bytes.empty()) {
    os::WaitFd fds[] = {{.fd = fd_, .want_write = true}, {.fd = signal_fd_, .want_read = true}};
    const int64_t wait_ms = meanwhile_ ? meanwhile_ms : -1;
    BOBBIN_TRY_ASSIGN(ready, os::wait(fds, is_ending ? ending_ms : wait_ms));
    if (fds[0].hangup) return Outcome::closed;
    if (!fds[0].writable) {
      if (fds[1].readable || (is_ending && ready == 0)) return Outcome::interrupted;
      if (meanwhile_ && ready == 0) BOBBIN_TRY(meanwhile_());
      continue;
    }
    auto taken = os::write_some(fd_, bytes);
    if (!taken && taken.error().code == Errc::disconnected) return Outcome::closed;
    if (!taken) return std::move(taken).error();
    bytes.remove_prefix(taken->value_or(0));
    written_ += taken->value_or(0);
  }
  return Outcome::written;
}

}  // namespace bobbin::cmd
