// Endpoints: the sockets at which a Listener lets connections in, and who is let in: as many as there are places for
// (connection_quota.h), over TCP not before the broker serves, and everybody with what the kernel says of him (peer.h).
//
// Owned and used by the deciding thread alone. Its tokens in the poller are those with both of the two highest bits.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/fd.h"
#include "os/poller.h"
#include "os/seam.h"
#include "os/socket.h"
#include "transport/connection_quota.h"
#include "transport/peer.h"

namespace bobbin::transport {

class Endpoints {
 public:
  struct Hooks {
    std::function<void(os::Fd, Peer)> welcome;  // he is in, and has his place
    std::function<void(const Peer&, const std::string& why)> turned_away;
    std::function<void(int64_t mono_ms)> due_at;  // look() then, at the latest
  };
  static constexpr uint64_t token_base = uint64_t{3} << 62;
  static bool owns(uint64_t token) { return (token & token_base) == token_base; }

  Endpoints(os::Poller& poller, os::Clock& clock, size_t places, size_t local_places, Hooks hooks)
      : poller_(poller), clock_(clock), hooks_(std::move(hooks)), quota_(places, local_places) {}

  Status add_unix(const std::string& path);
  Result<std::vector<os::SocketAddress>> add_tcp(const std::vector<os::SocketAddress>& addresses,
                                                 bool for_every_machine);
  // Who connects over TCP waits in the kernel's queue; or is let in.
  void hold_tcp();
  void let_in_tcp();
  void stop_tcp();
  // The names of unix sockets vanished: listens there anew.
  Status renew_unix();
  void stop();

  void set_limits(const ConnectionLimits& limits);
  void on_ready(uint64_t token);
  // Whoever waited for time to pass may come now.
  void look(int64_t now_ms);
  // A connection has gone.
  void give_back_place(const Peer& peer);
  size_t tcp_connections() const { return quota_.tcp(); }

 private:
  struct Endpoint {
    os::Fd fd;  // closed: stopped
    bool unix = false;
    std::string address;
    bool for_every_machine = false;
    bool in_poller = false;
  };
  Status add(Endpoint endpoint);
  void stop(Endpoint& endpoint);
  Status renew(size_t index);
  void watch(size_t index, bool watched);
  void accept_some(size_t index);
  bool may_accept(size_t index);
  bool take_place(const Peer& peer);

  os::Poller& poller_;
  os::Clock& clock_;
  Hooks hooks_;
  std::vector<Endpoint> endpoints_;
  bool tcp_waits_ = false;  // nobody is let in over TCP yet
  ConnectionQuota quota_;
};

}  // namespace bobbin::transport
