#include "transport/frame_memory.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "base/check.h"

namespace bobbin::transport {
namespace {

constexpr size_t offer_bytes = 4;
constexpr size_t note_bytes = 20;
constexpr uint64_t reserve_step = 512 << 10;
constexpr uint64_t line_bytes = 64;

std::string note_frame(int16_t kind, size_t bytes) {
  std::string frame(4 + bytes, '\0');
  store_be(frame.data(), static_cast<int32_t>(bytes));
  store_be(frame.data() + 4, note_key);
  store_be(frame.data() + 6, kind);
  return frame;
}

}  // namespace

std::string encode_offer() { return note_frame(0, offer_bytes); }

std::string encode_note(uint64_t at, uint64_t bytes) {
  std::string frame = note_frame(1, note_bytes);
  store_be(frame.data() + 8, static_cast<int64_t>(at));
  store_be(frame.data() + 16, static_cast<int64_t>(bytes));
  return frame;
}

Result<std::optional<Note>> parse_note(Bytes frame) {
  if (frame.size() < offer_bytes || load_be<int16_t>(frame.data()) != note_key) return std::optional<Note>();
  auto kind = load_be<int16_t>(frame.data() + 2);
  if (kind == 0 && frame.size() == offer_bytes) return std::optional(Note{true});
  if (kind != 1 || frame.size() != note_bytes) return error(Errc::malformed, "a note of shared memory that is none");
  auto at = load_be<int64_t>(frame.data() + 4), bytes = load_be<int64_t>(frame.data() + 12);
  if (at < 0 || bytes < 0) return error(Errc::malformed, "a note of shared memory with a negative number");
  return std::optional(Note{false, static_cast<uint64_t>(at), static_cast<uint64_t>(bytes)});
}

Result<std::shared_ptr<FrameMemory>> FrameMemory::create(size_t bytes) {
  BOBBIN_TRY_ASSIGN(file, os::MemoryFile::create("bobbin-frames", bytes));
  return std::shared_ptr<FrameMemory>(new FrameMemory(std::move(file)));
}

std::optional<FrameMemory::Piece> FrameMemory::take(size_t bytes) {
  if (bytes == 0) return std::nullopt;
  uint64_t at = 0;
  for (const auto& [from, to] : taken_) {
    if (from - at >= bytes) break;
    at = to;
  }
  if (at > file_.bytes().size() || bytes > file_.bytes().size() - at) return std::nullopt;
  // In steps: reserving is a call to the kernel.
  uint64_t needed = (at + bytes + reserve_step - 1) / reserve_step * reserve_step;
  if (!file_.reserve(needed)) return std::nullopt;
  // Pieces begin at cache lines of their own.
  taken_.emplace(at, std::min<uint64_t>((at + bytes + line_bytes - 1) / line_bytes * line_bytes, file_.bytes().size()));
  return Piece(shared_from_this(), at);
}

std::span<char> FrameMemory::bytes_of(uint64_t at) { return file_.bytes().subspan(at, taken_.at(at) - at); }

std::optional<uint64_t> FrameMemory::place_of(Bytes bytes) const {
  const char* begin = file_.bytes().data();
  std::less<const char*> before;
  if (before(bytes.data(), begin) || !before(bytes.data(), begin + file_.bytes().size())) return std::nullopt;
  return static_cast<uint64_t>(bytes.data() - begin);
}

std::span<char> FrameMemory::piece_around(Bytes bytes) {
  auto at = place_of(bytes);
  auto next = at ? taken_.upper_bound(*at) : taken_.begin();
  check(next != taken_.begin(), "the bytes lie in a piece that was taken");
  return bytes_of(std::prev(next)->first);
}

FrameMemory::Piece& FrameMemory::Piece::operator=(Piece&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  memory_ = std::move(other.memory_);
  at_ = other.at_;
  return *this;
}

std::span<char> FrameMemory::Piece::bytes() const { return memory_ ? memory_->bytes_of(at_) : std::span<char>(); }

void FrameMemory::Piece::give_back() {
  if (memory_) memory_->taken_.erase(at_);
  memory_.reset();
}

}  // namespace bobbin::transport
