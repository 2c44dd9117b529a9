// Segment: one .log file with its two indexes, named by its first offset. It knows positions and bytes; the Log
// above it knows epochs, producers and what is allowed.
//
// Closed segments keep nothing open: files come from Files when they are needed, and what is to be known of one
// (its largest timestamp) is read at the first question. The one with unsynced bytes holds its file until the sync.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "log/files.h"
#include "log/log_config.h"
#include "log/offset_index.h"
#include "log/time_index.h"
#include "record/batch.h"

namespace bobbin::log {

// "00000000000000000042" and what follows it.
std::string offset_name(Offset offset, std::string_view suffix);
// The offset in "00000000000000000042<suffix>", or nothing.
std::optional<Offset> parse_offset_name(std::string_view name, std::string_view suffix);

// What a segment needs to know of a batch.
struct BatchFacts {
  Offset base_offset;
  Offset last_offset;
  Timestamp max_timestamp;
  uint64_t bytes = 0;
};

// The header of a batch that lies in a file, and where.
struct BatchAt {
  uint64_t position = 0;
  uint64_t bytes = 0;
  std::array<char, record::batch_header_bytes> header;
  record::BatchView view() const { return record::BatchView(Bytes(header.data(), header.size())); }  // header only
};

// Walks the headers of consecutive batches of a file. Each header is plausible (magic, lengths that fit into the
// file, ascending offsets), its checksum is not looked at. Stops before the first that is not.
class HeaderWalk {
 public:
  HeaderWalk(os::File& file, uint64_t from, uint64_t end, Offset offset_min, Offset offset_max)
      : file_(file), at_(from), end_(end), offset_min_(offset_min), offset_max_(offset_max) {}
  // Nothing at the end and at a bad place; position() tells which.
  Result<std::optional<BatchAt>> next();
  uint64_t position() const { return at_; }
  bool at_end() const { return at_ == end_; }
  // What the next batch must at least begin with.
  Offset offset_min() const { return offset_min_; }

 private:
  Result<Bytes> window(uint64_t bytes);
  os::File& file_;
  uint64_t at_;
  uint64_t end_;
  Offset offset_min_;
  Offset offset_max_;
  std::string buffer_;
  uint64_t buffer_at_ = 0;
};

// Whether the batch's stored checksum is that of its bytes. Reads piecewise, never the whole.
Result<bool> crc_is_valid(os::File& file, const BatchAt& batch);

class Segment {
 public:
  // Makes the files of an empty segment, or says why not; then nothing is left behind.
  static Result<std::unique_ptr<Segment>> create(Files& files, const std::string& dir, Offset base, Timestamp now);
  // One that exists. Nothing is read but its size.
  static Result<std::unique_ptr<Segment>> adopt(Files& files, const std::string& dir, Offset base);

  // Writes `parts` (one batch) at the end. On an error the file is cut back to what it was; if even that fails,
  // the error says so by Errc::io_error.
  Status append(std::span<const Bytes> parts, const BatchFacts& batch, int64_t index_interval_bytes);
  // A batch that lies in the file already enters the indexes (a rebuild).
  void index(const BatchFacts& batch, uint64_t position, int64_t index_interval_bytes);

  // The batch that holds `offset`, or the next one; nothing at the end. Offsets below `limit` only (the next
  // segment's base or the log's end). Bad places on the way are stepped over.
  struct Located {
    std::optional<BatchAt> batch;
    bool skipped_damage = false;  // a bad place lies directly before it
    uint64_t damage_position = 0;
    Offset damage_from;           // the first offset that may have been in it
  };
  Result<Located> locate(Offset offset, Offset limit);
  // Where reading goes on after a bad place: the next batch from which headers lead without a break to the next
  // entry of the index or to the end; at worst that place itself.
  Result<uint64_t> resync(uint64_t bad, Offset offset_min, Offset limit);
  // The position of the first batch that holds or follows `offset`; the end of the file if there is none.
  Result<uint64_t> position_of(Offset offset, Offset limit);

  // Makes both indexes usable: sane ones are taken, others are built from the log. Says whether it built.
  Result<bool> ready(int64_t index_interval_bytes, Offset limit);
  Status rebuild(int64_t index_interval_bytes, Offset limit);
  // Largest timestamp and the last offset of its batch; none if the segment is empty.
  Result<TimeEntry> max_timestamp(int64_t index_interval_bytes, Offset limit);
  // The timestamp of the first batch, or none.
  Result<Timestamp> first_timestamp(Offset limit);
  // A position such that no batch before it has a timestamp of `at` or later.
  Result<uint64_t> position_for_time(Timestamp at, Offset limit);

  // Nothing will be appended any more: the last time index entry, both indexes written.
  Status seal(std::vector<std::shared_ptr<os::File>>& written);
  Status flush_indexes(std::vector<std::shared_ptr<os::File>>& written);
  // Cuts everything from `position` on, where `offset` would begin. Not synced.
  Status truncate(uint64_t position, Offset offset, int64_t index_interval_bytes, Offset limit);

  Offset base() const { return base_; }
  uint64_t bytes() const { return bytes_; }
  const std::string& path() const { return path_; }
  Timestamp created() const { return created_; }
  Result<std::shared_ptr<os::File>> file();
  bool indexes_full(int64_t index_bytes_max) const;
  OffsetIndex& offset_index() { return offsets_; }
  TimeIndex& time_index() { return times_; }

  // Which bytes are synced, and the file that must be.
  bool is_dirty() const { return synced_bytes_ < bytes_; }
  void note_synced(uint64_t bytes);
  void note_unsynced_from(uint64_t bytes);
  // Paths of all three files.
  std::vector<std::string> paths() const;

 private:
  Segment(Files& files, const std::string& dir, Offset base);
  Result<std::optional<BatchAt>> header_at(os::File& file, uint64_t position, Offset offset_min, Offset limit);
  Result<bool> indexes_are_sane(Offset limit);
  Result<bool> entry_is_true(const IndexEntry& entry, Offset limit);
  Result<IndexEntry> start_for(Offset offset, Offset limit);

  Files& files_;
  std::string path_;
  Offset base_;
  uint64_t bytes_ = 0;
  uint64_t synced_bytes_ = 0;
  std::shared_ptr<os::File> dirty_file_;  // while there are unsynced bytes
  OffsetIndex offsets_;
  TimeIndex times_;
  bool ready_ = false;            // indexes and the fields below are true
  bool distrust_ = false;         // the index pointed nowhere even after a rebuild
  uint64_t since_entry_ = 0;      // bytes since the last index entry
  TimeEntry max_;                 // largest timestamp so far
  std::optional<Timestamp> first_timestamp_;
  Timestamp created_;
};

}  // namespace bobbin::log
