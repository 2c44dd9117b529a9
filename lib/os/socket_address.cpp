#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "os/errors.h"
#include "os/socket.h"

namespace bobbin::os {

namespace {

static_assert(sizeof(sockaddr_storage) <= 128);
static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));

template <class Address>
Address as(Bytes bytes) {
  Address a{};
  std::memcpy(&a, bytes.data(), std::min(sizeof a, bytes.size()));
  return a;
}

sa_family_t family_of(Bytes sockaddr_bytes) { return as<sockaddr>(sockaddr_bytes).sa_family; }

template <class Address>
SocketAddress address_of(const Address& a) {
  return SocketAddress::of(Bytes(reinterpret_cast<const char*>(&a), sizeof a));
}

SocketAddress v4(in_addr address, uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr = address;
  a.sin_port = htons(port);
  return address_of(a);
}

SocketAddress v6(const in6_addr& address, uint16_t port) {
  sockaddr_in6 a{};
  a.sin6_family = AF_INET6;
  a.sin6_addr = address;
  a.sin6_port = htons(port);
  return address_of(a);
}

// "[::1]" as in addresses with a port.
std::string without_brackets(const std::string& host) {
  bool has = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return has ? host.substr(1, host.size() - 2) : host;
}

Result<std::vector<SocketAddress>> ask_resolver(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  int rc = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (rc == EAI_SYSTEM) return system_error(host);
  if (rc != 0) return error(Errc::not_found, host + ": " + ::gai_strerror(rc));
  std::vector<SocketAddress> out;
  for (addrinfo* a = found; a; a = a->ai_next) {
    out.push_back(SocketAddress::of(Bytes(reinterpret_cast<const char*>(a->ai_addr), a->ai_addrlen)));
  }
  ::freeaddrinfo(found);
  if (out.empty()) return error(Errc::not_found, host + ": has no address");
  return out;
}

}  // namespace

SocketAddress SocketAddress::of(Bytes sockaddr_bytes) {
  SocketAddress out;
  out.size_ = std::min(sockaddr_bytes.size(), out.bytes_.size());
  std::memcpy(out.bytes_.data(), sockaddr_bytes.data(), out.size_);
  return out;
}

std::string SocketAddress::host() const {
  char host[INET6_ADDRSTRLEN] = "";
  if (family_of(bytes()) == AF_INET) {
    auto a = as<sockaddr_in>(bytes());
    ::inet_ntop(AF_INET, &a.sin_addr, host, sizeof host);
  } else if (family_of(bytes()) == AF_INET6) {
    auto a = as<sockaddr_in6>(bytes());
    ::inet_ntop(AF_INET6, &a.sin6_addr, host, sizeof host);
    if (a.sin6_scope_id != 0) return std::string(host) + "%" + std::to_string(a.sin6_scope_id);
  }
  return host;
}

// The port lies at the same place in both families.
uint16_t SocketAddress::port() const { return ntohs(as<sockaddr_in>(bytes()).sin_port); }

SocketAddress SocketAddress::with_port(uint16_t port) const {
  SocketAddress out = *this;
  uint16_t in_network_order = htons(port);
  std::memcpy(&out.bytes_[offsetof(sockaddr_in, sin_port)], &in_network_order, sizeof in_network_order);
  return out;
}

std::string SocketAddress::text() const {
  auto family = family_of(bytes());
  if (family != AF_INET && family != AF_INET6) return "unix";
  std::string at = family == AF_INET6 ? "[" + host() + "]" : host();
  return at + ":" + std::to_string(port());
}

bool SocketAddress::is_wildcard() const {
  if (family_of(bytes()) == AF_INET) return as<sockaddr_in>(bytes()).sin_addr.s_addr == htonl(INADDR_ANY);
  in6_addr a = as<sockaddr_in6>(bytes()).sin6_addr;
  return family_of(bytes()) == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&a);
}

bool SocketAddress::is_loopback() const {
  if (family_of(bytes()) == AF_INET) {
    return ntohl(as<sockaddr_in>(bytes()).sin_addr.s_addr) >> 24 == 127;
  }
  if (family_of(bytes()) != AF_INET6) return false;
  in6_addr a = as<sockaddr_in6>(bytes()).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&a) || (IN6_IS_ADDR_V4MAPPED(&a) && a.s6_addr[12] == 127);
}

Result<std::vector<SocketAddress>> resolve(const std::string& host_text, uint16_t port) {
  std::string host = without_brackets(host_text);
  in_addr four{};
  in6_addr six{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return std::vector{v4(four, port)};
  if (::inet_pton(AF_INET6, host.c_str(), &six) == 1) return std::vector{v6(six, port)};
  if (host != "localhost") return ask_resolver(host, port);
  // RFC 6761: never asked of a server. The older form first, it is where most listeners are.
  four.s_addr = htonl(INADDR_LOOPBACK);
  return std::vector{v4(four, port), v6(in6addr_loopback, port)};
}

Result<std::vector<SocketAddress>> resolve_listener(const std::string& host_text, uint16_t port) {
  std::string host = without_brackets(host_text);
  bool is_every = host.empty() || host == "*" || host == "::";
  if (is_every) return std::vector{v4(in_addr{htonl(INADDR_ANY)}, port), v6(in6addr_any, port)};
  BOBBIN_TRY_ASSIGN(found, resolve(host, port));
  std::vector<SocketAddress> once;  // a name may have an address twice
  for (const SocketAddress& address : found)
    if (std::none_of(once.begin(), once.end(), [&](const auto& o) { return o.bytes() == address.bytes(); })) once.push_back(address);
  return once;
}

}  // namespace bobbin::os
