// Connections: what a broker knows of each client that is attached, and the rule that answers leave in the order of
// their requests (protocol: one connection is one queue; Java throws on an unexpected correlation id).
//
// A request opens a slot and carries a Reply, the right to fill it, now or later. Pipelined Produce requests are
// applied as they come and wait for their flush together; any other request that is not answered at once holds back
// what comes behind it on its connection, as Kafka does, so that a create is done before the produce behind it. So does a
// Produce that is away (inspections.h), until it is applied.
//
// Owned and used by the deciding thread alone.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/budget.h"
#include "base/result.h"
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
  virtual void pause(ConnectionId) = 0;  // read no more of it for now
  virtual void resume(ConnectionId) = 0;
  // How large an answer to this connection may be now, beside those that are not read yet: of pieces that may be had one after
  // the other, and of one that cannot be cut.
  struct Room {
    size_t bytes = SIZE_MAX;
    size_t one_batch = SIZE_MAX;
  };
  virtual Room answer_room(ConnectionId) { return {}; }
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
  void send(Result<std::string> frame);  // or refuses
  void send_with(std::string frame, int descriptor);
  void send_pieces(std::vector<std::string> pieces);
  void send_pieces(Result<std::vector<std::string>> pieces);  // or refuses
  void nothing();                                             // acks=0: no answer is the answer
  void close();                                               // the client is told by the end of the connection
  void refuse(const Error& why);                              // the same, and the broker's log says why

  // What its request holds, until it is answered.
  size_t memory() const { return memory_.bytes(); }

 private:
  friend class Connections;
  using Owner = std::shared_ptr<Connections*>;  // null inside once they have gone
  Reply(Owner owner, ConnectionId connection, uint64_t slot, Budget::Share memory)
      : owner_(std::move(owner)), connection_(connection), slot_(slot), memory_(std::move(memory)) {}
  struct Content {
    std::vector<std::string> pieces = {};  // none: nothing is sent
    std::optional<int> descriptor = {};    // goes with them
  };
  static Content whole(std::string frame, std::optional<int> descriptor = std::nullopt);
  void answer(Content content, bool close_after);
  Owner owner_;
  ConnectionId connection_{};
  uint64_t slot_ = 0;
  Budget::Share memory_;
};

class Connections {
 public:
  // `refused` is told why a request's connection is closed. `ended`: a connection has gone, and nothing of it is away any
  // more.
  using Refused = std::function<void(ConnectionId, const Error& why)>;
  using Ended = std::function<void(ConnectionId)>;
  explicit Connections(
      Wire& wire, Refused refused, Ended ended = [](ConnectionId) {})
      : wire_(wire), refused_(std::move(refused)), ended_(std::move(ended)) {}
  ~Connections() { *self_ = nullptr; }
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  void open(ConnectionId id, const Peer& peer);
  void gone(ConnectionId id);
  size_t count() const { return connections_.size(); }
  // nullptr when it has gone.
  const Peer* peer(ConnectionId id) const;
  // A process of this machine and user, over the unix socket. Not one that has gone.
  bool is_local(ConnectionId id) const {
    const Peer* there = peer(id);
    return there && there->unix;
  }
  // Whether this connection has not been given the region's descriptor yet; then it is to be given now.
  bool take_region_turn(ConnectionId id);

  // A request, and what it holds while it is not answered.
  Reply begin(ConnectionId id, Budget::Share memory = {});
  size_t unanswered(ConnectionId id) const;
  // Holds back what comes behind the open slots. Lifted by itself when they are all answered.
  void hold(ConnectionId id);
  // What comes behind the request that is handled now is read all the same, and kept: it ends that one's wait.
  void read_on(ConnectionId id);
  // Holds back what comes behind the request that is handled, until come_back(), once for each time.
  void send_away(ConnectionId id);
  void come_back(ConnectionId id);
  bool is_away(ConnectionId id) const;
  bool is_held(ConnectionId id) const;
  // Of a held connection, behind or before those that are kept already.
  void keep_frame(ConnectionId id, std::string frame, Budget::Share memory);
  void put_back(ConnectionId id, std::string frame, Budget::Share memory);
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
    bool held = false;      // until its slots are answered
    int away = 0;           // how many do not want what is behind them to be handled yet
    bool reads_on = false;  // although it is held
    bool has_region = false;
    bool closing = false;
    std::deque<std::pair<std::string, Budget::Share>> kept;
  };
  void answer(ConnectionId id, uint64_t slot, Reply::Content content, bool close_after);
  void send(ConnectionId id, Reply::Content content);
  void go_on(ConnectionId id, Connection& c);

  std::shared_ptr<Connections*> self_ = std::make_shared<Connections*>(this);
  Wire& wire_;
  Refused refused_;
  Ended ended_;
  std::unordered_map<ConnectionId, Connection> connections_;
  std::deque<ConnectionId> released_;
};

}  // namespace bobbin::broker
