// ListenerWire: the Wire of a process. It owns the Listener and joins it with the Broker: what comes in goes to the broker, but
// for whom nobody of this machine may be; what the broker answers goes out.
//
// Large frames come in rows, in and out: for a while after one its memory stays with the process.
//
// Owned and used by the deciding thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "transport/listener.h"

namespace bobbin::broker {

class ListenerWire final : public transport::Handler, public Wire {
 public:
  // `aside` closes the descriptors that clients pass; it may be held up by them.
  ListenerWire(os::Poller& poller, os::Clock& clock, os::Jobs& aside, const transport::ListenerLimits& limits);

  // Before the first client is let in. The broker ends first.
  void serve(Broker& broker) { broker_ = &broker; }
  transport::Listener& listener() { return listener_; }

  // When give_back_memory() is to be called; nothing: no more than usual is kept.
  std::optional<int64_t> memory_due_ms() const { return keep_memory_until_ms_; }
  void give_back_memory();

  // --- Handler: what comes in
  void on_connected(ConnectionId id, const Peer& peer) override;
  void on_frame(ConnectionId id, Bytes frame) override;
  void on_disconnected(ConnectionId id) override;
  void on_hung_up(ConnectionId id) override;
  void dispose(os::Fd fd) override;
  void on_dropped(const Peer& peer, const std::string& why) override;

  // --- Wire: what goes out
  Room answer_room(ConnectionId id) override;
  void send(ConnectionId id, std::string frame) override { listener_.send(id, std::move(frame)); }
  void send_with(ConnectionId id, std::string frame, int descriptor) override;
  void send_pieces(ConnectionId id, std::vector<std::string> pieces) override;
  void close(ConnectionId id) override { listener_.close(id); }
  void pause(ConnectionId id) override { listener_.pause(id); }
  void resume(ConnectionId id) override { listener_.resume(id); }

 private:
  void keep_memory();

  os::Clock& clock_;
  os::Jobs& aside_;
  const uint32_t own_uid_;
  Broker* broker_ = nullptr;
  std::vector<ConnectionId> refused_;            // the broker never heard of them
  std::optional<int64_t> keep_memory_until_ms_;  // large frames came until shortly before
  transport::Listener listener_;
};

}  // namespace bobbin::broker
