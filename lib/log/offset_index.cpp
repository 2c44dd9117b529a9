#include "log/offset_index.h"

namespace bobbin::log {

namespace {
int64_t relative_offset_of(const char* entry) { return load_be<int32_t>(entry); }
int64_t position_at(const char* entry) { return load_be<uint32_t>(entry + 4); }
}  // namespace

void OffsetIndex::add(const IndexEntry& entry) {
  std::string bytes;
  append_be(bytes, static_cast<int32_t>(entry.last_offset - base_));
  append_be(bytes, static_cast<int32_t>(entry.position));
  file_.add(bytes);
}

IndexEntry OffsetIndex::decode(const char* at) const {
  return {base_ + load_be<int32_t>(at), load_be<uint32_t>(at + 4)};
}

Result<std::optional<IndexEntry>> OffsetIndex::at(uint64_t i) const {
  BOBBIN_TRY_ASSIGN(bytes, file_.entry(i));
  return std::optional<IndexEntry>(decode(bytes.data()));
}

Result<std::optional<IndexEntry>> OffsetIndex::last() const {
  if (file_.count() == 0) return std::optional<IndexEntry>();
  return at(file_.count() - 1);
}

Result<std::optional<IndexEntry>> OffsetIndex::floor(Offset offset) const {
  BOBBIN_TRY_ASSIGN(n, file_.count_up_to(offset - base_, relative_offset_of, 0));
  if (n == 0) return std::optional<IndexEntry>();
  return at(n - 1);
}

Result<std::optional<IndexEntry>> OffsetIndex::ceil(Offset offset) const {
  BOBBIN_TRY_ASSIGN(n, file_.count_up_to(offset - base_ - 1, relative_offset_of, 0));
  if (n == file_.count()) return std::optional<IndexEntry>();
  return at(n);
}

Result<std::optional<IndexEntry>> OffsetIndex::behind(uint64_t position) const {
  BOBBIN_TRY_ASSIGN(n, file_.count_up_to(static_cast<int64_t>(position), position_at, 0));
  if (n == file_.count()) return std::optional<IndexEntry>();
  return at(n);
}

Status OffsetIndex::truncate(Offset offset) {
  BOBBIN_TRY_ASSIGN(n, file_.count_up_to(offset - base_ - 1, relative_offset_of, 0));
  return file_.truncate(n);
}

bool OffsetIndex::is_full(int64_t index_bytes_max) const {
  return static_cast<int64_t>(file_.count()) >= index_bytes_max / static_cast<int64_t>(entry_bytes);
}

}  // namespace bobbin::log
