#include "os/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "os/errors.h"

namespace bobbin::os {

Result<MemoryFile> MemoryFile::create(const char* name, size_t bytes, Sharing sharing) {
  Fd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.is_open()) return system_error("memfd_create");
  if (::ftruncate(fd.value(), static_cast<off_t>(bytes)) != 0) return system_error("shared memory");
  void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.value(), 0);
  if (at == MAP_FAILED) return system_error("mapping shared memory");
  MemoryFile file(std::move(fd), {static_cast<char*>(at), bytes});
  int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (sharing == Sharing::read_only) seals |= F_SEAL_FUTURE_WRITE;
  if (::fcntl(file.fd(), F_ADD_SEALS, seals) != 0) return system_error("sealing shared memory");
  return file;
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept
    : fd_(std::move(other.fd_)), bytes_(std::exchange(other.bytes_, {})), reserved_(other.reserved_) {}

Status MemoryFile::reserve(size_t bytes) {
  bytes = std::min(bytes, bytes_.size());
  if (bytes <= reserved_) return {};
  int failed = ::posix_fallocate(fd_.value(), static_cast<off_t>(reserved_), static_cast<off_t>(bytes - reserved_));
  if (failed != 0) return system_error("shared memory", failed);
  reserved_ = bytes;
  return {};
}

MemoryFile::~MemoryFile() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

// Only files that live in memory have seals.
bool is_memory_file(int fd) { return ::fcntl(fd, F_GET_SEALS) >= 0; }

Status read_shared(int fd, std::span<char> into, uint64_t at) {
  size_t done = 0;
  while (done < into.size()) {
    ssize_t n = ::pread(fd, into.data() + done, into.size() - done, static_cast<off_t>(at + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("reading shared memory");
    if (n == 0) return error(Errc::malformed, "shared memory ends too early");
    done += static_cast<size_t>(n);
  }
  return {};
}

}  // namespace bobbin::os
