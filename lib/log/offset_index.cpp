#include "log/offset_index.h"

namespace bobbin::log {

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
  BOBBIN_TRY_ASSIGN(n, file_.prefix([&](const char* e) { return decode(e).last_offset <= offset; }));
  if (n == 0) return std::optional<IndexEntry>();
  return at(n - 1);
}

Result<std::optional<IndexEntry>> OffsetIndex::behind(uint64_t position) const {
  BOBBIN_TRY_ASSIGN(n, file_.prefix([&](const char* e) { return decode(e).position <= position; }));
  if (n == file_.count()) return std::optional<IndexEntry>();
  return at(n);
}

Status OffsetIndex::truncate(Offset offset) {
  BOBBIN_TRY_ASSIGN(n, file_.prefix([&](const char* e) { return decode(e).last_offset < offset; }));
  return file_.truncate(n);
}

bool OffsetIndex::is_full(int64_t index_bytes_max) const {
  return static_cast<int64_t>(file_.count()) >= index_bytes_max / static_cast<int64_t>(entry_bytes);
}

}  // namespace bobbin::log
