#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "base/host_port.h"
#include "base/number.h"
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

// An IPv4 address in IPv6's form ("::ffff:127.0.0.1") is that address: sockets of IPv6 alone refuse it.
SocketAddress unmapped(const SocketAddress& address) {
  if (family_of(address.bytes()) != AF_INET6) return address;
  auto a = as<sockaddr_in6>(address.bytes());
  if (!IN6_IS_ADDR_V4MAPPED(&a.sin6_addr)) return address;
  in_addr four{};
  std::memcpy(&four, &a.sin6_addr.s6_addr[12], sizeof four);
  return v4(four, address.port());
}

// "eth0" or "2".
Result<uint32_t> index_of_interface(const std::string& name) {
  char buffer[IF_NAMESIZE];
  auto number = number_in<uint32_t>(name);
  uint32_t index = number ? *number : ::if_nametoindex(name.c_str());
  if (index == 0 || !::if_indextoname(index, buffer))
    return error(Errc::not_found, "there is no network interface '" + name + "'");
  return index;
}

// "::1" or "fe80::1%eth0". No name has a colon: nobody is asked.
Result<SocketAddress> numeric_v6(const std::string& host, uint16_t port) {
  const size_t percent = std::min(host.find('%'), host.size());
  sockaddr_in6 a{};
  a.sin6_family = AF_INET6;
  a.sin6_port = htons(port);
  if (::inet_pton(AF_INET6, host.substr(0, percent).c_str(), &a.sin6_addr) != 1)
    return error(Errc::not_found, host + ": is no address of IPv6");
  if (percent < host.size()) {
    auto index = index_of_interface(host.substr(percent + 1));
    if (!index) return std::move(index).error().in(host);
    a.sin6_scope_id = *index;
  }
  if (a.sin6_scope_id == 0 && IN6_IS_ADDR_LINKLOCAL(&a.sin6_addr))
    return error(Errc::not_found,
                 host + ": is there once on each network: say of which interface, as " + host + "%eth0");
  return unmapped(address_of(a));
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
    out.push_back(unmapped(SocketAddress::of(Bytes(reinterpret_cast<const char*>(a->ai_addr), a->ai_addrlen))));
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
  return host_port(host(), port());
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
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return std::vector{v4(four, port)};
  if (host.find(':') != host.npos) {
    BOBBIN_TRY_ASSIGN(six, numeric_v6(host, port));
    return std::vector{six};
  }
  if (host != "localhost") return ask_resolver(host, port);
  // RFC 6761: never asked of a server. The older form first, it is where most listeners are.
  four.s_addr = htonl(INADDR_LOOPBACK);
  return std::vector{v4(four, port), v6(in6addr_loopback, port)};
}

namespace {

bool is_of_many(const SocketAddress& address) {
  if (family_of(address.bytes()) == AF_INET) {
    const uint32_t four = ntohl(as<sockaddr_in>(address.bytes()).sin_addr.s_addr);
    return IN_MULTICAST(four) || four == INADDR_BROADCAST;
  }
  in6_addr six = as<sockaddr_in6>(address.bytes()).sin6_addr;
  return IN6_IS_ADDR_MULTICAST(&six);
}

}  // namespace

std::string with_addresses(const std::string& asked, const std::vector<SocketAddress>& addresses) {
  std::string all;
  for (const SocketAddress& a : addresses) all += (all.empty() ? "" : ", ") + a.text();
  return all == asked ? asked : asked + " (" + all + ")";
}

Result<std::vector<SocketAddress>> resolve_listener(const std::string& host_text, uint16_t port) {
  std::string host = without_brackets(host_text);
  bool is_every = host.empty() || host == "*" || host == "::";
  if (is_every) return std::vector{v4(in_addr{htonl(INADDR_ANY)}, port), v6(in6addr_any, port)};
  BOBBIN_TRY_ASSIGN(found, resolve(host, port));
  if (std::any_of(found.begin(), found.end(), is_of_many))
    return error(Errc::not_found, host + ": is an address of many machines, at which none can listen");
  std::vector<SocketAddress> once;  // a name may have an address twice
  for (const SocketAddress& address : found)
    if (std::none_of(once.begin(), once.end(), [&](const auto& o) { return o.bytes() == address.bytes(); }))
      once.push_back(address);
  return once;
}

}  // namespace bobbin::os
