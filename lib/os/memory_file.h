// MemoryFile: memory that processes share: one makes it and writes into it, its descriptor is passed over a unix socket.
// Its size is sealed. A broker copies out of what a client made with read_shared(), and maps nothing: whatever the maker
// does to the contents, a copy is a copy, and never a SIGBUS.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "os/fd.h"

namespace bobbin::os {

class MemoryFile {
 public:
  // What those do to whom the descriptor is passed.
  enum class Sharing {
    copied,    // copy out of it with read_shared(), and may write
    read_only  // map it and read; nobody else can ever write (F_SEAL_FUTURE_WRITE)
  };
  // Address space for `bytes`, none of it reserved: see reserve().
  static Result<MemoryFile> create(const char* name, size_t bytes, Sharing sharing = Sharing::copied);
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&&) = delete;
  ~MemoryFile();

  int fd() const { return fd_.value(); }
  std::span<char> bytes() const { return bytes_; }
  // What is stored into must be reserved before: a store without memory behind it would be a SIGBUS. From the front, more
  // and more of it. Errc::disk_full: there is no memory for it.
  Status reserve(size_t bytes);

 private:
  MemoryFile(Fd fd, std::span<char> bytes) : fd_(std::move(fd)), bytes_(bytes) {}

  Fd fd_;
  std::span<char> bytes_;
  size_t reserved_ = 0;
};

// Whether the descriptor is of memory, so that reading it waits for no disk and for nobody.
bool is_memory_file(int fd);
// All of `into` from `at` on. Errc::malformed: there is not so much.
Status read_shared(int fd, std::span<char> into, uint64_t at);

}  // namespace bobbin::os
