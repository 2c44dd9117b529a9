#include "transport/receive_buffer.h"

#include <algorithm>

#include "base/check.h"

namespace bobbin::transport {

namespace {

constexpr size_t size_bytes = 4;
constexpr size_t bytes_least = 1024;  // what shrink() leaves at least

}  // namespace

std::optional<int32_t> ReceiveBuffer::announced() const {
  if (size() < size_bytes) return std::nullopt;
  return load_be<int32_t>(memory_.get() + begin_);
}

Result<std::optional<Bytes>> ReceiveBuffer::frame(int32_t frame_bytes_max) const {
  auto bytes = announced();
  if (!bytes) return std::optional<Bytes>();
  if (*bytes < 0 || *bytes > frame_bytes_max) {
    return error(Errc::malformed, "a frame of " + std::to_string(*bytes) + " bytes, at most " +
                                      std::to_string(frame_bytes_max) + " are allowed");
  }
  auto length = static_cast<size_t>(*bytes);
  if (size() - size_bytes < length) return std::optional<Bytes>();
  return std::optional<Bytes>(Bytes(memory_.get() + begin_ + size_bytes, length));
}

void ReceiveBuffer::drop_frame() {
  auto bytes = announced();
  check(bytes && *bytes >= 0 && size() - size_bytes >= static_cast<size_t>(*bytes),
        "the frame that is dropped is whole");
  begin_ += size_bytes + static_cast<size_t>(*bytes);
  if (is_empty()) begin_ = end_ = 0;
}

std::span<char> ReceiveBuffer::room() {
  auto bytes = announced();
  size_t whole = bytes && *bytes >= 0 ? size_bytes + static_cast<size_t>(*bytes) : 0;
  bool is_partial = whole > size();
  if (is_partial && begin_ + whole > capacity_) move_to_front();
  if (end_ == capacity_) {
    // A tail that is short beside what was used before it is cheap to move; else more memory, twice as much, so that all
    // moving together costs no more than what arrives.
    if (begin_ > size()) {
      move_to_front();
    } else {
      size_t twice = std::max(bytes_min, 2 * capacity_);
      grow(is_partial && whole > bytes_min ? std::min(whole, twice) : twice);
    }
  }
  size_t free = capacity_ - end_;
  // Only up to the end of a large frame, so that the next one begins at the front and need not be moved.
  if (is_partial && whole > bytes_min) free = std::min(free, whole - size());
  return {memory_.get() + end_, free};
}

void ReceiveBuffer::move_to_front() {
  if (begin_ == 0) return;
  std::memmove(memory_.get(), memory_.get() + begin_, size());
  end_ = size();
  begin_ = 0;
}

// realloc: the kernel moves large blocks by their page table.
void ReceiveBuffer::grow(size_t capacity) {
  auto* moved = static_cast<char*>(std::realloc(memory_.get(), capacity));
  check(moved != nullptr, "there is memory for what arrives");
  [[maybe_unused]] char* old = memory_.release();
  memory_.reset(moved);
  capacity_ = capacity;
}

void ReceiveBuffer::shrink() {
  if (is_empty()) {
    *this = ReceiveBuffer();
    return;
  }
  size_t enough = std::max(2 * size(), bytes_least);
  if (capacity_ <= 4 * enough) return;
  move_to_front();
  grow(enough);
}

}  // namespace bobbin::transport
