// Frames in shared memory: a client that sends much lays its frames into memory that it made and passed to the broker over
// their unix socket, and sends a short note in place of each:
//
//   offer   int16 note_key | int16 0                                          the memory's descriptor comes along
//   note    int16 note_key | int16 1 | int64 where it begins | int64 bytes    the frame, without its size, lies there
//
// The broker takes the frame of a note as if it had come in the note's place, so that order, answers and back pressure are
// the socket's, and no word in the memory needs a protocol: what lies there was written before the note left, and is free
// again when the frame was answered. The broker copies it out before it looks at it. A wrong note closes the connection.
// That a broker understands this it says in its answer to ApiVersions (protocol/messages/api_versions.h).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
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

// The client's side: a ring of frames that are not answered yet, freed in the order in which they were laid down.
class FrameMemory {
 public:
  static constexpr size_t bytes_default = 4 << 20;
  static Result<FrameMemory> create(size_t bytes = bytes_default);

  int fd() const { return file_.fd(); }
  // Room for a frame (without its size), which has to be filled before its note leaves; nothing: there is none.
  struct Room {
    uint64_t at;
    char* bytes;
  };
  std::optional<Room> take(size_t bytes);
  // The oldest one was answered.
  void free_oldest();

 private:
  struct Piece {
    uint64_t begin, end;
  };
  explicit FrameMemory(os::MemoryFile file) : file_(std::move(file)) {}

  os::MemoryFile file_;
  std::deque<Piece> pieces_;
};

}  // namespace bobbin::transport
