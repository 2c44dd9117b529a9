// Traffic: a Listener's connections, and their bytes: received, cut into frames and handed over; answered, sent and counted.
// What is done of that when, and who is closed for what, is here; listener.h says what of it others see.
//
// Owned by the Listener, used by the deciding thread alone.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/connection.h"
#include "transport/endpoints.h"
#include "transport/frame_room.h"
#include "transport/handler.h"
#include "transport/hogs.h"

namespace bobbin::transport {

struct Traffic {
  Traffic(os::Poller& p, os::Clock& c, Handler& h, const ListenerLimits& l)
      : poller(p), clock(c), handler(h), limits(l),
        endpoints(p, c, l.connections_max, l.local_connections,
                  {[this](os::Fd fd, Peer peer) { welcome(std::move(fd), std::move(peer)); },
                   [this](const Peer& peer, const std::string& why) { handler.on_dropped(peer, why); },
                   [this](int64_t ms) { due_at(ms); }}) {}

  // --- connections ---
  void welcome(os::Fd fd, Peer peer);
  Connection* find(ConnectionId id);
  void on_event(Connection& c, const os::Ready& event);
  void on_hangup(Connection& c);
  void read(Connection& c);
  bool receive(Connection& c);
  bool hand_over(Connection& c, size_t& frames, size_t& bytes);
  Result<std::optional<Bytes>> frame_of_note(Connection& c, Bytes frame);
  void put_buffer_back(Connection& c);
  void expect_rest_of_frame(Connection& c);
  void flush(Connection& c);
  void update_interest(Connection& c);
  void doom(Connection& c);
  void keep_passed(Connection& c, os::Fd passed);
  void dispose(os::Fd& fd);
  void bury(Connection& c);
  void drop(Connection& c, const std::string& why);

  // --- memory ---
  void frame_ended(Connection& c);
  void count_unsent(Connection& c);
  void look_for_hogs(int64_t now);
  int32_t frame_bytes_max() const { return limits.frame_bytes_max; }
  // For how long an answer may lie unread; nothing: for ever, there is enough memory.
  std::optional<int64_t> unread_ms_limit() const;

  // --- the end of a round ---
  void read_those_left_over();
  void settle_all();
  void reap();
  void expire();
  void due_at(int64_t ms) { next_due_ms = std::min(next_due_ms.value_or(ms), ms); }
  void settle_later(Connection& c);
  void read_again(Connection& c);

  os::Poller& poller;
  os::Clock& clock;
  Handler& handler;
  ListenerLimits limits;

  Endpoints endpoints;
  ConnectionTable connections;
  uint64_t last_id = 0;
  FrameRoom room{limits.request_memory};

  std::vector<ReceiveBuffer> pool;
  size_t held_bytes = 0;

  std::vector<char> copied;  // the frame of a note; one at a time is handled

  std::vector<ConnectionId> to_settle;  // something to send, or another interest
  std::vector<ConnectionId> left_over;  // whole frames in memory
  std::vector<ConnectionId> doomed;
  bool has_told = false;  // the handler, at the end of the last round: what it makes of that is the next round's
  int64_t next_look_for_hogs_ms = 0;
  std::optional<int64_t> next_due_ms;  // when expire() may have something to do
};

}  // namespace bobbin::transport
