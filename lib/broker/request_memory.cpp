#include "broker/request_memory.h"

#include <string>

namespace bobbin::broker {

void RequestMemory::wait(ConnectionId id, Bytes frame, size_t bytes) {
  connections_.put_back(id, std::string(frame), budget_.take(frame.size()));
  connections_.send_away(id);
  waiting_.push_back({id, frame.size(), bytes});
  waiting_frames_bytes_ += frame.size();
}

void RequestMemory::let_in() {
  while (!waiting_.empty()) {
    const auto [id, frame_bytes, bytes] = waiting_.front();
    const bool is_there = connections_.peer(id) != nullptr;
    // One that wants more than there ever is comes in when nothing else is held.
    const bool alone = budget_.used() <= waiting_frames_bytes_;
    if (is_there && !budget_.has_room(bytes) && !alone) return;
    waiting_.pop_front();
    waiting_frames_bytes_ -= frame_bytes;
    connections_.come_back(id);
    if (is_there) return;
  }
}

}  // namespace bobbin::broker
