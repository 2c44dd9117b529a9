#include "transport/channel.h"

#include <algorithm>

#include "base/check.h"
#include "base/host_port.h"

namespace bobbin::transport {

namespace {

constexpr size_t bytes_per_advance_max = 4 << 20;
constexpr int socket_buffer_bytes = 1 << 20;

}  // namespace

Channel::Channel(os::Fd fd, State state, int32_t frame_bytes_max, std::string where)
    : fd_(std::move(fd)), state_(state), frame_bytes_max_(frame_bytes_max), where_(std::move(where)) {}

Result<Channel> Channel::connect_unix(const std::string& path, int32_t frame_bytes_max) {
  BOBBIN_TRY_ASSIGN(fd, os::connect_unix(path));
  os::set_buffer_bytes(fd.value(), socket_buffer_bytes);
  Channel channel(std::move(fd), State::open, frame_bytes_max, path);
  channel.is_unix_ = true;
  return channel;
}

Result<Channel> Channel::connect_tcp(const std::string& host, uint16_t port, int32_t frame_bytes_max) {
  BOBBIN_TRY_ASSIGN(addresses, os::resolve(host, port));
  Channel channel(os::Fd(), State::connecting, frame_bytes_max, host_port(host, port));
  // Taken from the back.
  std::reverse(addresses.begin(), addresses.end());
  channel.addresses_ = std::move(addresses);
  BOBBIN_TRY(channel.try_next_address());
  return channel;
}

Status Channel::try_next_address() {
  Error last = error(Errc::no_answer, "has no address");
  while (!addresses_.empty()) {
    os::SocketAddress address = addresses_.back();
    addresses_.pop_back();
    auto fd = os::connect_tcp(address);
    if (fd) {
      fd_ = std::move(*fd);
      return {};
    }
    last = std::move(fd).error();
  }
  return fail(std::move(last));
}

Error Channel::fail(Error why) {
  close();
  reason_ = std::move(why).in(where_);
  return *reason_;
}

void Channel::close() {
  fd_.close();
  state_ = State::closed;
  unsent_.clear();
  if (!reason_) reason_ = error(Errc::disconnected, where_ + ": was closed");
}

void Channel::send(std::string frame) {
  if (state_ == State::closed || frame.empty()) return;
  unsent_.push(std::move(frame));
}

void Channel::offer(const FrameMemory& memory) {
  if (state_ == State::closed) return;
  unsent_.pass_with_next(memory.fd());
  send(encode_offer());
}

Status Channel::advance() {
  if (state_ == State::connecting) BOBBIN_TRY(advance_connecting());
  if (state_ == State::connecting) return {};
  if (state_ == State::closed) return *reason_;
  // Answers first: when the other end has gone, those that it gave before are not lost over a failed write.
  BOBBIN_TRY(read_arrived());
  return write_unsent();
}

bool Channel::flush() { return state_ == State::open && write_unsent().ok(); }

Status Channel::advance_connecting() {
  auto connected = os::finish_connect(fd_.value());
  if (connected) {
    if (*connected) {
      state_ = State::open;
      addresses_.clear();
    }
    return {};
  }
  if (addresses_.empty()) return fail(std::move(connected).error());
  return try_next_address();
}

Status Channel::write_unsent() {
  if (auto sent = unsent_.send_some(fd_.value()); !sent) {
    // What the other end answered before it went is still there.
    BOBBIN_TRY(read_arrived());
    return fail(std::move(sent).error());
  }
  return {};
}

Status Channel::read_arrived() {
  for (size_t total = 0; total < bytes_per_advance_max;) {
    std::span<char> room = arrived_.room();
    auto got = is_unix_ ? os::receive(fd_.value(), room, passed_) : os::receive(fd_.value(), room);
    if (!got) return fail(std::move(got).error());
    if (!*got) return {};
    if (**got == 0) return fail(error(Errc::disconnected, "the other end has closed the connection"));
    arrived_.filled(**got);
    total += **got;
    BOBBIN_TRY(check_first_frame());
    if (**got < room.size()) return {};
  }
  return {};
}

Status Channel::check_first_frame() {
  auto frame = arrived_.frame(frame_bytes_max_);
  if (!frame) return fail(std::move(frame).error());
  return {};
}

std::optional<std::string> Channel::next_frame() {
  auto frame = arrived_.frame(frame_bytes_max_);
  if (!frame || !*frame) {
    // A size that is none was hidden behind whole frames until now.
    if (!frame && state_ != State::closed) (void)fail(std::move(frame).error());
    return std::nullopt;
  }
  std::string out(**frame);
  arrived_.drop_frame();
  if (arrived_.is_empty() && arrived_.capacity() > bytes_per_advance_max) arrived_.shrink();
  return out;
}

}  // namespace bobbin::transport
