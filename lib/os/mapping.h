// Mapping: bytes of a file in memory, read-only and shared with whoever appends to the file. The one user of
// Boost.Interprocess, over descriptors that this program opened itself.
//
// A mapping may reach beyond the end of the file and grows with it; but a byte beyond the end must not be touched
// (SIGBUS), so the reader goes by what the owner of the file published, or by a size that it knows.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "os/file_id.h"

namespace bobbin::os {

class Mapping {
 public:
  // `size` bytes from the start of the file at `path` (not through a symbolic link). Errc::not_found.
  static Result<Mapping> open(const std::string& path, uint64_t size);
  // The bytes [from, end now) of an open regular file; nothing at all is an empty mapping.
  static Result<Mapping> rest_of(int fd, uint64_t from);

  Mapping(Mapping&&) noexcept;
  Mapping& operator=(Mapping&&) noexcept;
  ~Mapping();

  Bytes bytes() const;
  // Which file that is, whatever lies under its name by now.
  const FileId& file() const { return file_; }
  // Tells the kernel to read ahead eagerly and to drop what was passed.
  void advise_sequential();
  // The kernel reads what is touched and nothing around it; will_need() says what is worth reading besides.
  void advise_random();

 private:
  struct Region;
  Mapping(std::unique_ptr<Region> region, const FileId& file);
  static Result<Mapping> make(int fd, uint64_t from, uint64_t size, const std::string& what);
  std::unique_ptr<Region> region_;
  FileId file_;
};

// Begins to read these bytes of a mapping from the disk, as far as they are not in memory. Does not wait for it.
void will_need(Bytes mapped);

}  // namespace bobbin::os
