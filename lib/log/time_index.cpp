#include "log/time_index.h"

namespace bobbin::log {

namespace {
int64_t timestamp_of(const char* entry) { return load_be<int64_t>(entry); }
int64_t relative_offset_of(const char* entry) { return load_be<int32_t>(entry + 8); }
}  // namespace

void TimeIndex::add(const TimeEntry& entry) {
  if (entry.timestamp <= last_) return;
  std::string bytes;
  append_be(bytes, entry.timestamp.value);
  append_be(bytes, static_cast<int32_t>(entry.offset - base_));
  file_.add(bytes);
  last_ = entry.timestamp;
}

TimeEntry TimeIndex::decode(const char* at) const {
  return {Timestamp(load_be<int64_t>(at)), base_ + load_be<int32_t>(at + 8)};
}

Result<std::optional<TimeEntry>> TimeIndex::at(uint64_t i) const {
  BOBBIN_TRY_ASSIGN(bytes, file_.entry(i));
  return std::optional<TimeEntry>(decode(bytes.data()));
}

Result<std::optional<TimeEntry>> TimeIndex::last() const {
  if (file_.count() == 0) return std::optional<TimeEntry>();
  return at(file_.count() - 1);
}

Result<std::optional<TimeEntry>> TimeIndex::floor(Timestamp time) const {
  BOBBIN_TRY_ASSIGN(n, file_.count_up_to(time.value, timestamp_of, std::nullopt));
  if (n == 0) return std::optional<TimeEntry>();
  return at(n - 1);
}

Result<std::optional<TimeEntry>> TimeIndex::before(Offset offset) const {
  BOBBIN_TRY_ASSIGN(n, file_.count_up_to(offset - base_ - 1, relative_offset_of, 0));
  if (n == 0) return std::optional<TimeEntry>();
  return at(n - 1);
}

Status TimeIndex::truncate(Offset offset) {
  BOBBIN_TRY_ASSIGN(n, file_.count_up_to(offset - base_ - 1, relative_offset_of, 0));
  BOBBIN_TRY(file_.truncate(n));
  return load_last();
}

Status TimeIndex::load_last() {
  last_ = timestamp_none;
  BOBBIN_TRY_ASSIGN(entry, last());
  if (entry) last_ = entry->timestamp;
  return {};
}

bool TimeIndex::is_full(int64_t index_bytes_max) const {
  // One place is kept for the entry that is written when the segment is closed.
  return static_cast<int64_t>(file_.count()) >= index_bytes_max / static_cast<int64_t>(entry_bytes) - 1;
}

}  // namespace bobbin::log
