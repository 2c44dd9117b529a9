// Channel: the asking end of one connection. Whole frames go in, whole frames come out; nothing blocks (but a name that
// must be resolved). The owner waits for fd() - readable always, writable while wants_write() - and calls advance().
//
//   connecting --advance--> open --advance--> closed
//        \________________________________________^
//
// Owned and used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "os/fd.h"
#include "os/socket.h"
#include "transport/frame_memory.h"
#include "transport/receive_buffer.h"
#include "transport/send_queue.h"

namespace bobbin::transport {

class Channel {
 public:
  static constexpr int32_t frame_bytes_max_default = 64 << 20;

  enum class State { connecting, open, closed };

  // Errc::not_found, no_answer: nobody is there. An answer above frame_bytes_max closes the channel.
  static Result<Channel> connect_unix(const std::string& path, int32_t frame_bytes_max = frame_bytes_max_default);
  // Tries every address of the name in turn; the last refusal is what advance() returns.
  static Result<Channel> connect_tcp(const std::string& host, uint16_t port,
                                     int32_t frame_bytes_max = frame_bytes_max_default);

  State state() const { return state_; }
  bool is_open() const { return state_ == State::open; }
  // Why it is closed.
  const std::optional<Error>& reason() const { return reason_; }

  // May change while connecting; -1 when closed.
  int fd() const { return fd_.value(); }
  bool wants_write() const { return state_ == State::connecting || !unsent_.empty(); }

  // Queues a whole frame, with its size in front; sent by advance(). Dropped when closed.
  void send(std::string frame);
  // From now on frames may go by shared memory, if the other end understands it (frame_memory.h); unix only. It has to
  // live until the channel is closed.
  void offer(const FrameMemory& memory);
  size_t unsent_bytes() const { return unsent_.bytes(); }

  // Connects, writes and reads what can be done now. The error is the reason why the channel is closed by now: refused,
  // the other end has gone (Errc::disconnected), an answer that is no frame (Errc::malformed). Frames that came before
  // it are still there to be taken.
  Status advance();
  // Writes what can be written now. False: the channel is not open (any more), as advance() tells.
  bool flush();
  // A frame that has arrived, without its size. Take them all before the next advance(): what is left in here is kept in
  // memory.
  std::optional<std::string> next_frame();
  // How large the next frame may be that next_frame() gives.
  void set_frame_bytes_max(int32_t bytes) { frame_bytes_max_ = bytes; }
  // Memory that holds what has arrived and was not taken.
  size_t arrived_bytes() const { return arrived_.capacity(); }

  void close();

  // A descriptor that came along with what arrived, the last one; unix only.
  os::Fd take_passed() { return std::move(passed_); }

  // Who answers at the other end; unix only.
  Result<os::PeerCredentials> peer_credentials() const { return os::peer_credentials(fd_.value()); }

 private:
  Channel(os::Fd fd, State state, int32_t frame_bytes_max, std::string where);
  Status advance_connecting();
  Status try_next_address();
  Status write_unsent();
  Status read_arrived();
  Status check_first_frame();
  Error fail(Error why);

  os::Fd fd_;
  State state_;
  int32_t frame_bytes_max_;
  std::string where_;  // for messages
  std::optional<Error> reason_;
  std::vector<os::SocketAddress> addresses_;  // still to be tried
  SendQueue unsent_;
  bool is_unix_ = false;
  os::Fd passed_;
  ReceiveBuffer arrived_;
};

}  // namespace bobbin::transport
