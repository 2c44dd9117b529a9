// Who holds the other end of a TCP connection: asked of the kernel through netlink, exactly for that one address and that
// one socket (reading /proc/net/tcp would cost time for every connection of the machine).
//
// A connection is named by its two addresses, which may be another's by the time that we ask: its opener has gone, and a
// second process connects from the same port. So the answer counts only while our end has not been broken off, and only if
// what was found is an end that talks.
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string>

#include "os/socket.h"

namespace bobbin::os {

namespace {

constexpr uint32_t overflow_uid = 65534;  // who is not in our user namespace

// --- netlink ---

// The content of the kernel's answer, if it is one of this type.
std::optional<std::string> ask_kernel(int protocol, const void* request, size_t bytes, uint16_t answer_type) {
  Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!fd.is_open()) return std::nullopt;
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  if (::sendto(fd.value(), request, bytes, 0, reinterpret_cast<sockaddr*>(&kernel), sizeof kernel) < 0)
    return std::nullopt;
  // The answer was queued by the send itself: nothing to wait for.
  alignas(nlmsghdr) char answer[8192];
  ssize_t n = ::recv(fd.value(), answer, sizeof answer, MSG_DONTWAIT);
  if (n < static_cast<ssize_t>(NLMSG_HDRLEN)) return std::nullopt;
  nlmsghdr header;
  std::memcpy(&header, answer, sizeof header);
  if (header.nlmsg_type != answer_type) return std::nullopt;
  return std::string(answer + NLMSG_HDRLEN, static_cast<size_t>(n) - NLMSG_HDRLEN);
}

// The struct at the front of an answer.
template <class T>
std::optional<T> front(const std::optional<std::string>& answer) {
  if (!answer || answer->size() < sizeof(T)) return std::nullopt;
  T out;
  std::memcpy(&out, answer->data(), sizeof out);
  return out;
}

// --- addresses ---

struct End {
  uint8_t family = 0;
  uint16_t port = 0;       // network order
  uint32_t host[4] = {};   // network order
  uint32_t interface = 0;  // of a link-local address
  size_t host_bytes() const { return family == AF_INET6 ? 16 : 4; }
};

// An IPv4 address in IPv6 form is the IPv4 address that it is.
End end_of(const SocketAddress& address) {
  End out;
  sockaddr_in6 six{};
  std::memcpy(&six, address.bytes().data(), std::min(sizeof six, address.bytes().size()));
  out.family = static_cast<uint8_t>(six.sin6_family);
  out.port = six.sin6_port;
  if (out.family != AF_INET6) {
    sockaddr_in four{};
    std::memcpy(&four, address.bytes().data(), std::min(sizeof four, address.bytes().size()));
    out.host[0] = four.sin_addr.s_addr;
  } else if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
    out.family = AF_INET;
    std::memcpy(out.host, &six.sin6_addr.s6_addr[12], 4);
  } else {
    std::memcpy(out.host, &six.sin6_addr, sizeof six.sin6_addr);
    out.interface = six.sin6_scope_id;
  }
  return out;
}

// Where the kernel would send what goes to this address: to itself, if the address is of this machine.
bool is_of_this_machine(const End& end) {
  struct {
    nlmsghdr header;
    rtmsg body;
    rtattr to_header;
    char to[16];
    rtattr by_header;
    uint32_t by;
  } r{};
  static_assert(sizeof r == sizeof(nlmsghdr) + sizeof(rtmsg) + 2 * sizeof(rtattr) + 16 + 4, "attributes without gaps");
  r.header.nlmsg_len = sizeof r;
  r.header.nlmsg_type = RTM_GETROUTE;
  r.header.nlmsg_flags = NLM_F_REQUEST;
  r.body.rtm_family = end.family;
  r.body.rtm_dst_len = static_cast<uint8_t>(end.host_bytes() * 8);
  r.to_header.rta_type = RTA_DST;
  r.to_header.rta_len = static_cast<uint16_t>(RTA_LENGTH(end.host_bytes()));
  std::memcpy(r.to, end.host, end.host_bytes());
  if (end.family == AF_INET6 && end.interface != 0) {
    r.by_header.rta_type = RTA_OIF;
    r.by_header.rta_len = RTA_LENGTH(sizeof r.by);
    r.by = end.interface;
  } else {  // the destination is the last attribute
    r.header.nlmsg_len = static_cast<uint32_t>(NLMSG_LENGTH(sizeof(rtmsg)) + RTA_LENGTH(end.host_bytes()));
  }
  auto route = front<rtmsg>(ask_kernel(NETLINK_ROUTE, &r, r.header.nlmsg_len, RTM_NEWROUTE));
  return !route || route->rtm_type == RTN_LOCAL;
}

// --- the socket at the other end ---

std::optional<inet_diag_msg> socket_between(const End& from, const End& to) {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 body;
  } r{};
  r.header.nlmsg_len = sizeof r;
  r.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  r.header.nlmsg_flags = NLM_F_REQUEST;
  r.body.sdiag_family = from.family;
  r.body.sdiag_protocol = IPPROTO_TCP;
  r.body.idiag_states = ~0u;
  r.body.id.idiag_sport = from.port;
  r.body.id.idiag_dport = to.port;
  r.body.id.idiag_if = from.interface;
  std::memcpy(r.body.id.idiag_src, from.host, sizeof from.host);
  std::memcpy(r.body.id.idiag_dst, to.host, sizeof to.host);
  r.body.id.idiag_cookie[0] = r.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return front<inet_diag_msg>(ask_kernel(NETLINK_SOCK_DIAG, &r, sizeof r, SOCK_DIAG_BY_FAMILY));
}

// An end that talks with somebody, or did until a moment ago; not one that is connecting.
bool talks(uint8_t state) {
  return state == TCP_ESTABLISHED || state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2 || state == TCP_CLOSE_WAIT ||
         state == TCP_LAST_ACK || state == TCP_CLOSING;
}

bool is_unbroken(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  return info.tcpi_state == TCP_ESTABLISHED || info.tcpi_state == TCP_CLOSE_WAIT;
}

// A socket that its process has closed has no inode any more. Kernels before 6.17 say then that it is root's; later ones
// know better.
bool is_told(const inet_diag_msg& found) {
  return found.idiag_inode != 0 || (found.idiag_uid != 0 && found.idiag_uid != overflow_uid);
}

}  // namespace

TcpPeer tcp_peer(int fd) {
  auto peer = peer_address(fd);
  auto own = local_address(fd);
  if (!peer || !own) return {};
  End there = end_of(*peer), here = end_of(*own);
  TcpPeer out;
  out.is_of_this_machine = peer->is_loopback() || is_of_this_machine(there);
  if (!out.is_of_this_machine) return out;
  auto found = socket_between(there, here);
  if (found && talks(found->idiag_state) && is_told(*found) && is_unbroken(fd)) out.uid = found->idiag_uid;
  return out;
}

}  // namespace bobbin::os
