// RequestMemory: what is held of requests that are not answered, and those that wait for room. The frame of one that waits is
// put back to its connection, which is away until then.
#pragma once

#include <deque>

#include "base/budget.h"
#include "base/bytes.h"
#include "broker/connections.h"

namespace bobbin::broker {

class RequestMemory {
 public:
  static constexpr size_t small_bytes = 16 << 10;

  RequestMemory(Budget budget, Connections& connections) : budget_(std::move(budget)), connections_(connections) {}

  Budget& budget() { return budget_; }
  // Small ones are always let in: of each connection one, when there is no room for more.
  bool has_room(size_t bytes) const { return bytes <= small_bytes || budget_.has_room(bytes); }
  // So many requests of this connection are not answered that no more are let in.
  bool has_enough_of(ConnectionId id) const {
    return connections_.unanswered(id) >= unanswered_max || (budget_.left() == 0 && connections_.unanswered(id) > 0);
  }
  // The request is handled when there is, and what is behind it on its connection later.
  void wait(ConnectionId id, Bytes frame, size_t bytes);
  // In each round. One at a time: what it takes is known when it was handled.
  void let_in();

 private:
  static constexpr size_t unanswered_max = 1000;
  struct Waiting {
    ConnectionId connection;
    size_t frame_bytes, bytes;
  };
  Budget budget_;
  Connections& connections_;
  std::deque<Waiting> waiting_;
  size_t waiting_frames_bytes_ = 0;
};

}  // namespace bobbin::broker
