// Poller: the one place where a broker's deciding thread sleeps. Descriptors are added with a token that comes back
// with their events; level-triggered, so what was not read yet is told again. Over epoll; a Poller has a descriptor of
// its own and can be watched by another one. Used by one thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "os/fd.h"

namespace bobbin::os {

struct Ready {
  uint64_t token = 0;
  bool readable = false;
  bool writable = false;
  bool hangup =
      false;  // both directions are closed, or the descriptor has an error; told even if nothing was asked for
};

struct Interest {
  bool read = false;
  bool write = false;
  bool operator==(const Interest&) const = default;
};

class Poller {
 public:
  static Result<Poller> open();

  // The descriptor must be removed before it is closed.
  Status add(int fd, uint64_t token, Interest interest);
  Status modify(int fd, uint64_t token, Interest interest);
  void remove(int fd);

  // Sleeps until something is ready, for at most timeout_ms (-1: for ever, 0: only looks). Empty after a time-out or a
  // signal. The span is valid until the next call; at most 256 are told at once.
  Result<std::span<const Ready>> wait(int64_t timeout_ms);

  int fd() const { return epoll_.value(); }

 private:
  explicit Poller(Fd epoll) : epoll_(std::move(epoll)) {}

  Fd epoll_;
  std::array<Ready, 256> ready_{};
};

}  // namespace bobbin::os
