// Handler: who is told what comes in at a Listener; and how much may.
#pragma once

#include <string>

#include "base/budget.h"
#include "base/bytes.h"
#include "os/fd.h"
#include "transport/peer.h"

namespace bobbin::transport {

// Of a poller, from here on a Listener's.
inline constexpr uint64_t connection_token_base = uint64_t{1} << 63;

struct ListenerLimits {
  int32_t frame_bytes_max = 104857600;   // socket.request.max.bytes; a larger or a negative size closes
  int64_t idle_ms_max = 10 * 60 * 1000;  // connections.max.idle.ms; TCP only
  int64_t frame_ms_max = 30 * 1000;      // from a frame's first byte to its last, plus 1 s for each MiB; TCP only
  size_t connections_max = 8192;         // there are no descriptors for more (connection_quota.h)
  size_t local_connections = 0;          // of these, for unix sockets alone
  size_t queued_bytes_max = 8u << 20;    // unsent answers: above this the connection is not read from ...
  size_t queued_bytes_low = 1u << 20;    // ... until they are below this
  Budget request_memory = Budget();      // of all connections together; shared with whoever handles them
  Budget answer_memory = Budget();
};

// What the broker does with what comes in. It may call send, close, pause and resume of any connection from inside.
class Handler {
 public:
  virtual ~Handler() = default;
  // Before anything is read of it.
  virtual void on_connected(ConnectionId, const Peer&) = 0;
  // One frame without its size. The bytes are valid during the call only.
  virtual void on_frame(ConnectionId, Bytes frame) = 0;
  // Once for each on_connected, also after close(); never from inside a call of the Listener that takes its id.
  virtual void on_disconnected(ConnectionId) = 0;
  // The other end of a paused connection has gone: no answer will be read. What it sent is still read after resume().
  virtual void on_hung_up(ConnectionId) {}
  // A descriptor that a client passed, or a socket in which some may lie: its close may take as long as whoever stands
  // behind it likes (a file of FUSE or NFS, a terminal, a socket that lingers). To be closed where that holds up nobody.
  virtual void dispose(os::Fd) {}
  // One was not let in, or is closed: because others are in want, or would be.
  virtual void on_dropped(const Peer&, const std::string& /* why */) {}
};

}  // namespace bobbin::transport
