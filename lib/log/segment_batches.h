// SegmentBatches: the batches that lie in a segment's file, one after the other; and where they go on behind bytes that are
// none. A view for one question: the file and the index must outlive it, and stay as they are meanwhile.
#pragma once

#include <functional>
#include <optional>

#include "log/batch_walk.h"
#include "log/offset_index.h"
#include "log/segment_file.h"

namespace bobbin::log {

class SegmentBatches {
 public:
  struct Of {
    const SegmentFile& file;
    const OffsetIndex& index;  // a hint: each entry is compared with the file
    Offset base;
    bool dense;  // no holes between offsets
  };
  // `limit` is an offset that no batch of this segment reaches: the next segment's base or the log's end. `known_end`,
  // `dense_from`: see HeaderWalk::Bounds.
  SegmentBatches(const Of& of, Offset limit, Offset known_end = Offset(0), Offset dense_from = Offset(INT64_MAX))
      : of_(of), limit_(limit), known_end_(known_end), dense_from_(dense_from) {}

  Offset limit() const { return limit_; }
  uint64_t bytes() const { return of_.file.bytes(); }  // of the file
  SegmentBatches with_limit(Offset limit) const { return {of_, limit, known_end_, dense_from_}; }

  // Of a walk over the headers from a batch at `position` on, which begins with `offset_min` or behind it.
  HeaderWalk::Bounds from(uint64_t position, Offset offset_min) const {
    return {position, of_.file.bytes(), offset_min, limit_, of_.dense, known_end_, dense_from_};
  }
  // The batch that begins there, if what stands there may be one. Its checksum is not looked at.
  Result<std::optional<BatchAt>> at(uint64_t position) const;
  // Whether a batch with that last offset begins there.
  Result<bool> is_true(const IndexEntry& entry) const;

  // The next batch whose checksum is right (or, without `check_crc`, whose header may be one). `bad` is told of every place
  // that is no such batch, and of the offset that was expected there; false: stop there (and nothing is returned).
  using Bad = std::function<bool(uint64_t position, Offset expected)>;
  Result<std::optional<BatchAt>> next_sound(HeaderWalk& walk, const Bad& bad, bool check_crc = true) const;
  // Calls `visit` for each batch from `position` on, as next_sound() gives it, until it returns false. What is bad is passed
  // over, unless `bad` says to stop there.
  Status each(uint64_t position, Offset offset_min, const std::function<Result<bool>(const BatchAt&)>& visit,
              bool check_crc = true, const Bad& bad = {}) const;
  // Where reading goes on after a place where the next batch is not: the first byte from there on from which batches lead
  // without a break to the next entry of the index or to the end; at worst that place itself. It is where it was asked for
  // when only offsets are missing there.
  Result<uint64_t> resync(uint64_t bad, Offset offset_min) const;
  // The sound batch that stands there, with `offset_min` or behind it: offsets before it may be missing.
  Result<std::optional<BatchAt>> sound_at(uint64_t position, Offset offset_min) const;

 private:
  Result<bool> is_behind_hole(uint64_t position, Offset offset_min) const;
  Result<uint64_t> known_behind(uint64_t bad) const;
  Result<bool> leads_to(uint64_t position, uint64_t target, Offset offset_min, uint64_t& effort) const;

  Of of_;
  Offset limit_;
  Offset known_end_, dense_from_;
};

}  // namespace bobbin::log
