#include "cmd/stdout_writer.h"

#include "os/stdio.h"
#include "os/wait.h"

namespace bobbin::cmd {
namespace {
constexpr size_t page_bytes = 4096;  // what a pipe that is said to be writable takes without waiting
}

StdoutWriter::StdoutWriter(int signal_fd) : signal_fd_(signal_fd) {
  if (!os::is_fifo(os::stdout_fd)) return;
  os::set_pipe_capacity(os::stdout_fd, 1 << 20);
  pipe_bytes_ = os::pipe_capacity(os::stdout_fd).value_or(0);
}

// An empty pipe takes all that it holds; of one that is not, only a page is sure.
size_t StdoutWriter::room() const {
  auto unread = os::unread_bytes(os::stdout_fd);
  return unread && *unread == 0 ? pipe_bytes_ : page_bytes;
}

Result<StdoutWriter::Outcome> StdoutWriter::write(Bytes bytes) {
  while (!bytes.empty()) {
    size_t part = bytes.size();
    if (pipe_bytes_ > 0) {
      os::WaitFd fds[] = {{.fd = os::stdout_fd, .want_write = true}, {.fd = signal_fd_, .want_read = true}};
      BOBBIN_TRY(os::wait(fds, -1));
      if (fds[0].hangup) return Outcome::closed;
      if (!fds[0].writable) {
        if (fds[1].readable) return Outcome::interrupted;
        continue;
      }
      part = std::min(part, room());
    }
    Status status = os::write_all(os::stdout_fd, bytes.substr(0, part));
    if (!status && status.error().code == Errc::disconnected) return Outcome::closed;
    if (!status) return std::move(status).error();
    bytes.remove_prefix(part);
  }
  return Outcome::written;
}

}  // namespace bobbin::cmd
