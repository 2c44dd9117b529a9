#include "log/segment_batches.h"

namespace bobbin::log {

using record::batch_head_bytes;
using record::magic_at;

namespace {
constexpr uint64_t resync_window_bytes = 64 * 1024;
constexpr uint64_t resync_effort_min = 64 << 20;  // bytes that are looked at again, at least
constexpr uint64_t header_effort = 4096;          // what looking at one more header costs
}  // namespace

Result<std::optional<BatchAt>> SegmentBatches::at(uint64_t position) const {
  if (position >= of_.file.bytes()) return std::optional<BatchAt>();
  BOBBIN_TRY_ASSIGN(log, of_.file.open());
  HeaderWalk walk(*log, from(position, of_.base));
  walk.go_on_at(position, of_.base);
  return walk.next();
}

// The first batch of a segment never has an entry, which tells an index padded with zeros from a real one. The
// checksum is not looked at: an entry only says where a walk may begin.
Result<bool> SegmentBatches::is_true(const IndexEntry& entry) const {
  if (entry.position == 0) return false;
  BOBBIN_TRY_ASSIGN(batch, at(entry.position));
  return batch && batch->view().last_offset() == entry.last_offset;
}

Result<std::optional<BatchAt>> SegmentBatches::next_sound(HeaderWalk& walk, const Bad& bad, bool check_crc) const {
  BOBBIN_TRY_ASSIGN(log, of_.file.open());
  for (;;) {
    uint64_t at = walk.position();
    Offset expected = walk.offset_min();
    BOBBIN_TRY_ASSIGN(batch, walk.next());
    if (batch && !check_crc) return batch;
    if (batch) {
      BOBBIN_TRY_ASSIGN(good, crc_is_valid(*log, *batch));
      if (good) return batch;
    } else if (walk.at_end()) {
      return std::optional<BatchAt>();
    }
    if (!bad(at, expected)) return std::optional<BatchAt>();
    BOBBIN_TRY_ASSIGN(next, resync(at, expected));
    walk.go_on_at(next, expected);
  }
}

Status SegmentBatches::each(uint64_t position, Offset offset_min,
                            const std::function<Result<bool>(const BatchAt&)>& visit, bool check_crc,
                            const Bad& bad) const {
  BOBBIN_TRY_ASSIGN(log, of_.file.open());
  HeaderWalk walk(*log, from(position, offset_min));
  if (position > 0) walk.go_on_at(position, offset_min);
  const Bad on_bad = bad ? bad : [](uint64_t, Offset) { return true; };
  for (;;) {
    BOBBIN_TRY_ASSIGN(batch, next_sound(walk, on_bad, check_crc));
    if (!batch) return {};
    BOBBIN_TRY_ASSIGN(more, visit(*batch));
    if (!more) return {};
  }
}

// --- behind what is no batch

// Bytes inside of a damaged batch may look like a batch (somebody stored a segment file in a record). Only what
// leads exactly to a place that is known to begin a batch is believed. `effort` is what may be spent on that; at its end
// it is 0, and the answer is no.
Result<bool> SegmentBatches::leads_to(uint64_t position, uint64_t target, Offset offset_min, uint64_t& effort) const {
  auto spend = [&effort](uint64_t bytes) { return (effort -= std::min(effort, bytes)) > 0; };
  BOBBIN_TRY_ASSIGN(log, of_.file.open());
  HeaderWalk::Bounds bounds = from(position, offset_min);
  bounds.end = target;
  HeaderWalk walk(*log, bounds);
  walk.go_on_at(position, offset_min);
  BOBBIN_TRY_ASSIGN(first, walk.next());
  if (!first || !spend(first->bytes)) return false;
  BOBBIN_TRY_ASSIGN(good, crc_is_valid(*log, *first));
  if (!good) return false;
  while (!walk.at_end()) {
    BOBBIN_TRY_ASSIGN(batch, walk.next());
    if (!batch || !spend(header_effort)) return false;
  }
  return true;
}

// Where the first batch begins that the index tells of behind a place, and rightly; else the end of the file.
Result<uint64_t> SegmentBatches::known_behind(uint64_t bad) const {
  for (uint64_t behind = bad;;) {
    BOBBIN_TRY_ASSIGN(entry, of_.index.behind(behind));
    if (!entry || entry->position <= behind || entry->position >= of_.file.bytes()) return of_.file.bytes();
    BOBBIN_TRY_ASSIGN(good, is_true(*entry));
    if (good) return entry->position;
    behind = entry->position;
  }
}

Result<std::optional<BatchAt>> SegmentBatches::sound_at(uint64_t position, Offset offset_min) const {
  BOBBIN_TRY_ASSIGN(log, of_.file.open());
  HeaderWalk walk(*log, from(position, offset_min));
  walk.go_on_at(position, offset_min);
  BOBBIN_TRY_ASSIGN(batch, walk.next());
  if (!batch) return batch;
  BOBBIN_TRY_ASSIGN(good, crc_is_valid(*log, *batch));
  return good ? batch : std::nullopt;
}

// Whether what stands there is sound, and only offsets before it are missing. No checksum covers a batch's base offset: one
// that was spoiled looks like this, too, but what follows does not go on from there.
Result<bool> SegmentBatches::is_behind_hole(uint64_t position, Offset offset_min) const {
  BOBBIN_TRY_ASSIGN(first, sound_at(position, offset_min));
  if (!first) return false;
  const Offset end = first->view().next_offset();
  if (end == limit_ || end == known_end_) return true;
  BOBBIN_TRY_ASSIGN(second, sound_at(position + first->bytes, end));  // maybe behind another hole
  return second.has_value();
}

Result<uint64_t> SegmentBatches::resync(uint64_t bad, Offset offset_min) const {
  BOBBIN_TRY_ASSIGN(is_here, is_behind_hole(bad, offset_min));
  if (is_here) return bad;
  BOBBIN_TRY_ASSIGN(target, known_behind(bad));
  BOBBIN_TRY_ASSIGN(log, of_.file.open());
  std::string buffer;
  // Bytes that look like batches again and again, made for that or a log inside of a record, are not gone through for each
  // of their beginnings: what cannot be found so counts as damaged.
  uint64_t effort = std::max(resync_effort_min, 4 * (target - bad));
  for (uint64_t at = bad + 1; at + record::batch_header_bytes <= target; at += buffer.size() - (batch_head_bytes - 1)) {
    // A header may begin in the last bytes of a hole: its magic is in the data.
    if (uint64_t data = log->hole_end(at); data > at + magic_at) at = std::min(data, target) - magic_at;
    buffer.resize(std::min(resync_window_bytes, target - at));
    BOBBIN_TRY_ASSIGN(got, log->read(std::span<char>(buffer.data(), buffer.size()), at));
    buffer.resize(got);
    if (got < batch_head_bytes) break;
    for (size_t i = 0; i + batch_head_bytes <= got; i++) {
      const void* magic = std::memchr(buffer.data() + i + magic_at, record::magic_v2, got - i - magic_at);
      if (!magic) break;
      i = static_cast<size_t>(static_cast<const char*>(magic) - buffer.data()) - magic_at;
      Bytes head = Bytes(buffer).substr(i, batch_head_bytes);
      auto bytes = record::batch_size(head);
      Offset base = record::BatchView(head).base_offset();
      if (!bytes || *bytes > target - at - i || base < offset_min || base >= limit_) continue;
      BOBBIN_TRY_ASSIGN(good, leads_to(at + i, target, offset_min, effort));
      if (good) return at + i;
      if (effort == 0) return target;
    }
  }
  return target;
}

}  // namespace bobbin::log
