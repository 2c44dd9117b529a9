// Connections: what a broker knows of each client that is attached, and the rule that answers leave in the order of
// their requests (protocol: one connection is one queue; Java throws on an unexpected correlation id).
//
// A request opens a slot and carries a Reply, the right to fill it, now or later. Pipelined Produce requests are
// applied as they come and wait for their flush together; any other request that is not answered at once holds back
// what comes behind it on its connection, as Kafka does, so that a create is done before the produce behind it.
//
// Owned and used by the deciding thread alone.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "transport/peer.h"

namespace bobbin::broker {

using transport::ConnectionId;
using transport::Peer;

// Where frames go. transport::Listener in a process, the simulated network in tests/sim.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual void send(ConnectionId, std::string frame) = 0;
  // One frame, in pieces that are not worth copying together.
  virtual void send_pieces(ConnectionId id, std::vector<std::string> pieces) {
    std::string frame;
    for (const std::string& piece : pieces) frame += piece;
    send(id, std::move(frame));
  }
  // A descriptor goes with it; where there are none, the frame alone.
  virtual void send_with(ConnectionId id, std::string frame, int) { send(id, std::move(frame)); }
  virtual void close(ConnectionId) = 0;
  virtual void pause(ConnectionId) = 0;   // read no more of it for now
  virtual void resume(ConnectionId) = 0;
};

class Connections;

// The right to answer one request, once. Dropping it unanswered closes the connection: a client must not wait for
// ever. Harmless when the connection has gone meanwhile, or the broker: jobs that nobody waits for hold Replies too.
class Reply {
 public:
  Reply() = default;
  Reply(Reply&& other) noexcept { *this = std::move(other); }
  Reply& operator=(Reply&& other) noexcept;
  ~Reply();

  void send(std::string frame);
  void send_with(std::string frame, int descriptor);
  void send_pieces(std::vector<std::string> pieces);
  void nothing();  // acks=0: no answer is the answer
  void close();    // the client is told by the end of the connection

 private:
  friend class Connections;
  using Owner = std::shared_ptr<Connections*>;  // null inside once they have gone
  Reply(Owner owner, ConnectionId connection, uint64_t slot) : owner_(std::move(owner)), connection_(connection), slot_(slot) {}
  struct Content {
    std::vector<std::string> pieces = {};  // none: nothing is sent
    std::optional<int> descriptor = {};    // goes with them
  };
  static Content whole(std::string frame, std::optional<int> descriptor = std::nullopt);
  void answer(Content content, bool close_after);
  Owner owner_;
  ConnectionId connection_{};
  uint64_t slot_ = 0;
};

class Connections {
 public:
  explicit Connections(Wire& wire) : wire_(wire) {}
  ~Connections() { *self_ = nullptr; }
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  void open(ConnectionId id, const Peer& peer);
  void gone(ConnectionId id);
  size_t count() const { return connections_.size(); }
  // nullptr when it has gone.
  const Peer* peer(ConnectionId id) const;
  // Whether this connection has not been given the region's descriptor yet; then it is to be given now.
  bool take_region_turn(ConnectionId id);

  Reply begin(ConnectionId id);
  // Holds back what comes behind the open slots. Lifted by itself when they are all answered.
  void hold(ConnectionId id);
  bool is_held(ConnectionId id) const;
  void keep_frame(ConnectionId id, std::string frame);  // of a held connection
  // A frame of a connection that is held no more.
  std::optional<std::pair<ConnectionId, std::string>> next_kept_frame();
  void close_all();

 private:
  friend class Reply;
  struct Slot {
    bool answered = false;
    Reply::Content content;
  };
  struct Connection {
    Peer peer;
    uint64_t first_slot = 0;  // number of slots.front()
    std::deque<Slot> slots;
    bool held = false;
    bool has_region = false;
    bool closing = false;
    std::deque<std::string> kept;
  };
  void answer(ConnectionId id, uint64_t slot, Reply::Content content, bool close_after);
  void send(ConnectionId id, Reply::Content content);

  std::shared_ptr<Connections*> self_ = std::make_shared<Connections*>(this);
  Wire& wire_;
  std::unordered_map<ConnectionId, Connection> connections_;
  std::deque<ConnectionId> released_;
};

}  // namespace bobbin::broker
