#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

#include "os/errors.h"
#include "os/socket.h"

namespace bobbin::os {

namespace {

const sockaddr* generic(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr*>(address.bytes().data());
}

socklen_t length(const SocketAddress& address) { return static_cast<socklen_t>(address.bytes().size()); }

Fd tcp_socket(const SocketAddress& address) {
  return Fd(::socket(generic(address)->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
}

void set_option(int fd, int level, int option, int value) {
  // Options are wishes here: a kernel without one still has sockets.
  [[maybe_unused]] int rc = ::setsockopt(fd, level, option, &value, sizeof value);
}

// Small frames go at once, and a host that vanished is noticed in the end.
void make_prompt(int fd) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

// Closed: `failure` says why.
Fd listen_at(const SocketAddress& address, int& failure) {
  Fd fd = tcp_socket(address);
  failure = errno;
  if (!fd.is_open()) return fd;
  set_option(fd.value(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (generic(address)->sa_family == AF_INET6) set_option(fd.value(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (::bind(fd.value(), generic(address), length(address)) == 0 && ::listen(fd.value(), SOMAXCONN) == 0) return fd;
  failure = errno;
  return Fd();
}

using NameOf = int (*)(int, sockaddr*, socklen_t*);

Result<SocketAddress> address_by(NameOf name_of, int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (name_of(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return system_error("socket address");
  return SocketAddress::of(Bytes(reinterpret_cast<const char*>(&storage), size));
}

}  // namespace

namespace {

constexpr int port_tries = 16;

// What says that the machine has no addresses of this family: a wildcard or a loopback is there otherwise.
bool lacks_family(const SocketAddress& address, int errnum) {
  return errnum == EAFNOSUPPORT || (errnum == EADDRNOTAVAIL && (address.is_wildcard() || address.is_loopback()));
}

Result<std::vector<Fd>> listen_at_all(const std::vector<SocketAddress>& addresses) {
  std::vector<Fd> all;
  std::optional<Error> lacking;
  uint16_t port = 0;  // that the first one got
  for (const SocketAddress& address : addresses) {
    int failure = 0;
    Fd fd = listen_at(address.port() == 0 ? address.with_port(port) : address, failure);
    if (fd.is_open()) {
      if (auto bound = local_address(fd.value())) port = bound->port();
      all.push_back(std::move(fd));
    } else {
      lacking = system_error(address.text(), failure);
      if (!lacks_family(address, failure)) return *lacking;
    }
  }
  if (all.empty()) return lacking ? *lacking : error(Errc::not_found, "no address to listen at");
  return all;
}

}  // namespace

// The free port of one family may be taken in the other.
Result<std::vector<Fd>> listen_tcp(const std::vector<SocketAddress>& addresses) {
  for (int tries = 1;; tries++) {
    auto all = listen_at_all(addresses);
    bool may_find_another = !addresses.empty() && addresses.front().port() == 0 && tries < port_tries;
    if (all || all.error().code != Errc::busy || !may_find_another) return all;
  }
}

Result<Fd> connect_tcp(const SocketAddress& address) {
  Fd fd = tcp_socket(address);
  if (!fd.is_open()) return system_error(address.text());
  make_prompt(fd.value());
  if (::connect(fd.value(), generic(address), length(address)) != 0 && errno != EINPROGRESS && errno != EINTR) {
    return system_error(address.text());
  }
  return fd;
}

Result<bool> finish_connect(int fd) {
  int failure = 0;
  socklen_t size = sizeof failure;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0) return system_error("connect");
  if (failure != 0) return system_error("connect", failure);
  auto peer = peer_address(fd);
  if (!peer) return false;
  // Nobody listens at a free port, but two ends that try each other's port do meet: this is one socket talking to itself.
  auto own = local_address(fd);
  if (own && own->bytes() == peer->bytes()) return system_error("connect", ECONNREFUSED);
  return true;
}

Result<SocketAddress> local_address(int fd) { return address_by(::getsockname, fd); }
Result<SocketAddress> peer_address(int fd) { return address_by(::getpeername, fd); }

namespace {

enum class AcceptFailure { nobody, try_next, no_descriptors, broken };

AcceptFailure kind_of(int errnum) {
  switch (errnum) {
    case EAGAIN:
      return AcceptFailure::nobody;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return AcceptFailure::no_descriptors;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
    case EOPNOTSUPP:
      return AcceptFailure::broken;
    default:  // accept(2): pending errors of the new connection are told as its own
      return AcceptFailure::try_next;
  }
}

}  // namespace

Result<std::optional<Fd>> accept(int listener) {
  for (;;) {
    Fd fd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.is_open()) {
      make_prompt(fd.value());  // a unix socket refuses it: fine
      return std::optional<Fd>(std::move(fd));
    }
    int why = errno;
    switch (kind_of(why)) {
      case AcceptFailure::nobody:
        return std::optional<Fd>();
      case AcceptFailure::no_descriptors:
        return error(Errc::busy, system_error("accept", why).message);
      case AcceptFailure::broken:
        return system_error("accept", why);
      case AcceptFailure::try_next:
        break;
    }
  }
}

Result<std::optional<size_t>> receive(int fd, std::span<char> into) {
  for (;;) {
    ssize_t n = ::recv(fd, into.data(), into.size(), MSG_DONTWAIT);
    if (n >= 0) return std::optional<size_t>(static_cast<size_t>(n));
    if (errno == EAGAIN) return std::optional<size_t>();
    if (errno != EINTR) return system_error("receiving");
  }
}

Result<std::optional<size_t>> send(int fd, std::span<const Bytes> parts) {
  iovec vectors[64];
  size_t count = std::min(parts.size(), std::size(vectors));
  for (size_t i = 0; i < count; i++) vectors[i] = iovec{const_cast<char*>(parts[i].data()), parts[i].size()};
  msghdr message{};
  message.msg_iov = vectors;
  message.msg_iovlen = count;
  for (;;) {
    ssize_t n = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) return std::optional<size_t>(static_cast<size_t>(n));
    if (errno == EAGAIN) return std::optional<size_t>();
    if (errno != EINTR) return system_error("sending");
  }
}

bool has_unread(int fd) {
  int bytes = 0;
  return ::ioctl(fd, FIONREAD, &bytes) != 0 || bytes > 0;
}

void shut_down(int fd) { ::shutdown(fd, SHUT_RDWR); }

void set_buffer_bytes(int fd, int bytes) {
  set_option(fd, SOL_SOCKET, SO_SNDBUF, bytes);
  set_option(fd, SOL_SOCKET, SO_RCVBUF, bytes);
}

}  // namespace bobbin::os
