#include "transport/frame_memory.h"

#include "base/check.h"

namespace bobbin::transport {
namespace {

constexpr size_t offer_bytes = 4;
constexpr size_t note_bytes = 20;

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

Result<FrameMemory> FrameMemory::create(size_t bytes) {
  BOBBIN_TRY_ASSIGN(file, os::MemoryFile::create("bobbin-frames", bytes));
  return FrameMemory(std::move(file));
}

// Frames lie one behind the other, each in one piece; free is what lies between the youngest and the oldest.
std::optional<FrameMemory::Room> FrameMemory::take(size_t bytes) {
  uint64_t size = file_.bytes().size(), begin = pieces_.empty() ? 0 : pieces_.back().end;
  bool wrapped = !pieces_.empty() && pieces_.back().end <= pieces_.front().begin;
  if (!wrapped && bytes > size - begin) {
    begin = 0;
    wrapped = true;
  }
  uint64_t end = wrapped && !pieces_.empty() ? pieces_.front().begin : size;
  if (bytes == 0 || bytes > end - begin) return std::nullopt;
  pieces_.push_back({begin, begin + bytes});
  return Room{begin, file_.bytes().data() + begin};
}

void FrameMemory::free_oldest() {
  check(!pieces_.empty(), "a frame lies in the memory");
  pieces_.pop_front();
}

}  // namespace bobbin::transport
