// Listener: the answering end. Owns a broker's listening sockets and the connections that came in over them, cuts what
// arrives into frames (a big-endian int32 size, then so many bytes) and sends what the broker answers.
//
// Owned and used by the deciding thread alone, driven by its Poller. A round of the broker is:
//
//   poller.wait(...)   for each event with Listener::owns(token): on_ready(event)
//   ... the broker's other work ...
//   finish_round()     frames that were left over, answers sent, deadlines kept
//
// and the broker must not sleep while has_work(), nor beyond next_deadline_ms().
//
// Nobody can harm another: a connection is read for at most about 1 MiB or 16 frames a round; one that does not read
// its answers is not read from; its memory grows with the bytes that it sent, not with those it announced.
//
// Memory is shared out before it is taken. A frame of more than 16 KiB takes room for all of it from `request_memory` before
// its rest is read, or waits for it; answers that are not read count in `answer_memory`, and answer_room() says how much more
// there is for whom. When somebody waits, who sends too slowly for the room that it has taken, or has not read its answers for
// seconds, is closed; the handler is told why.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "os/poller.h"
#include "os/seam.h"
#include "os/socket.h"
#include "transport/connection_quota.h"
#include "transport/handler.h"

namespace bobbin::transport {

struct Traffic;

class Listener {
 public:
  Listener(os::Poller& poller, os::Clock& clock, Handler& handler, const ListenerLimits& limits = {});
  // Closes everything; the handler is not told.
  ~Listener();

  // From the next frame and the next look on.
  void set_limits(int32_t frame_bytes_max, int64_t idle_ms_max);
  void set_limits(const ConnectionLimits& limits);
  Status start_unix(const std::string& path);
  // Listens at these addresses and returns them as they are bound: with port 0 the kernel chose one. May be called again
  // for more.
  enum class Door { this_machine, every_machine };  // for whom it is opened (transport/peer.h)
  Result<std::vector<os::SocketAddress>> start_tcp(const std::vector<os::SocketAddress>& addresses, Door door);
  // The same for this machine at "HOST" and a port; returns the first, "127.0.0.1:9092". Blocks while a name is resolved.
  Result<std::string> start_tcp(const std::string& host, uint16_t port);
  // Lets those who connect over TCP wait in the kernel's queue, and lets them in.
  void hold_tcp();
  void let_in_tcp();
  // No new connections over TCP; those that exist stay.
  void stop_tcp();
  // The name of the unix socket vanished: listens there anew. Who is connected stays.
  Status renew_unix();
  // No new connections at all, and the unix socket's file is removed.
  void stop();

  static bool owns(uint64_t token) { return token >= connection_token_base; }

  void on_ready(const os::Ready& event);
  void finish_round();
  // Frames wait in memory, or finish_round() has given some to the handler, or told it of an end, which its round may still
  // have to act on: do not sleep.
  bool has_work() const;
  // Monotonic time at which finish_round must run; empty: never.
  std::optional<int64_t> next_deadline_ms() const;

  // An unknown id is one that has gone meanwhile: nothing happens. `frame` is whole, with its size in front.
  void send(ConnectionId id, std::string frame);
  // A descriptor goes with it, over unix sockets; it must stay open as long as the Listener. One at a time: until it has
  // left, a further one is not passed.
  void send_with(ConnectionId id, std::string frame, int descriptor);
  // Sends what the socket still takes, then closes. Nothing of it reaches the handler any more but on_disconnected.
  void close(ConnectionId id);
  // Reads no more of it, from the next frame on; and again.
  void pause(ConnectionId id);
  void resume(ConnectionId id);

  size_t connections() const;
  size_t tcp_connections() const;
  // Bytes of answers that a connection has not taken yet.
  size_t queued_bytes(ConnectionId id) const;
  // What an answer may have now: a share of what is left, so that there is some for others; and if it cannot be cut.
  // Who has not taken the last one has nothing of the second half.
  struct AnswerRoom {
    size_t bytes = 0;
    size_t at_least = 0;
  };
  AnswerRoom answer_room(ConnectionId id) const;

 private:
  std::unique_ptr<Traffic> traffic_;
};

}  // namespace bobbin::transport
