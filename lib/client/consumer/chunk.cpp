#include "client/consumer/chunk.h"

#include <algorithm>

#include "os/mapping.h"

namespace bobbin::client {

using record::magic_at;

namespace {
constexpr size_t read_ahead_max = 8 << 20;
}  // namespace

// What no checksum covers: the length, and the base offset, which must lie where the batch before ended. A wrong one
// would pass over the batches behind it, so the next header is looked at before this batch is believed. Whether a hole is
// what compaction left or records that are gone, the broker knows.
bool Chunk::fits(const BatchChecks& checks) const {
  Bytes rest = batches_;
  if (rest.size() <= magic_at || !checks.check_shape(rest, at_).ok()) return false;
  size_t size = *record::batch_size(rest);
  if (size > rest.size()) return false;
  if (record::BatchView(rest).base_offset() > at_) return false;
  Offset batch_end = record::BatchView(rest.substr(0, size)).next_offset();
  rest.remove_prefix(size);
  Offset below = rest.size() < record::batch_head_bytes ? end_ : std::min(end_, record::BatchView(rest).base_offset());
  return batch_end > at_ && batch_end <= below;
}

// Of a file that is read in place the kernel reads what it is told to: little for who takes one record out of it, more and
// more for who goes on. A few records at the log's end were just written: they are in memory, and nothing is told.
void Chunk::read_ahead(size_t needed) {
  if (!ahead_ && batches_.size() < read_ahead_least) return;
  const char* begin = batches_.data();
  size_t told = ahead_ > begin ? static_cast<size_t>(ahead_ - begin) : 0;
  if (told >= std::max(needed, window_ / 2) || told >= batches_.size()) return;
  Bytes next = batches_.substr(told, std::max(window_, needed - std::min(needed, told)));
  os::will_need(next);
  ahead_ = next.data() + next.size();
  window_ = std::min(window_ * 2, read_ahead_max);
}

std::optional<Offset> Chunk::behind_hole() const {
  if (!in_place_ || batches_.size() < record::batch_head_bytes) return std::nullopt;
  const Offset base = record::BatchView(batches_).base_offset();
  return base > at_ && base < end_ ? std::optional(base + 1) : std::nullopt;
}

Result<record::BatchView> Chunk::front(const BatchChecks& checks, Offset wanted) {
  if (in_place_) {
    read_ahead(record::batch_header_bytes);
    // The batch, and the next one's header.
    if (auto size = batches_.size() > magic_at ? record::batch_size(batches_) : std::nullopt)
      read_ahead(*size + record::batch_header_bytes);
    if (!fits(checks)) return error(Errc::damaged, checks.where(wanted) + " is damaged");
  }
  record::BatchView batch(batches_.substr(0, *record::batch_size(batches_)));
  if (batch.next_offset() > wanted) BOBBIN_TRY(checks.check_crc(batch));
  return batch;
}

void Chunk::pop(const record::BatchView& batch) {
  batches_.remove_prefix(batch.bytes().size());
  at_ = batch.next_offset();
}

}  // namespace bobbin::client
