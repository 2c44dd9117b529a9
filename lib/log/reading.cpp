#include "log/reading.h"

#include <algorithm>

namespace bobbin::log {

namespace {

std::string text(Offset offset) { return std::to_string(offset.value); }

// How many of `bytes`, which hold the first batch, may be given out: whole batches with the right checksum, which does not
// cover their offsets, and a torn one after them. None reaches beyond `limit`. What follows damage is not looked at: the
// next read begins there and says so.
size_t sound_bytes(Bytes bytes, Offset offset_min, Offset limit, bool dense) {
  size_t at = 0;
  while (bytes.size() - at >= record::batch_header_bytes) {
    Bytes rest = bytes.substr(at);
    auto size = record::batch_size(rest);
    record::BatchView view(rest.substr(0, size.value_or(0)));
    if (!size || *size < record::batch_header_bytes) return at;
    Offset base = record::BatchView(rest).base_offset();
    if (base < offset_min || (dense && base > offset_min)) return at;
    if (*size > rest.size()) return at == 0 ? 0 : bytes.size();  // torn: its reader will ask for it again
    if (!view.crc_is_valid() || view.last_offset_delta() < 0 || view.next_offset() > limit) return at;
    offset_min = view.next_offset();
    at += *size;
  }
  // Less than a header, but enough to see that none begins there.
  bool is_other = bytes.size() - at >= record::batch_head_bytes && !record::batch_size(bytes.substr(at));
  return is_other ? at : bytes.size();
}

}  // namespace

Status Reading::check_range(Offset from) const {
  if (from >= log_start_ && from <= segments_.end()) return {};
  return error(Errc::offset_out_of_range, segments_.dir() + ": offset " + text(from) + " is not in [" +
                                              text(log_start_) + ", " + text(segments_.end()) + "]");
}

// What lies before the first segment, though the log should begin there.
Status Reading::check_front(Offset from) const {
  if (!segments_.empty() && from >= segments_.first()) return {};
  return error(Errc::corrupt_message, segments_.dir() + ": DAMAGED: the segments from offset " + text(from) + " to " +
                                          text(segments_.first() - 1) + " are gone");
}

Result<std::string> Reading::read(Offset from, Offset below, size_t bytes_max, bool at_least_one) {
  BOBBIN_TRY(check_range(from));
  below = std::min(below, segments_.end());
  if (from >= below) return std::string();
  BOBBIN_TRY(check_front(from));
  for (size_t i = segments_.find(from); i < segments_.size() && segments_[i].base() < below; i++) {
    BOBBIN_TRY_ASSIGN(bytes, read_segment(i, from, below, bytes_max, at_least_one));
    // Empty with room for one batch: compaction left nothing here, the next segment has what follows.
    if (!bytes.empty() || !at_least_one) return std::move(bytes);
  }
  return std::string();
}

std::optional<Extent> Reading::end_extent() const {
  if (segments_.empty()) return std::nullopt;
  const Segment& last = segments_.active();
  return Extent{last.base(), last.bytes(), last.bytes(), segments_.end()};
}

Result<std::optional<Extent>> Reading::extent(Offset from, Offset below) {
  BOBBIN_TRY(check_range(from));
  below = std::min(below, segments_.end());
  if (from < below) BOBBIN_TRY(check_front(from));
  for (size_t i = segments_.find(from); from < below && i < segments_.size() && segments_[i].base() < below; i++) {
    BOBBIN_TRY_ASSIGN(found, locate(i, from, below, false));
    if (found) return std::optional(found->extent);
  }
  return std::optional<Extent>();
}

// What the segment has of the batches from `from` to `below`; nothing if that is none.
Result<std::optional<Reading::Located>> Reading::locate(size_t i, Offset from, Offset below, bool verify) {
  Segment& segment = segments_[i];
  Offset limit = segments_.limit(i);
  std::optional<Located> none;
  auto damaged = [&](const std::string& what) {
    return error(Errc::corrupt_message, segment.path() + ": " + what + " at offset " + text(from));
  };
  BOBBIN_TRY(segment.ready(config_.index_interval_bytes, limit));
  BOBBIN_TRY_ASSIGN(start, segment.locate(from, limit, verify));
  if (start.damage_from && (!start.batch || start.batch->view().base_offset() > from)) {
    Offset good = start.batch ? start.batch->view().base_offset() : limit;
    return damaged("DAMAGED (the first good offset behind it is " + text(good) + ")");
  }
  if (!start.batch) {
    auto missing = segments_.missing_from(i);
    if (config_.compact_policy && !(missing && from >= *missing)) return none;
    return damaged("records are missing");
  }
  if (start.batch->view().last_offset() >= below) return none;
  Extent extent{segment.base(), start.batch->position, segment.bytes(), std::min(limit, below)};
  bool goes_on_there = below >= limit;
  if (below < limit) {
    BOBBIN_TRY_ASSIGN(behind, segment.locate(below, limit));
    if (behind.batch) {
      extent.end = behind.batch->position;
      extent.next_offset = std::min(below, behind.batch->view().base_offset());
    }
    // Behind damage a batch begins, but not the one with that offset.
    goes_on_there = behind.batch && !behind.damage_from;
  }
  if (goes_on_there) segment.note_place(extent.next_offset, extent.end);
  return std::optional(Located{*start.batch, extent});
}

Result<std::string> Reading::read_segment(size_t i, Offset from, Offset below, size_t bytes_max, bool at_least_one,
                                          bool verify) {
  Segment& segment = segments_[i];
  BOBBIN_TRY_ASSIGN(found, locate(i, from, below, verify));
  if (!found) return std::string();
  const BatchAt& first = found->first;
  uint64_t want = std::min<uint64_t>(bytes_max, found->extent.end - first.position);
  if (want < first.bytes && !at_least_one) return std::string();
  BOBBIN_TRY_ASSIGN(file, segment.file());
  BOBBIN_TRY_ASSIGN(good, is_worth_reading(*file, first));
  std::string bytes;
  if (good) {
    bytes.resize(std::max(want, first.bytes));
    BOBBIN_TRY_ASSIGN(got, file->read(std::span<char>(bytes.data(), bytes.size()), first.position));
    Offset end = std::min(segments_.limit(i), below);
    bytes.resize(sound_bytes(Bytes(bytes).substr(0, got), first.view().base_offset(), end, !config_.compact_policy));
  }
  if (bytes.size() >= first.bytes) return bytes;
  // The header that was found may be the one that lies: with checksums, is there another batch that holds `from`?
  if (verify)
    return error(Errc::corrupt_message, segment.path() + ": the batch's checksum is wrong at offset " + text(from));
  return read_segment(i, from, below, bytes_max, at_least_one, true);
}

}  // namespace bobbin::log
