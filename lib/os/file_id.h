// Which file it is, under whatever name: to see that what is written is not what is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace bobbin::os {

struct FileId {
  uint64_t device = 0;
  uint64_t inode = 0;
  bool operator==(const FileId&) const = default;
};

// Of a regular file or a FIFO; nothing for terminals, sockets, /dev/null and what is not there: there the same thing may
// well be read and written. Symbolic links are followed.
std::optional<FileId> file_id(int fd);
std::optional<FileId> file_id(const std::string& path);

// The name of a regular file relative to `dir` (a real path), if it lies below it: "broker-1/t-0/00000000000000000000.log".
// One with several names (hard links) is looked for in all of `dir`.
std::optional<std::string> name_below(const std::string& dir, int fd);
std::optional<std::string> name_below(const std::string& dir, const std::string& path);

}  // namespace bobbin::os
