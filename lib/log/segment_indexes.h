// SegmentIndexes: the offset and the time index of a segment, kept in step with each other and with its file.
//
// Whoever adds an entry to one adds the largest timestamp so far to the other, so that each tells when the other lost
// something. Entries are hints: each is compared with the batches before it is believed, and where one lies the indexes are
// built anew, once in the life of a process. They may be asked when ready() says so.
//
//   as found --ready()-------------------------> ready: every batch of the file entered them
//      \-----resume(), add() each, note_ready()--^
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "log/offset_index.h"
#include "log/segment_batches.h"
#include "log/time_index.h"

namespace bobbin::log {

// What a segment needs to know of a batch.
struct BatchFacts {
  Offset base_offset;
  Offset last_offset;
  Timestamp max_timestamp;
  uint64_t bytes = 0;
};
inline BatchFacts facts_of(const BatchAt& batch) {
  auto view = batch.view();
  return {view.base_offset(), view.last_offset(), view.max_timestamp(), batch.bytes};
}

class SegmentIndexes {
 public:
  SegmentIndexes(Files& files, const std::string& dir, Offset base);

  // Makes the files of an empty segment.
  Status create();
  // From now on files come from there.
  void use(Files& files);
  std::vector<std::string> paths() const { return {offsets_.file().path(), times_.file().path()}; }
  const OffsetIndex& offsets() const { return offsets_; }

  // The batch behind those that entered before. An entry is made after each so many bytes.
  void add(const BatchFacts& batch, uint64_t position, int64_t interval_bytes);

  // Below, `batches` are those of the segment's file.

  bool is_ready() const { return ready_; }
  // Makes both usable: sane ones are taken, others are built from the log. Says whether it built them.
  Result<bool> ready(const SegmentBatches& batches, int64_t interval_bytes);
  Result<bool> ready(const SegmentBatches& batches) {
    return ready(batches, interval_bytes_);
  }  // with the last interval
  // The first half of that: keeps the entries below `below` as far as they are true and gives the batch from which
  // on the caller must add() every one (position 0 and the base: none were).
  struct Resume {
    uint64_t position = 0;
    Offset offset;
    bool kept = false;
  };
  Result<Resume> resume(Offset below, const SegmentBatches& batches);
  void note_ready() { ready_ = true; }

  // A batch at which a walk to `offset` may begin, and, of the second, one that is close where batches are large.
  Result<Resume> start_for(Offset offset, const SegmentBatches& batches);
  Result<Resume> close_start_for(Offset offset, const SegmentBatches& batches);
  // A place such that no batch before it has a timestamp of `at` or later.
  Result<uint64_t> position_for_time(Timestamp at, const SegmentBatches& batches);
  // Largest timestamp and the last offset of its batch; timestamp_none if the segment is empty.
  const TimeEntry& largest() const { return largest_; }
  // The same of the batches that end before `below`.
  Result<TimeEntry> largest_below(Offset below, const SegmentBatches& batches);
  // The last offset of the first batch behind `position` that has an entry; nothing if none has.
  Result<std::optional<Offset>> first_behind(uint64_t position) const;
  Result<bool> has_entries_below(Offset offset) const;  // of offsets: few batches have none
  bool is_full(int64_t index_bytes_max) const;

  // Writes what waits. What was written is added to `written`, to be synced.
  Status flush(std::vector<std::shared_ptr<os::File>>& written);
  // Nothing will be added any more: the last time entry; both written.
  Status seal(std::vector<std::shared_ptr<os::File>>& written);
  // Keeps the entries of batches that end below `offset`.
  Status truncate(Offset offset);
  // The file was cut as well, to these: what is remembered of the batches behind them is forgotten.
  Status follow_cut(const SegmentBatches& batches);
  // The next flush() gives both files, whether or not anything is added to them.
  void note_unsynced();

 private:
  Result<bool> is_true(const TimeEntry& entry, const SegmentBatches& batches) const;
  Status reset();
  Status rebuild(const SegmentBatches& batches);
  Status add_all(const Resume& from, const SegmentBatches& batches);

  Offset base_;
  OffsetIndex offsets_;
  TimeIndex times_;
  bool ready_ = false;
  bool built_ = false;        // this process built them already: what is false now stays so
  uint64_t since_entry_ = 0;  // bytes since the last entry
  int64_t interval_bytes_ = 4096;
  TimeEntry largest_;
};

}  // namespace bobbin::log
