#include "os/poller.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "os/errors.h"

namespace bobbin::os {

namespace {

epoll_event event_of(uint64_t token, Interest interest) {
  epoll_event e{};
  if (interest.read) e.events |= EPOLLIN;
  if (interest.write) e.events |= EPOLLOUT;
  e.data.u64 = token;
  return e;
}

}  // namespace

Result<Poller> Poller::open() {
  Fd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.is_open()) return system_error("epoll");
  return Poller(std::move(epoll));
}

Status Poller::add(int fd, uint64_t token, Interest interest) {
  epoll_event e = event_of(token, interest);
  if (::epoll_ctl(epoll_.value(), EPOLL_CTL_ADD, fd, &e) != 0) return system_error("epoll: add");
  return {};
}

Status Poller::modify(int fd, uint64_t token, Interest interest) {
  epoll_event e = event_of(token, interest);
  if (::epoll_ctl(epoll_.value(), EPOLL_CTL_MOD, fd, &e) != 0) return system_error("epoll: modify");
  return {};
}

void Poller::remove(int fd) { ::epoll_ctl(epoll_.value(), EPOLL_CTL_DEL, fd, nullptr); }

Result<std::span<const Ready>> Poller::wait(int64_t timeout_ms) {
  epoll_event events[256];
  static_assert(std::size(events) == std::tuple_size_v<decltype(ready_)>);
  int timeout = static_cast<int>(std::clamp<int64_t>(timeout_ms, -1, INT_MAX));
  int n = ::epoll_wait(epoll_.value(), events, static_cast<int>(std::size(events)), timeout);
  if (n < 0) {
    if (errno != EINTR) return system_error("epoll: wait");
    n = 0;
  }
  for (size_t i = 0; i < static_cast<size_t>(n); i++) {
    uint32_t e = events[i].events;
    ready_[i] = Ready{events[i].data.u64, (e & EPOLLIN) != 0, (e & EPOLLOUT) != 0, (e & (EPOLLHUP | EPOLLERR)) != 0};
  }
  return std::span<const Ready>(ready_.data(), static_cast<size_t>(n));
}

}  // namespace bobbin::os
