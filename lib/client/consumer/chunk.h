// Chunk: batches of one partition that came together, as far as they were not taken yet: bytes of an answer, or of the
// leader's file, which the kernel is told ahead of time to read.
#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "client/consumer/batch_checks.h"
#include "record/batch.h"

namespace bobbin::client {

class Chunk {
 public:
  // Of a file the kernel is told so much at first; of less than the least, nothing.
  static constexpr size_t read_ahead_least = 32 << 10, read_ahead_min = 264 << 10;

  // Whole batches of an answer, whose shapes were checked. `owner` keeps them.
  static Chunk of_answer(std::shared_ptr<const void> owner, Bytes batches) {
    return {std::move(owner), batches, false, {}, {}};
  }
  // Batches that lie in the leader's file, by its word from `at` up to `end`. Nothing in them is believed before.
  static Chunk in_place(std::shared_ptr<const void> owner, Bytes batches, Offset at, Offset end) {
    return {std::move(owner), batches, true, at, end};
  }

  bool is_in_place() const { return in_place_; }
  bool is_empty() const { return batches_.empty(); }
  size_t bytes() const { return batches_.size(); }
  // In place: where its batches end by the leader's word.
  Offset end() const { return end_; }
  // In place: behind the batches that were taken, or where it begins.
  Offset at() const { return at_; }

  // The next batch; there must be one. Its checksum is looked at, once and while its bytes are in the cache for it, if it
  // has something from `wanted` on. Errc::damaged.
  Result<record::BatchView> front(const BatchChecks& checks, Offset wanted);
  // What front() refused lies in place behind a hole, so it seems: an offset behind it.
  std::optional<Offset> behind_hole() const;
  // That batch was taken.
  void pop(const record::BatchView& batch);

 private:
  Chunk(std::shared_ptr<const void> owner, Bytes batches, bool in_place, Offset at, Offset end)
      : owner_(std::move(owner)), batches_(batches), in_place_(in_place), at_(at), end_(end) {}
  bool fits(const BatchChecks& checks) const;
  void read_ahead(size_t needed);

  std::shared_ptr<const void> owner_;
  Bytes batches_;
  bool in_place_;
  Offset at_, end_;
  const char* ahead_ = nullptr;  // up to here the kernel was told to read it
  size_t window_ = read_ahead_min;
};

}  // namespace bobbin::client
