#include "transport/frame_room.h"

namespace bobbin::transport {

namespace {

constexpr size_t common_frame_bytes = 1 << 20;

size_t announced_bytes(const Connection& c) {
  const auto announced = c.arrived.announced();
  return announced && *announced > 0 ? static_cast<size_t>(*announced) : 0;
}

}  // namespace

bool FrameRoom::has_room_for(size_t bytes) const {
  if (memory_.used() == 0) return true;
  if (bytes <= common_frame_bytes) return memory_.has_room(bytes);
  return memory_.max() == SIZE_MAX || memory_.used() + bytes <= memory_.max() / 4 * 3;
}

bool FrameRoom::take(Connection& c) {
  const size_t bytes = announced_bytes(c);
  if (bytes <= small_frame_bytes || c.memory_share.bytes() >= bytes || c.arrived.size() > bytes) return true;
  auto& queue = starved_[bytes > common_frame_bytes];
  if (queue.empty() && has_room_for(bytes)) {
    c.memory_share.resize(bytes);
    return true;
  }
  c.starved = true;
  c.frame_deadline_ms = 0;
  queue.push_back(c.id);
  return false;
}

void FrameRoom::feed(const std::function<Connection*(ConnectionId)>& find,
                     const std::function<void(Connection&)>& fed) {
  for (auto& queue : starved_)
    for (; !queue.empty(); queue.pop_front()) {
      Connection* c = find(queue.front());
      if (!c || c->closing) continue;
      const size_t bytes = announced_bytes(*c);
      if (!has_room_for(bytes)) break;
      c->starved = false;
      c->memory_share.resize(bytes);
      fed(*c);
    }
}

}  // namespace bobbin::transport
