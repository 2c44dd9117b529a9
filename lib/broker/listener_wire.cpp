#include "broker/listener_wire.h"

#include "os/heap.h"
#include "os/process.h"

namespace bobbin::broker {

namespace {
constexpr size_t large_bytes = 64 << 10;
constexpr int64_t keep_memory_ms = 1000;
}  // namespace

ListenerWire::ListenerWire(os::Poller& poller, os::Clock& clock, os::Jobs& aside,
                           const transport::ListenerLimits& limits)
    : clock_(clock), aside_(aside), own_uid_(os::current_uid()), listener_(poller, clock, *this, limits) {}

void ListenerWire::keep_memory() { keep_memory_until_ms_ = clock_.mono_ms() + keep_memory_ms; }

void ListenerWire::give_back_memory() {
  if (!keep_memory_until_ms_ || clock_.mono_ms() < *keep_memory_until_ms_) return;
  keep_memory_until_ms_.reset();
  os::trim_heap();
}

// --- in

void ListenerWire::on_connected(ConnectionId id, const Peer& peer) {
  if (auto why = transport::why_refused(peer, own_uid_)) {
    broker_->say_of_client(*why);
    refused_.push_back(id);
    listener_.close(id);
    return;
  }
  broker_->on_connected(id, peer);
}

void ListenerWire::on_frame(ConnectionId id, Bytes frame) {
  if (frame.size() >= large_bytes) keep_memory();
  broker_->on_frame(id, frame);
}

void ListenerWire::on_disconnected(ConnectionId id) {
  if (std::erase(refused_, id) == 0) broker_->on_disconnected(id);
}

// What it sent before it went is still to be read, once what is away is back.
void ListenerWire::on_hung_up(ConnectionId id) {
  if (!broker_->connections().is_away(id)) listener_.close(id);
}

void ListenerWire::dispose(os::Fd fd) {
  aside_.submit([kept = std::make_shared<os::Fd>(std::move(fd))] { kept->close(); }, [] {});
}

void ListenerWire::on_dropped(const Peer& peer, const std::string& why) {
  broker_->say_of_client("the connection of " + peer.address + " is closed: " + why);
}

// --- out

Wire::Room ListenerWire::answer_room(ConnectionId id) {
  auto room = listener_.answer_room(id);
  return {room.bytes, room.at_least};
}

void ListenerWire::send_with(ConnectionId id, std::string frame, int descriptor) {
  listener_.send_with(id, std::move(frame), descriptor);
}

void ListenerWire::send_pieces(ConnectionId id, std::vector<std::string> pieces) {
  for (std::string& piece : pieces) listener_.send(id, std::move(piece));
  keep_memory();
}

}  // namespace bobbin::broker
