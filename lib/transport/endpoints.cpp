#include "transport/endpoints.h"

#include <algorithm>

#include "base/host_port.h"

namespace bobbin::transport {

namespace {

constexpr size_t accepts_per_round_max = 64;
constexpr int socket_buffer_bytes = 1 << 20;

// Without descriptors, so long nobody is accepted.
constexpr int64_t accept_pause_ms = 250;

Result<Peer> unix_peer(int fd, const std::string& path) {
  Peer peer;
  peer.unix = true;
  BOBBIN_TRY_ASSIGN(who, os::peer_credentials(fd));
  peer.uid = who.uid;
  peer.pid = who.pid;
  peer.address = "unix";
  peer.local_address = path;
  return peer;
}

Result<Peer> tcp_peer(int fd, bool by_open_door) {
  Peer peer;
  BOBBIN_TRY_ASSIGN(from, os::peer_address(fd));
  BOBBIN_TRY_ASSIGN(to, os::local_address(fd));
  peer.address = from.text();
  peer.local_address = to.text();
  os::TcpPeer who = os::tcp_peer(fd);
  peer.uid = who.uid;
  peer.is_of_this_machine = who.is_of_this_machine;
  peer.came_by_open_door = by_open_door;
  return peer;
}

std::string ip_of(const Peer& peer) {
  auto at = split_host_port(peer.address);
  return std::string(at ? at->host : peer.address);
}

}  // namespace

// --- listening

Status Endpoints::add(Endpoint endpoint) {
  endpoints_.push_back(std::move(endpoint));
  const size_t index = endpoints_.size() - 1;
  Endpoint& e = endpoints_.back();
  if (!e.unix && tcp_waits_) return {};
  BOBBIN_TRY(poller_.add(e.fd.value(), token_base | index, {.read = true}));
  e.in_poller = true;
  return {};
}

Status Endpoints::add_unix(const std::string& path) {
  BOBBIN_TRY_ASSIGN(fd, os::listen_unix(path));
  return add({std::move(fd), true, path});
}

Result<std::vector<os::SocketAddress>> Endpoints::add_tcp(const std::vector<os::SocketAddress>& addresses,
                                                          bool for_every_machine) {
  BOBBIN_TRY_ASSIGN(fds, os::listen_tcp(addresses));
  std::vector<os::SocketAddress> bound;
  for (os::Fd& fd : fds) {
    BOBBIN_TRY_ASSIGN(address, os::local_address(fd.value()));
    BOBBIN_TRY(add({std::move(fd), false, address.text(), for_every_machine}));
    bound.push_back(address);
  }
  return bound;
}

void Endpoints::hold_tcp() {
  for (size_t i = 0; i < endpoints_.size(); i++)
    if (!endpoints_[i].unix) watch(i, false);
  tcp_waits_ = true;
}

void Endpoints::let_in_tcp() {
  tcp_waits_ = false;
  for (size_t i = 0; i < endpoints_.size(); i++) watch(i, true);
}

void Endpoints::stop(Endpoint& endpoint) {
  if (!endpoint.fd.is_open()) return;
  if (endpoint.in_poller) poller_.remove(endpoint.fd.value());
  endpoint.in_poller = false;
  endpoint.fd.close();
  if (endpoint.unix) os::unlink_unix(endpoint.address);
}

void Endpoints::stop_tcp() {
  for (Endpoint& e : endpoints_)
    if (!e.unix) stop(e);
}

void Endpoints::stop() {
  for (Endpoint& e : endpoints_) stop(e);
}

// Who waits at the old socket is let in first: nobody else reaches it any more.
Status Endpoints::renew(size_t index) {
  accept_some(index);
  Endpoint& e = endpoints_[index];
  BOBBIN_TRY_ASSIGN(fd, os::listen_unix(e.address));
  watch(index, false);
  e.fd = std::move(fd);
  watch(index, true);
  return {};
}

Status Endpoints::renew_unix() {
  for (size_t i = 0; i < endpoints_.size(); i++)
    if (endpoints_[i].unix && endpoints_[i].fd.is_open()) BOBBIN_TRY(renew(i));
  return {};
}

void Endpoints::watch(size_t index, bool watched) {
  Endpoint& e = endpoints_[index];
  if (!e.fd.is_open() || e.in_poller == watched || (!e.unix && tcp_waits_)) return;
  if (watched && !e.unix && !quota_.tcp_may_come(clock_.mono_ms())) return;
  if (watched) {
    e.in_poller = poller_.add(e.fd.value(), token_base | index, {.read = true}).ok();
  } else {
    poller_.remove(e.fd.value());
    e.in_poller = false;
  }
}

// --- letting in

void Endpoints::on_ready(uint64_t token) {
  const size_t index = token & ~token_base;
  if (index < endpoints_.size()) accept_some(index);
}

void Endpoints::accept_some(size_t index) {
  for (size_t i = 0; i < accepts_per_round_max && endpoints_[index].fd.is_open() && may_accept(index); i++) {
    const Endpoint& e = endpoints_[index];
    auto fd = os::accept(e.fd.value());
    if (!fd) {
      // It would be told again at once, and again: look away for a moment.
      watch(index, false);
      hooks_.due_at(clock_.mono_ms() + accept_pause_ms);
      return;
    }
    if (!*fd) return;
    auto peer = e.unix ? unix_peer((*fd)->value(), e.address) : tcp_peer((*fd)->value(), e.for_every_machine);
    if (!peer || !take_place(*peer)) continue;  // one that has gone already is not let in
    if (e.unix) os::set_buffer_bytes((*fd)->value(), socket_buffer_bytes);
    hooks_.welcome(std::move(**fd), std::move(*peer));
  }
}

// Who must not come yet waits in the kernel's queue, which is not looked at before somebody goes, or a second is over.
bool Endpoints::may_accept(size_t index) {
  if (endpoints_[index].unix || quota_.tcp_may_come(clock_.mono_ms())) return true;
  watch(index, false);
  if (auto at = quota_.ask_again_ms()) hooks_.due_at(*at);
  return false;
}

bool Endpoints::take_place(const Peer& peer) {
  if (peer.unix ? quota_.take_unix() : quota_.take_tcp(ip_of(peer))) return true;
  hooks_.turned_away(peer, peer.unix ? "there is no place for another connection"
                                     : "there are max.connections.per.ip connections of its address");
  return false;
}

void Endpoints::give_back_place(const Peer& peer) {
  peer.unix ? quota_.give_back_unix() : quota_.give_back_tcp(ip_of(peer));
  auto waits = [](const Endpoint& e) { return e.fd.is_open() && !e.in_poller; };
  if (std::any_of(endpoints_.begin(), endpoints_.end(), waits)) hooks_.due_at(clock_.mono_ms());
}

void Endpoints::set_limits(const ConnectionLimits& limits) {
  quota_.set(limits);
  hooks_.due_at(clock_.mono_ms());
}

void Endpoints::look(int64_t now_ms) {
  for (size_t i = 0; i < endpoints_.size(); i++) {
    watch(i, true);
    const bool waits = !endpoints_[i].unix && (tcp_waits_ || !quota_.tcp_may_come(now_ms));
    if (waits && !tcp_waits_ && quota_.ask_again_ms()) hooks_.due_at(*quota_.ask_again_ms());
    if (endpoints_[i].fd.is_open() && !endpoints_[i].in_poller && !waits) hooks_.due_at(now_ms + accept_pause_ms);
  }
}

}  // namespace bobbin::transport
