// FrameRoom: memory for frames that are larger than what is read of any. A frame takes room for all of itself before its rest
// is read, so that whoever has begun can end; when there is none, its connection waits, in the order in which they came.
// Frames of more than 1 MiB leave a quarter of the memory to the others, and wait in a queue of their own. One that is larger
// than all there is has its turn when nothing else is held, as in Kafka: else it would never be read.
#pragma once

#include <deque>
#include <functional>

#include "base/budget.h"
#include "transport/connection.h"

namespace bobbin::transport {

class FrameRoom {
 public:
  // Smaller frames, and the beginnings of larger ones, are read whether or not there is room.
  static constexpr size_t small_frame_bytes = 16 << 10;

  explicit FrameRoom(const Budget& memory) : memory_(memory) {}

  // Whether the frame that has begun to arrive may be read on; else its connection is starved until feed().
  bool take(Connection& c);
  // Gives room to those who wait for it, as far as there is some. `find`: nullptr for who has gone.
  void feed(const std::function<Connection*(ConnectionId)>& find, const std::function<void(Connection&)>& fed);
  bool is_wanted() const { return !starved_[0].empty() || !starved_[1].empty(); }
  // Where there is little, of a frame whose size is not known yet no more than what is read of any.
  bool is_scarce_for(const Connection& c) const {
    return c.memory_share.bytes() == 0 && memory_.left() < memory_.max() / 2;
  }

 private:
  bool has_room_for(size_t bytes) const;

  const Budget& memory_;
  std::deque<ConnectionId> starved_[2];  // of a common size, or larger
};

}  // namespace bobbin::transport
