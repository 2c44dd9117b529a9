// Sockets: unix ones in the cluster directory, TCP ones for everybody else. All are stream sockets, non-blocking and
// close-on-exec. "It would block" is a value, not an error: an empty optional.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "os/fd.h"

namespace bobbin::os {

// --- unix sockets ---
// A socket's path may be as long as the file system allows: where it does not fit into a sockaddr (107 bytes), it is bound
// and connected through its directory's descriptor, for which /proc must be mounted.

// Listens at `path`, mode 0600. A socket that lies there is replaced: whoever calls holds the lock that makes it stale.
// Anything else is left, and is Errc::io_error with what it is.
Result<Fd> listen_unix(const std::string& path);
// Removes a socket's name; nothing else that may lie there.
void unlink_unix(const std::string& path);
// Connects at once or fails: Errc::not_found (no such file), no_answer (nobody listens there, or the queue is full).
Result<Fd> connect_unix(const std::string& path);

struct PeerCredentials {
  uint32_t uid = 0;
  int32_t pid = 0;  // 0: in another pid namespace
};
// Who connected (SO_PEERCRED: as of the connect).
Result<PeerCredentials> peer_credentials(int fd);

// --- TCP ---

class SocketAddress {
 public:
  std::string text() const;  // "127.0.0.1:9092", "[::1]:9092", "[fe80::1%2]:9092"
  std::string host() const;  // "127.0.0.1", "::1"
  uint16_t port() const;
  SocketAddress with_port(uint16_t port) const;
  bool is_loopback() const;  // 127.0.0.0/8, ::1, and v4 ones in v6 form
  bool is_wildcard() const;  // 0.0.0.0 and ::
  Bytes bytes() const { return {bytes_.data(), size_}; }
  static SocketAddress of(Bytes sockaddr);

 private:
  alignas(8) std::array<char, 128> bytes_{};
  size_t size_ = 0;
};

// Every address of a name, in the order to try. Blocks while the name is resolved; a number or "localhost" asks nobody.
// An IPv4 address in IPv6's form is an IPv4 address. Errc::not_found: an unknown name, or in words what else is wrong.
Result<std::vector<SocketAddress>> resolve(const std::string& host, uint16_t port);

// Where a listener for `host` listens: at every address of a name, and at both families' wildcard for "", "*" and "::",
// which say every interface; "0.0.0.0" says those of IPv4. Blocks and fails as resolve() does, and for what no machine can
// listen at.
Result<std::vector<SocketAddress>> resolve_listener(const std::string& host, uint16_t port);
// For people: "*:9092 (0.0.0.0:9092, [::]:9092)"; what was asked for alone, if that is the address.
std::string with_addresses(const std::string& asked, const std::vector<SocketAddress>& addresses);

// Listens at all of them, at one port: port 0 takes a free one, local_address says which. A family that the machine does
// not have is left out where another one is listened at. Errc::busy when the port is taken.
Result<std::vector<Fd>> listen_tcp(const std::vector<SocketAddress>& addresses);
// Begins to connect. Once it is writable, finish_connect says how it ended. TCP_NODELAY is set.
Result<Fd> connect_tcp(const SocketAddress& address);
// true: connected; false: not yet. Errc::no_answer when it was refused or timed out.
Result<bool> finish_connect(int fd);

Result<SocketAddress> local_address(int fd);
Result<SocketAddress> peer_address(int fd);
// Who holds the other end of an accepted connection, as the kernel tells (rtnetlink and sock_diag, about 20 us).
struct TcpPeer {
  // Its address is one of this machine's (and of this network namespace): of whatever interface. Also when the kernel does
  // not tell.
  bool is_of_this_machine = true;
  // The user whose process it is. Empty for other machines, and for a process that cannot be told any more: it has closed
  // its end. To be asked when the connection is accepted, before anything of it is read.
  std::optional<uint32_t> uid;
};
TcpPeer tcp_peer(int fd);

// --- both ---

// Empty: nobody is waiting. Errc::busy when the process has no descriptors left; other errors of the one connection
// (it went away meanwhile) are skipped.
Result<std::optional<Fd>> accept(int listener);
// Empty: no bytes now. 0: the other end will send no more. Errc::disconnected when the connection broke.
Result<std::optional<size_t>> receive(int fd, std::span<char> into);
// The same over a unix socket; a descriptor that came along with these bytes replaces `passed`.
Result<std::optional<size_t>> receive(int fd, std::span<char> into, Fd& passed);
// Whether bytes came that were not received, and perhaps descriptors with them: closing the socket closes those too.
bool has_unread(int fd);
// The other end sees the end at once, whenever this one is closed.
void shut_down(int fd);
// Sends a prefix of `bytes` (at least one) over a unix socket, and the descriptor with them; empty: nothing was sent.
Result<std::optional<size_t>> send_with(int fd, Bytes bytes, int passed);
// Sends a prefix of all parts (at most 64 of them) and says how long it was; empty: the socket is full.
// Errc::disconnected when the other end has gone; never SIGPIPE.
Result<std::optional<size_t>> send(int fd, std::span<const Bytes> parts);
// Asks for room for so many bytes in each direction; the kernel may give less (net.core.wmem_max).
void set_buffer_bytes(int fd, int bytes);

}  // namespace bobbin::os
