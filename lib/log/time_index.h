// TimeIndex (.timeindex): 12-byte entries, int64 timestamp, int32 offset minus base: the largest timestamp so far
// in the segment and the last offset of the batch that holds it. Whatever is newer lies behind that offset.
// Timestamps strictly ascend.
#pragma once

#include <optional>

#include "log/index_file.h"

namespace bobbin::log {

struct TimeEntry {
  Timestamp timestamp = timestamp_none;
  Offset offset;
  bool operator==(const TimeEntry&) const = default;
};

class TimeIndex {
 public:
  static constexpr size_t entry_bytes = 12;
  TimeIndex(Files& files, std::string path, Offset base) : file_(files, std::move(path), entry_bytes), base_(base) {}

  // Ignored unless it is newer than the last one (which must be known: see last()).
  void add(const TimeEntry& entry);
  Result<std::optional<TimeEntry>> last() const;
  // The last entry whose timestamp is at most `at`.
  Result<std::optional<TimeEntry>> floor(Timestamp at) const;
  // The last entry whose offset is below `offset`.
  Result<std::optional<TimeEntry>> before(Offset offset) const;
  // Keeps the entries whose offset is below `offset`.
  Status truncate(Offset offset);
  bool is_full(int64_t index_bytes_max) const;
  // Reads the last entry, so that add() knows it.
  Status load_last();

  IndexFile& file() { return file_; }
  const IndexFile& file() const { return file_; }

 private:
  TimeEntry decode(const char* at) const;
  Result<std::optional<TimeEntry>> at(uint64_t i) const;
  IndexFile file_;
  Offset base_;
  Timestamp last_ = timestamp_none;
};

}  // namespace bobbin::log
