// OffsetIndex (.index): 8-byte entries, int32 last offset of a batch minus the segment's base, int32 position where
// that same batch starts. Both ascend.
#pragma once

#include <optional>

#include "log/index_file.h"

namespace bobbin::log {

struct IndexEntry {
  Offset last_offset;
  uint64_t position = 0;
  bool operator==(const IndexEntry&) const = default;
};

class OffsetIndex {
 public:
  static constexpr size_t entry_bytes = 8;
  OffsetIndex(Files& files, std::string path, Offset base) : file_(files, std::move(path), entry_bytes), base_(base) {}

  void add(const IndexEntry& entry);
  Result<std::optional<IndexEntry>> last() const;
  // The last entry whose offset is at most `offset`.
  Result<std::optional<IndexEntry>> floor(Offset offset) const;
  // The first entry whose offset is at least `offset`.
  Result<std::optional<IndexEntry>> ceil(Offset offset) const;
  // The first entry behind `position`.
  Result<std::optional<IndexEntry>> behind(uint64_t position) const;
  // Keeps the entries whose offset is below `offset`.
  Status truncate(Offset offset);
  bool is_full(int64_t index_bytes_max) const;

  IndexFile& file() { return file_; }
  const IndexFile& file() const { return file_; }

 private:
  IndexEntry decode(const char* at) const;
  Result<std::optional<IndexEntry>> at(uint64_t i) const;
  IndexFile file_;
  Offset base_;
};

}  // namespace bobbin::log
