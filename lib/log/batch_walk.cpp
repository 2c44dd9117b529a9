#include "log/batch_walk.h"

#include "base/crc32c.h"

namespace bobbin::log {

namespace {
constexpr uint64_t window_bytes = 4096;
constexpr uint64_t crc_chunk_bytes = 128 * 1024;
constexpr uint64_t believed_batch_bytes = 8 << 20;
}  // namespace

// At least `bytes` bytes at at_, or fewer at the end of the file. Valid until the next call.
Result<Bytes> HeaderWalk::window(uint64_t bytes) {
  bool inside = at_ >= buffer_at_ && at_ + bytes <= buffer_at_ + buffer_.size();
  if (!inside) {
    buffer_.resize(std::min(std::max(window_bytes, bytes), end_ - at_));
    BOBBIN_TRY_ASSIGN(got, file_.read(std::span<char>(buffer_.data(), buffer_.size()), at_));
    buffer_.resize(got);
    buffer_at_ = at_;
  }
  return Bytes(buffer_).substr(at_ - buffer_at_);
}

// Whether it may be the next batch, as far as its offsets tell.
bool HeaderWalk::goes_on_with(const record::BatchView& batch) const {
  const Offset base = batch.base_offset();
  if (base < offset_min_ || batch.last_offset_delta() < 0) return false;
  if (base >= limit_ || batch.last_offset_delta() >= limit_ - base) return false;
  if (base != offset_min_ && !hole_allowed_ && (dense_ || base >= dense_from_)) return false;
  return offset_min_ >= known_end_ || batch.next_offset() <= known_end_;
}

// No checksum covers a base offset: one that was spoiled looks like one behind a hole, but what follows goes on before it.
Result<bool> HeaderWalk::is_contradicted(const BatchAt& batch) const {
  std::array<char, record::batch_header_bytes> header;
  const uint64_t behind = batch.position + batch.bytes;
  if (end_ - behind < header.size()) return false;
  BOBBIN_TRY_ASSIGN(got, file_.read(std::span<char>(header.data(), header.size()), behind));
  const Bytes head(header.data(), header.size());
  auto size = got == header.size() ? record::batch_size(head) : std::nullopt;
  if (!size || *size < record::batch_header_bytes || *size > end_ - behind) return false;
  const Offset next = record::BatchView(head).base_offset();
  return next >= offset_min_ && next < batch.view().next_offset();
}

Result<std::optional<BatchAt>> HeaderWalk::next() {
  std::optional<BatchAt> none;
  if (end_ - at_ < record::batch_header_bytes) return none;
  BOBBIN_TRY_ASSIGN(head, window(record::batch_header_bytes));
  if (head.size() < record::batch_header_bytes) return none;
  auto size = record::batch_size(head);
  if (!size || *size < record::batch_header_bytes || *size > end_ - at_) return none;
  BatchAt batch;
  batch.position = at_;
  batch.bytes = *size;
  std::memcpy(batch.header.data(), head.data(), batch.header.size());
  record::BatchView view = batch.view();
  if (!goes_on_with(view)) return none;
  if (view.base_offset() != offset_min_) {
    BOBBIN_TRY_ASSIGN(contradicted, is_contradicted(batch));
    if (contradicted) return none;
  }
  hole_allowed_ = false;
  at_ += batch.bytes;
  offset_min_ = view.next_offset();
  return std::optional<BatchAt>(batch);
}

void HeaderWalk::go_on_at(uint64_t position, Offset offset_min) {
  at_ = position;
  offset_min_ = offset_min;
  hole_allowed_ = true;
}

Result<bool> crc_is_valid(os::File& file, const BatchAt& batch) {
  uint32_t crc =
      crc32c(Bytes(batch.header.data() + record::crc_begins_at, batch.header.size() - record::crc_begins_at));
  std::string buffer(std::min<uint64_t>(crc_chunk_bytes, batch.bytes - batch.header.size()), '\0');
  for (uint64_t at = batch.header.size(); at < batch.bytes;) {
    size_t want = std::min<uint64_t>(buffer.size(), batch.bytes - at);
    BOBBIN_TRY_ASSIGN(got, file.read(std::span<char>(buffer.data(), want), batch.position + at));
    if (got != want) return false;
    crc = crc32c(Bytes(buffer.data(), got), crc);
    at += got;
  }
  return crc == batch.view().crc();
}

Result<bool> is_worth_reading(os::File& file, const BatchAt& batch) {
  return batch.bytes <= believed_batch_bytes ? true : crc_is_valid(file, batch);
}

}  // namespace bobbin::log
