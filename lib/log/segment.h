// Segment: one .log file with its two indexes, named by its first offset. It knows positions and bytes; the Log
// above it knows epochs, producers and what is allowed.
//
// Closed segments keep nothing open: files come from Files when they are needed, and what is to be known of one
// (its largest timestamp) is read at the first question. The one with unsynced bytes holds its file until the sync.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/offset_name.h"
#include "log/batch_walk.h"
#include "log/files.h"
#include "log/log_config.h"
#include "log/offset_index.h"
#include "log/time_index.h"
#include "record/batch.h"

namespace bobbin::log {

// What a segment needs to know of a batch.
struct BatchFacts {
  Offset base_offset;
  Offset last_offset;
  Timestamp max_timestamp;
  uint64_t bytes = 0;
};

class Segment {
 public:
  // Makes the files of an empty segment, or says why not; then nothing is left behind.
  static Result<std::unique_ptr<Segment>> create(Files& files, const std::string& dir, Offset base, Timestamp now);
  // One that exists. Nothing is read but its size. Errc::damaged: no segment is so large.
  static Result<std::unique_ptr<Segment>> adopt(Files& files, const std::string& dir, Offset base);

  // From now on files come from there.
  void use(Files& files);

  // Writes `parts` (together `batch`) at the end. On an error the file is cut back to what it was; if even that
  // fails, or it was not for want of room, the error is io_error.
  Status append(std::span<const Bytes> parts, const BatchFacts& batch, int64_t index_interval_bytes);
  // A batch that lies in the file enters the indexes.
  void index(const BatchFacts& batch, uint64_t position, int64_t index_interval_bytes);

  // Below, `limit` is an offset that no batch of this segment reaches: the next segment's base or the log's end.

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
  // The first batch that the index knows of in the last `bytes` bytes, by its last offset; nothing if it knows of none.
  // ready() first.
  Result<std::optional<Offset>> indexed_in_last(uint64_t bytes);
  // Where reading goes on after a place that is no batch: the first byte from which batches lead without a break to
  // the next entry of the index or to the end; at worst that place itself.
  Result<uint64_t> resync(uint64_t bad, Offset offset_min, Offset limit);
  // The next batch whose checksum is right. `bad` is told of every place that is no such batch, and of the offset that
  // was expected there; false: stop there (and nothing is returned).
  using Bad = std::function<bool(uint64_t position, Offset expected)>;
  Result<std::optional<BatchAt>> next_sound(HeaderWalk& walk, Offset limit, const Bad& bad, bool check_crc = true);
  // Calls `visit` for each batch from `position` on whose checksum is right (or, without `check_crc`, whose header may be
  // one), until it returns false. What is bad is passed over, unless `bad` says to stop there.
  Status each_batch(uint64_t position, Offset offset_min, Offset limit,
                    const std::function<Result<bool>(const BatchAt&)>& visit, bool check_crc = true,
                    const Bad& bad = {});

  // Makes both indexes usable: sane ones are taken, others are built from the log. Says whether it built them.
  Result<bool> ready(int64_t index_interval_bytes, Offset limit);
  // The first half of that: keeps the entries below `below` as far as they are true and gives the batch from which
  // on the caller must index() every one (position 0 and the base: none were).
  struct Resume {
    uint64_t position = 0;
    Offset offset;
    bool kept = false;
  };
  Result<Resume> resume_indexes(Offset below, Offset limit);
  void note_ready() { ready_ = true; }
  // Whether offsets have no holes: true unless the topic is compacted.
  void set_dense(bool dense) { dense_ = dense; }
  HeaderWalk::Bounds from(uint64_t position, Offset offset_min, Offset limit) const {
    return {position, bytes_, offset_min, limit, dense_};
  }

  // Largest timestamp and the last offset of its batch; timestamp_none if the segment is empty. ready() first.
  const TimeEntry& largest() const { return largest_; }
  // The largest timestamp of the first batch, or none.
  Result<Timestamp> first_timestamp(Offset limit);
  // A place such that no batch before it has a timestamp of `at` or later. ready() first.
  Result<uint64_t> position_for_time(Timestamp at, Offset limit);
  // The largest timestamp of the batches that end before `below`. ready() first.
  Result<TimeEntry> largest_below(Offset below);

  // Nothing will be appended any more: the last time index entry; both indexes written. What was written is added
  // to `written`, to be synced.
  Status seal(std::vector<std::shared_ptr<os::File>>& written);
  Status flush_indexes(std::vector<std::shared_ptr<os::File>>& written);
  // Cuts everything from `position` on, where `offset` would begin. Not synced.
  Status truncate(uint64_t position, Offset offset);

  Offset base() const { return base_; }
  uint64_t bytes() const { return bytes_; }
  const std::string& path() const { return path_; }
  Result<std::shared_ptr<os::File>> file();
  Timestamp created() const { return created_; }
  Result<bool> has_entries_below(Offset offset) const;  // in the offset index: few batches have none
  bool indexes_full(int64_t index_bytes_max) const;
  std::vector<std::string> paths() const;  // log, index, timeindex

  // Which bytes are synced; the file that must be is held open until they are.
  bool is_dirty() const { return synced_bytes_ < bytes_; }
  void note_synced(uint64_t bytes);
  Status note_unsynced_from(uint64_t position);
  // The next flush_indexes() gives both files, whether or not anything is added to them.
  void note_indexes_unsynced();
  // Stores what lies from `position` on once more. A sync that failed in an earlier life may have left it in the page
  // cache as if it were written: no later sync would write it.
  Status rewrite_from(uint64_t position);

 private:
  Segment(Files& files, const std::string& dir, Offset base);
  Result<std::optional<BatchAt>> batch_at(uint64_t position, Offset offset_min, Offset limit);
  Result<bool> is_true(const IndexEntry& entry, Offset limit);
  Result<bool> is_true(const TimeEntry& entry, Offset limit);
  Result<bool> leads_to(uint64_t position, uint64_t target, Offset offset_min, Offset limit, uint64_t& effort);
  Result<Resume> start_for(Offset offset, Offset limit);
  Result<Resume> close_start_for(Offset offset, Offset limit);
  Status reset_indexes();
  Status rebuild(Offset limit);
  Status index_all(const Resume& from, Offset limit);

  Files* files_;
  std::string path_;
  Offset base_;
  uint64_t bytes_ = 0;
  uint64_t synced_bytes_ = 0;
  std::shared_ptr<os::File> dirty_file_;
  OffsetIndex offsets_;
  TimeIndex times_;
  bool dense_ = true;
  bool ready_ = false;
  bool built_ = false;        // this process built the indexes already: what is false now stays so
  uint64_t since_entry_ = 0;  // bytes since the last index entry
  int64_t interval_ = 4096;
  TimeEntry largest_;
  std::optional<Timestamp> first_timestamp_;
  Timestamp created_;
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
