#include "broker/connections.h"

#include <utility>

#include "base/check.h"
#include "base/mutants.h"

namespace bobbin::broker {

Reply& Reply::operator=(Reply&& other) noexcept {
  if (this != &other) {
    if (owner_) close();
    owner_ = std::exchange(other.owner_, nullptr);
    connection_ = other.connection_;
    slot_ = other.slot_;
    memory_ = std::move(other.memory_);
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
  memory_ = {};
  if (*owner) (*owner)->answer(connection_, slot_, std::move(content), close_after);
}

void Reply::send(std::string frame) { answer(whole(std::move(frame)), false); }
void Reply::send(Result<std::string> frame) { frame ? send(std::move(*frame)) : refuse(frame.error()); }
void Reply::send_with(std::string frame, int descriptor) { answer(whole(std::move(frame), descriptor), false); }
void Reply::send_pieces(std::vector<std::string> pieces) { answer({std::move(pieces), {}}, false); }
void Reply::send_pieces(Result<std::vector<std::string>> pieces) {
  if (!pieces) return refuse(pieces.error());
  constexpr size_t joined_bytes_max = 64 << 10;  // less is as quickly copied together
  size_t bytes = 0;
  for (const std::string& piece : *pieces) bytes += piece.size();
  if (bytes > joined_bytes_max) return send_pieces(std::move(*pieces));
  std::string frame;
  for (const std::string& piece : *pieces) frame += piece;
  send(std::move(frame));
}
void Reply::nothing() { answer({}, false); }
void Reply::close() { answer({}, true); }
void Reply::refuse(const Error& why) {
  if (owner_ && *owner_) (*owner_)->refused_(connection_, why);
  close();
}

void Connections::open(ConnectionId id, const Peer& peer) { connections_[id].peer = peer; }

void Connections::gone(ConnectionId id) {
  const bool was_away = is_away(id);
  connections_.erase(id);
  if (!was_away) ended_(id);
}

const Peer* Connections::peer(ConnectionId id) const {
  auto it = connections_.find(id);
  return it == connections_.end() ? nullptr : &it->second.peer;
}

bool Connections::take_region_turn(ConnectionId id) {
  auto it = connections_.find(id);
  return it != connections_.end() && !std::exchange(it->second.has_region, true);
}

Reply Connections::begin(ConnectionId id, Budget::Share memory) {
  auto it = connections_.find(id);
  check(it != connections_.end(), "a request comes from a connection");
  Connection& c = it->second;
  c.slots.emplace_back();
  return Reply(self_, id, c.first_slot + c.slots.size() - 1, std::move(memory));
}

size_t Connections::unanswered(ConnectionId id) const {
  auto it = connections_.find(id);
  return it == connections_.end() ? 0 : it->second.slots.size();
}

void Connections::hold(ConnectionId id) {
  auto it = connections_.find(id);
  if (it == connections_.end() || it->second.held || it->second.slots.empty()) return;
  it->second.held = true;
  if (!std::exchange(it->second.reads_on, false)) wire_.pause(id);
}

void Connections::read_on(ConnectionId id) {
  if (auto it = connections_.find(id); it != connections_.end()) it->second.reads_on = true;
}

void Connections::send_away(ConnectionId id) {
  if (planted(Mutant::let_overtake)) return;
  auto it = connections_.find(id);
  if (it != connections_.end() && it->second.away++ == 0) wire_.pause(id);
}

void Connections::come_back(ConnectionId id) {
  auto it = connections_.find(id);
  if (it == connections_.end()) return ended_(id);
  if (it->second.away > 0 && --it->second.away == 0) go_on(id, it->second);
}

bool Connections::is_away(ConnectionId id) const {
  auto it = connections_.find(id);
  return it != connections_.end() && it->second.away > 0;
}

bool Connections::is_held(ConnectionId id) const {
  auto it = connections_.find(id);
  return it != connections_.end() && (it->second.held || it->second.away > 0 || !it->second.kept.empty());
}

// What came behind is handled, unless something else holds it back.
void Connections::go_on(ConnectionId id, Connection& c) {
  if (c.held || c.away > 0) return;
  if (!c.kept.empty()) released_.push_back(id);
  wire_.resume(id);
}

void Connections::keep_frame(ConnectionId id, std::string frame, Budget::Share memory) {
  auto it = connections_.find(id);
  if (it != connections_.end()) it->second.kept.emplace_back(std::move(frame), std::move(memory));
}

void Connections::put_back(ConnectionId id, std::string frame, Budget::Share memory) {
  auto it = connections_.find(id);
  if (it != connections_.end()) it->second.kept.emplace_front(std::move(frame), std::move(memory));
}

std::optional<std::pair<ConnectionId, std::string>> Connections::next_kept_frame() {
  while (!released_.empty()) {
    ConnectionId id = released_.front();
    auto it = connections_.find(id);
    if (it == connections_.end() || it->second.held || it->second.away > 0 || it->second.kept.empty()) {
      released_.pop_front();
      continue;
    }
    std::string frame = std::move(it->second.kept.front().first);
    it->second.kept.pop_front();
    return std::pair(id, std::move(frame));
  }
  return std::nullopt;
}

void Connections::send(ConnectionId id, Reply::Content content) {
  if (content.pieces.empty()) return;
  if (content.pieces.size() > 1) wire_.send_pieces(id, std::move(content.pieces));
  else if (content.descriptor) wire_.send_with(id, std::move(content.pieces.front()), *content.descriptor);
  else wire_.send(id, std::move(content.pieces.front()));
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
  } else if (std::exchange(c.held, false)) {
    go_on(id, c);
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
