// Segment: one .log file with its two indexes, named by its first offset. It knows positions and bytes; the Log
// above it knows epochs, producers and what is allowed.
//
//   SegmentFile      the bytes, and which of them are synced
//   SegmentIndexes   entries for them, by offset and by time
//   SegmentBatches   what the bytes are: batches, or not
//
// Closed segments keep nothing open: files come from Files when they are needed, and what is to be known of one
// (its largest timestamp) is read at the first question. The one with unsynced bytes holds its file until the sync.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/offset_name.h"
#include "log/segment_batches.h"
#include "log/segment_file.h"
#include "log/segment_indexes.h"

namespace bobbin::log {

class Segment {
 public:
  using Resume = SegmentIndexes::Resume;

  // Makes the files of an empty segment, or says why not; then nothing is left behind.
  static Result<std::unique_ptr<Segment>> create(Files& files, const std::string& dir, Offset base, Timestamp now);
  // One that exists. Nothing is read but its size. Errc::damaged: no segment is so large.
  static Result<std::unique_ptr<Segment>> adopt(Files& files, const std::string& dir, Offset base);

  // From now on files come from there.
  void use(Files& files);

  Offset base() const { return base_; }
  uint64_t bytes() const { return file_.bytes(); }
  const std::string& path() const { return file_.path(); }
  std::vector<std::string> paths() const;  // log, index, timeindex
  Result<std::shared_ptr<os::File>> file() const { return file_.open(); }
  // Whether offsets have no holes: true unless the topic is compacted.
  void set_dense(bool dense) { dense_ = dense; }

  // Writes `parts` (together `batch`) at the end; see SegmentFile::append.
  Status append(std::span<const Bytes> parts, const BatchFacts& batch, int64_t index_interval_bytes);
  // A batch that lies in the file enters the indexes.
  void index(const BatchFacts& batch, uint64_t position, int64_t index_interval_bytes);
  // Cuts everything from `position` on, where `offset` would begin. Not synced.
  Status truncate(uint64_t position, Offset offset);

  // Below, `limit` is an offset that no batch of this segment reaches: the next segment's base or the log's end.

  SegmentBatches batches(Offset limit, Offset known_end = Offset(0), Offset dense_from = Offset(INT64_MAX)) const {
    return {{file_, indexes_.offsets(), base_, dense_}, limit, known_end, dense_from};
  }
  struct Located {
    std::optional<BatchAt> batch;       // nothing: the end of the file
    std::optional<Offset> damage_from;  // bytes that are no batch lie directly before it: they began at this offset
  };
  // The batch that holds `offset`, or the first behind it. Checksums are looked at from the first bad place on, or from
  // the start if `verify`.
  Result<Located> locate(Offset offset, Offset limit, bool verify = false);
  // Where the batch with `offset` begins, or will begin: who reads on from there is spared the index.
  void note_place(Offset offset, uint64_t position) { noted_ = {offset, position}; }
  // Where its bytes begin; the end of the file if there is none.
  Result<uint64_t> position_of(Offset offset, Offset limit);
  // The largest timestamp of the first batch, or none.
  Result<Timestamp> first_timestamp(Offset limit);

  // See SegmentIndexes. What is asked of indexes(), and of times, needs ready() before.
  const SegmentIndexes& indexes() const { return indexes_; }
  Result<bool> ready(int64_t index_interval_bytes, Offset limit);
  // SegmentIndexes::resume(): the caller index()es every batch from there on. They count as ready at once.
  Result<Resume> resume_indexes(Offset below, Offset limit);
  Result<uint64_t> position_for_time(Timestamp at, Offset limit) {
    return indexes_.position_for_time(at, batches(limit));
  }
  Result<TimeEntry> largest_below(Offset below) { return indexes_.largest_below(below, batches(below)); }
  Status seal(std::vector<std::shared_ptr<os::File>>& written) { return indexes_.seal(written); }
  Status flush_indexes(std::vector<std::shared_ptr<os::File>>& written) { return indexes_.flush(written); }
  void note_indexes_unsynced() { indexes_.note_unsynced(); }

  // See SegmentFile.
  const SegmentFile& data() const { return file_; }
  void note_synced(uint64_t bytes) { file_.note_synced(bytes); }
  Status store_again_from(uint64_t position) { return file_.store_again_from(position); }

 private:
  Segment(Files& files, const std::string& dir, Offset base);
  Result<Located> look_for(Offset offset, const Resume& start, const SegmentBatches& batches, bool verify);

  Offset base_;
  SegmentFile file_;
  SegmentIndexes indexes_;
  bool dense_ = true;
  std::optional<Timestamp> first_timestamp_;
  struct Place {
    Offset offset{-1};
    uint64_t position = 0;
  };
  Place noted_;
  // By the last two locate(): asked where it begins and ends, then read.
  std::array<std::optional<BatchAt>, 2> found_;
  size_t found_last_ = 0;
};

}  // namespace bobbin::log
