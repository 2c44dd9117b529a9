// Who holds the other end of a connection over loopback: asked of the kernel through sock_diag, exactly for that one
// socket (reading /proc/net/tcp would cost time for every connection of the machine).
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "os/socket.h"

namespace bobbin::os {

namespace {

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

struct Ends {
  uint8_t family;
  uint16_t port;     // network order
  uint32_t host[4];  // network order
};

Ends ends_of(const SocketAddress& address) {
  Ends out{};
  sockaddr_in6 six{};
  std::memcpy(&six, address.bytes().data(), std::min(sizeof six, address.bytes().size()));
  out.family = static_cast<uint8_t>(six.sin6_family);
  out.port = six.sin6_port;
  if (out.family == AF_INET6) {
    std::memcpy(out.host, &six.sin6_addr, sizeof six.sin6_addr);
  } else {
    sockaddr_in four{};
    std::memcpy(&four, address.bytes().data(), std::min(sizeof four, address.bytes().size()));
    out.host[0] = four.sin_addr.s_addr;
  }
  return out;
}

// The socket whose own address is `source`.
Request request_for(const SocketAddress& source, const SocketAddress& destination) {
  Ends from = ends_of(source);
  Ends to = ends_of(destination);
  Request r{};
  r.header.nlmsg_len = sizeof r;
  r.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  r.header.nlmsg_flags = NLM_F_REQUEST;
  r.body.sdiag_family = from.family;
  r.body.sdiag_protocol = IPPROTO_TCP;
  r.body.idiag_states = ~0u;
  r.body.id.idiag_sport = from.port;
  r.body.id.idiag_dport = to.port;
  std::memcpy(r.body.id.idiag_src, from.host, sizeof from.host);
  std::memcpy(r.body.id.idiag_dst, to.host, sizeof to.host);
  r.body.id.idiag_cookie[0] = r.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return r;
}

}  // namespace

std::optional<uint32_t> loopback_peer_uid(int fd) {
  auto peer = peer_address(fd);
  auto own = local_address(fd);
  if (!peer || !own || !peer->is_loopback()) return std::nullopt;
  Fd diag(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!diag.is_open()) return std::nullopt;
  Request request = request_for(*peer, *own);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  if (::sendto(diag.value(), &request, sizeof request, 0, reinterpret_cast<sockaddr*>(&kernel), sizeof kernel) < 0) {
    return std::nullopt;
  }
  // The answer was queued by the send itself: nothing to wait for.
  alignas(nlmsghdr) char answer[4096];
  ssize_t n = ::recv(diag.value(), answer, sizeof answer, MSG_DONTWAIT);
  if (n < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(inet_diag_msg)))) return std::nullopt;
  nlmsghdr header;
  std::memcpy(&header, answer, sizeof header);
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
  inet_diag_msg found;
  std::memcpy(&found, answer + NLMSG_LENGTH(0), sizeof found);
  // A socket that its process has closed has no inode any more, and is said to be root's.
  if (found.idiag_inode == 0) return std::nullopt;
  return found.idiag_uid;
}

}  // namespace bobbin::os
