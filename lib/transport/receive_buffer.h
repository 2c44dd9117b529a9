// ReceiveBuffer: bytes that arrived and are not used yet, in one piece of memory, so that a frame is received where it
// is read. It grows with what arrived: room for a frame that was only announced is never taken at once.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace bobbin::transport {

class ReceiveBuffer {
 public:
  ReceiveBuffer() = default;
  ReceiveBuffer(ReceiveBuffer&& other) noexcept { *this = std::move(other); }
  ReceiveBuffer& operator=(ReceiveBuffer&& other) noexcept {
    memory_ = std::move(other.memory_);
    capacity_ = std::exchange(other.capacity_, 0);
    begin_ = std::exchange(other.begin_, 0);
    end_ = std::exchange(other.end_, 0);
    return *this;
  }

  static constexpr size_t bytes_min = 64 << 10;

  // Memory to receive into, never empty; then say how much came. When the first frame is not whole yet, no more than its
  // rest is given if that is large, so that the next frame begins at the front again.
  std::span<char> room();
  void filled(size_t bytes) { end_ += bytes; }

  // The first frame, without its size, if it is whole; valid until room(). Errc::malformed: a size that is negative or
  // above frame_bytes_max.
  Result<std::optional<Bytes>> frame(int32_t frame_bytes_max) const;
  void drop_frame();

  bool is_empty() const { return begin_ == end_; }
  size_t size() const { return end_ - begin_; }
  size_t capacity() const { return capacity_; }
  // Size of the first frame as it was announced; empty: not even that has arrived.
  std::optional<int32_t> announced() const;
  // Gives back memory that is far larger than what it holds. An empty buffer holds none afterwards.
  void shrink();

 private:
  struct Free {
    void operator()(char* p) const { std::free(p); }
  };
  void move_to_front();
  void grow(size_t capacity);  // or shrinks

  std::unique_ptr<char, Free> memory_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace bobbin::transport
