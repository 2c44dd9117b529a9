// SendQueue: frames, or pieces of them, that a socket has not taken yet, in their order; a descriptor may go with one.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"

namespace bobbin::transport {

class SendQueue {
 public:
  bool empty() const { return frames_.empty(); }
  size_t bytes() const { return bytes_; }
  // Memory that they take: a piece all of it until its last byte has left, and however small it is, what it costs to keep it.
  size_t held_bytes() const { return begin_ + bytes_ + frames_.size() * piece_overhead_bytes; }
  void push(std::string frame);
  // A descriptor, which must stay open, goes with the next one that is pushed; unix sockets only. One at a time: until it
  // has left, a further one is not passed.
  void pass_with_next(int descriptor);
  void clear();

  // Sends what the socket takes. Whether anything went out; Errc::disconnected when nobody is there.
  Result<bool> send_some(int fd);

 private:
  static constexpr size_t piece_overhead_bytes = sizeof(std::string) + 32;

  std::deque<std::string> frames_;
  size_t begin_ = 0;  // of the first
  size_t bytes_ = 0;
  std::optional<std::pair<size_t, int>> to_pass_;  // which of them takes a descriptor along, and which one
};

}  // namespace bobbin::transport
