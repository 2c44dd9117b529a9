// Frames in shared memory: a client that sends much lays its frames into memory that it made and passed to the broker over
// their unix socket, and sends a short note in place of each:
//
//   offer   int16 note_key | int16 0                                          the memory's descriptor comes along
//   note    int16 note_key | int16 1 | int64 where it begins | int64 bytes    the frame, without its size, lies there
//
// The broker takes the frame of a note as if it had come in the note's place, so that order, answers and back pressure are
// the socket's, and no word in the memory needs a protocol: what lies there was written before the note left, and may be
// written again when the frame was answered. The broker copies it out before it looks at it. A wrong note closes the connection.
// That a broker understands this it says in its answer to ApiVersions (protocol/messages/api_versions.h).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "os/memory_file.h"

namespace bobbin::transport {

inline constexpr int16_t note_key = 0x7b0b;  // no API of Kafka has a number like this

std::string encode_offer();  // as frames with their sizes
std::string encode_note(uint64_t at, uint64_t bytes);

struct Note {
  bool is_offer = false;
  uint64_t at = 0;
  uint64_t bytes = 0;
};
// Of a frame without its size: nothing if it is no note. Errc::malformed.
Result<std::optional<Note>> parse_note(Bytes frame);

// The client's side: memory of which pieces are taken and given back in any order, the lowest first, so that it stays
// small and warm. A piece holds the memory: what a lost connection left in it can still be read from there.
class FrameMemory : public std::enable_shared_from_this<FrameMemory> {
 public:
  static constexpr size_t bytes_default = 16 << 20;  // of address space; memory is taken as it is needed
  static Result<std::shared_ptr<FrameMemory>> create(size_t bytes = bytes_default);

  int fd() const { return file_.fd(); }

  class Piece {
   public:
    Piece() = default;
    Piece(Piece&& other) noexcept = default;
    Piece& operator=(Piece&& other) noexcept;
    ~Piece() { give_back(); }

    std::span<char> bytes() const;       // empty: no piece
    uint64_t at() const { return at_; }  // where they begin in the memory
    void give_back();

   private:
    friend FrameMemory;
    Piece(std::shared_ptr<FrameMemory> memory, uint64_t at) : memory_(std::move(memory)), at_(at) {}
    std::shared_ptr<FrameMemory> memory_;
    uint64_t at_ = 0;
  };
  // Room for a frame (without its size), which has to be filled before its note leaves; nothing: there is none.
  std::optional<Piece> take(size_t bytes);

  // Where some bytes of this process lie in the memory; nothing: elsewhere.
  std::optional<uint64_t> place_of(Bytes bytes) const;
  // All of the taken piece in which they lie. They must lie in one.
  std::span<char> piece_around(Bytes bytes);

 private:
  explicit FrameMemory(os::MemoryFile file) : file_(std::move(file)) {}
  std::span<char> bytes_of(uint64_t at);

  os::MemoryFile file_;
  std::map<uint64_t, uint64_t> taken_;  // pieces: from, to
};

}  // namespace bobbin::transport
