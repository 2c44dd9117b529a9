#include "os/wait.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <vector>

#include "os/errors.h"

namespace bobbin::os {

namespace {

pollfd pollfd_of(const WaitFd& w) {
  int events = (w.want_read ? POLLIN : 0) | (w.want_write ? POLLOUT : 0);
  return pollfd{w.fd, static_cast<short>(events), 0};
}

}  // namespace

Result<int> wait(std::span<WaitFd> fds, int64_t timeout_ms) {
  // A handful of descriptors is the rule: no allocation for them.
  pollfd few[16];
  std::vector<pollfd> many;
  pollfd* at = few;
  if (fds.size() > std::size(few)) {
    many.resize(fds.size());
    at = many.data();
  }
  std::transform(fds.begin(), fds.end(), at, pollfd_of);
  int n = ::poll(at, fds.size(), static_cast<int>(std::clamp<int64_t>(timeout_ms, -1, INT_MAX)));
  if (n < 0 && errno != EINTR) return system_error("poll");
  for (size_t i = 0; i < fds.size(); i++) {
    int got = n > 0 ? at[i].revents : 0;
    if (got & POLLNVAL) return error(Errc::io_error, "poll: descriptor " + std::to_string(fds[i].fd) + " is not open");
    fds[i].hangup = (got & (POLLERR | POLLHUP)) != 0;
    fds[i].readable = (got & POLLIN) != 0 || (fds[i].want_read && fds[i].hangup);
    fds[i].writable = (got & POLLOUT) != 0;
  }
  return std::max(n, 0);
}

}  // namespace bobbin::os
