#include "broker/connections.h"

#include <utility>

#include "base/check.h"

namespace bobbin::broker {

Reply& Reply::operator=(Reply&& other) noexcept {
  if (this != &other) {
    if (owner_) close();
    owner_ = std::exchange(other.owner_, nullptr);
    connection_ = other.connection_;
    slot_ = other.slot_;
  }
  return *this;
}

Reply::~Reply() {
  if (owner_) close();
}

Reply::Content Reply::whole(std::string frame, std::optional<int> descriptor) {
  Content content;
  content.pieces.push_back(std::move(frame));
  content.descriptor = descriptor;
  return content;
}

void Reply::answer(Content content, bool close_after) {
  check(owner_ != nullptr, "an answer is given once");
  Owner owner = std::move(owner_);
  if (*owner) (*owner)->answer(connection_, slot_, std::move(content), close_after);
}

void Reply::send(std::string frame) { answer(whole(std::move(frame)), false); }
void Reply::send_with(std::string frame, int descriptor) { answer(whole(std::move(frame), descriptor), false); }
void Reply::send_pieces(std::vector<std::string> pieces) { answer({std::move(pieces), {}}, false); }
void Reply::nothing() { answer({}, false); }
void Reply::close() { answer({}, true); }

void Connections::open(ConnectionId id, const Peer& peer) { connections_[id].peer = peer; }

void Connections::gone(ConnectionId id) { connections_.erase(id); }

const Peer* Connections::peer(ConnectionId id) const {
  auto it = connections_.find(id);
  return it == connections_.end() ? nullptr : &it->second.peer;
}

bool Connections::take_region_turn(ConnectionId id) {
  auto it = connections_.find(id);
  return it != connections_.end() && !std::exchange(it->second.has_region, true);
}

Reply Connections::begin(ConnectionId id) {
  auto it = connections_.find(id);
  check(it != connections_.end(), "a request comes from a connection");
  Connection& c = it->second;
  c.slots.emplace_back();
  return Reply(self_, id, c.first_slot + c.slots.size() - 1);
}

void Connections::hold(ConnectionId id) {
  auto it = connections_.find(id);
  if (it == connections_.end() || it->second.held || it->second.slots.empty()) return;
  it->second.held = true;
  wire_.pause(id);
}

bool Connections::is_held(ConnectionId id) const {
  auto it = connections_.find(id);
  return it != connections_.end() && (it->second.held || !it->second.kept.empty());
}

void Connections::keep_frame(ConnectionId id, std::string frame) {
  auto it = connections_.find(id);
  if (it != connections_.end()) it->second.kept.push_back(std::move(frame));
}

std::optional<std::pair<ConnectionId, std::string>> Connections::next_kept_frame() {
  while (!released_.empty()) {
    ConnectionId id = released_.front();
    auto it = connections_.find(id);
    if (it == connections_.end() || it->second.held || it->second.kept.empty()) {
      released_.pop_front();
      continue;
    }
    std::string frame = std::move(it->second.kept.front());
    it->second.kept.pop_front();
    return std::pair(id, std::move(frame));
  }
  return std::nullopt;
}

void Connections::send(ConnectionId id, Reply::Content content) {
  if (content.pieces.empty()) return;
  if (content.pieces.size() > 1)
    wire_.send_pieces(id, std::move(content.pieces));
  else if (content.descriptor)
    wire_.send_with(id, std::move(content.pieces.front()), *content.descriptor);
  else
    wire_.send(id, std::move(content.pieces.front()));
}

void Connections::answer(ConnectionId id, uint64_t slot, Reply::Content content, bool close_after) {
  auto it = connections_.find(id);
  if (it == connections_.end()) return;
  Connection& c = it->second;
  Slot& s = c.slots[slot - c.first_slot];
  s.answered = true;
  s.content = std::move(content);
  c.closing |= close_after;
  while (!c.slots.empty() && c.slots.front().answered) {
    send(id, std::move(c.slots.front().content));
    c.slots.pop_front();
    c.first_slot++;
  }
  if (!c.slots.empty()) return;
  if (c.closing) {
    wire_.close(id);
  } else if (c.held) {
    c.held = false;
    if (!c.kept.empty()) released_.push_back(id);
    wire_.resume(id);
  }
}

void Connections::close_all() {
  while (!connections_.empty()) {
    ConnectionId id = connections_.begin()->first;
    wire_.close(id);
    connections_.erase(id);
  }
}

}  // namespace bobbin::broker
