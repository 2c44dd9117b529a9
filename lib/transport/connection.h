// Connection: one accepted socket of a Listener: what arrived and is not handled, what is answered and not sent. Only
// the bytes' way is here; who is read when is the Listener's.
#pragma once

#include "base/budget.h"
#include "os/fd.h"
#include "os/poller.h"
#include "transport/peer.h"
#include "transport/receive_buffer.h"
#include "transport/send_queue.h"

namespace bobbin::transport {

struct Connection {
  ConnectionId id;
  Peer peer;
  os::Fd fd;

  os::Fd passed;  // a descriptor that came along, until an offer takes it
  os::Fd memory;  // where the frames of its notes lie

  ReceiveBuffer arrived;
  size_t held_bytes = 0;          // capacity of `arrived` as the Listener counts it
  Budget::Share memory_share;     // for all of a large frame, from when its size is known
  int64_t frame_began_ms = 0;     // of a frame that is not whole; 0: none
  int64_t frame_deadline_ms = 0;  // likewise
  int64_t active_ms = 0;          // last byte, in or out

  SendQueue unsent;
  Budget::Share unsent_share;
  int64_t taken_ms = 0;    // when the other end last had taken some of it that is worth it, or there was none
  size_t taken_bytes = 0;  // since then

  bool paused = false;    // the broker wants no more for now
  bool disturbs = false;  // bytes came while it was not to be read: the poller must not tell it again
  bool choked = false;    // it does not read its answers
  bool starved = false;   // there is no memory for its frame
  bool closing = false;   // doomed: the handler is told at the end of the round
  bool hung_up = false;   // the handler was told that nobody is there
  bool settling = false;  // is on the list of those that finish_round looks at
  bool again = false;     // is on the list of those with whole frames left over

  bool in_poller = false;
  os::Interest interest;  // as the poller knows it

  bool may_read() const { return !paused && !choked && !starved && !closing; }
};

}  // namespace bobbin::transport
