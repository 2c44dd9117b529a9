// The metadata log on disk, and reading it. Written by the holder of the metadata lock (transactions.h), read by anyone
// at any time, without a lock, also while no broker lives.
//
//   00000000000000000000.log             RecordBatch v2 of Kafka's metadata records, from offset 0
//   00000000000000041230.log             a later segment, named by its first offset
//   00000000000000041230-0000000001.checkpoint
//                                        a snapshot of all before offset 41230 (epoch 1): a control batch with a snapshot
//                                        header, batches numbered from 0, a control batch with a footer
//
// A batch is a transaction, whole or not there at all. What does not fit one batch begins with a BeginTransaction record
// and ends with an EndTransaction record, and counts only once that is there; its first batch is made durable before
// the rest is written. All that one sync makes durable is one batch, or the rest of such a transaction, and its batches
// have a later timestamp than everything before. So only the end of the log can be torn by a crash, and:
//   * what is bad at the end of the last segment, with nothing good behind it but batches of the same unfinished
//     transaction, is a torn tail: readers stop before it, the next writer cuts it and keeps what it cut in
//     `<segment>.cut.<offset>`;
//   * what is bad anywhere else is damage: Errc::damaged, nothing is cut, and no writer adds to it.
//
// What a writer has written and not yet synced it may take back. So a broker believes only what lies below the offset in
// the file .durable, which the holder of the lock moves after each sync and before it tells anybody of the change; of
// what lies beyond, it asks again under the lock. What a reader has taken in therefore never goes away while it lives: a
// log that lacks some of it was cut, emptied or replaced by somebody. That is damage too, and the reader keeps its place
// until the log is whole again.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metadata/image.h"
#include "os/seam.h"
#include "record/batch.h"

namespace bobbin::metadata {

inline constexpr LeaderEpoch metadata_epoch{1};  // no controller is elected, so it stays
inline constexpr size_t metadata_batch_bytes_max = 1 << 20;

struct NumberedRecord {
  Offset offset;
  AnyRecord record;
};

// What was read: records that continue an image, or that begin one anew.
struct Update {
  bool from_start = false;
  bool held_back = false;  // something follows that may not be on the disk yet
  Offset next_offset;      // of the image afterwards
  std::vector<NumberedRecord> records;
};
Status apply(const Update& update, Image& image);

struct Encoded;

// Reads the log as it grows. Not shared between threads; blocks, so brokers use it in jobs.
class Reader {
 public:
  Reader(os::Storage& storage, std::string dir) : storage_(&storage), dir_(std::move(dir)) {}

  // Brings `image`, which only this reader feeds, up to what is on disk. A log that is missing from the beginning is an
  // empty one. After an error reader and image are where they were. Errc::damaged, Errc::unsupported_version, or what
  // the storage said.
  Status catch_up(Image& image);

  // The same in two steps, for those whose image lives on another thread: the updates must all be applied, in order; one
  // that cannot be is taken back. Transactions that reach beyond `below` are held back.
  Result<Update> read(Offset below = Offset(INT64_MAX));
  void take_back() { at_ = before_; }

  // Where a writer goes on, after read() under the lock.
  struct End {
    std::string segment;          // its path
    bool exists = false;          // the segment's file
    uint64_t good_bytes = 0;      // of the segment: all transactions that are whole
    uint64_t file_bytes = 0;      // more than good_bytes: a torn tail
    uint64_t snapshot_bytes = 0;  // of the newest snapshot
    Offset next_offset;
    Timestamp last_timestamp;  // of the last batch
  };
  const End& end() const { return end_; }
  // The writer appended `written` at end() itself: it need not be read again.
  void appended(const Encoded& written);
  // The writer began a new, empty segment at end().next_offset behind a snapshot.
  void rolled(uint64_t snapshot_bytes);

 private:
  struct Place {
    Offset segment;      // its base
    uint64_t bytes = 0;  // read so far
    Offset next_offset;  // of the batch that follows
    bool has_last = false;
    uint64_t last_batch_at = 0;  // the last batch, to notice that it was taken back
    uint32_t last_crc = 0;
    Timestamp last_timestamp;
  };
  struct Files {
    std::vector<Offset> segments;   // ascending
    std::vector<Offset> snapshots;  // ascending
  };

  Result<Files> list();
  Result<Update> read_once();
  Result<bool> still_there(const Files& files);
  bool was_rolled(const Files& files) const;
  Error shrunk() const;
  Status begin(const Files& files, Update& into);
  Status read_segments(const Files& files, Update& into);
  uint64_t go_behind_snapshot();
  Result<uint64_t> read_segment(Update& into, bool is_last);
  Status read_batches(Bytes bytes, Update& into, bool is_last);
  void set_end(const Files& files, uint64_t file_bytes);
  std::string path(const std::string& name) const { return dir_ + "/" + name; }

  os::Storage* storage_;
  std::string dir_;
  std::optional<Place> at_;
  std::optional<Place> before_;  // the last read
  Offset below_;                 // of the read under way
  Offset skip_below_;            // a snapshot holds these
  End end_;
};

// Files' names.
std::string segment_name(Offset base);
std::string snapshot_name(Offset end);

// Records as the bytes of the log: one batch if they fit `batch_bytes_max`, else several between Begin and End records
// (which take offsets too).
struct Encoded {
  std::string bytes;
  uint64_t first_batch_bytes = 0;  // less than all: a transaction of several batches
  uint64_t last_batch_at = 0;      // in `bytes`
  uint32_t last_crc = 0;
  Offset next_offset;
  Timestamp timestamp;
};
Result<Encoded> encode_transaction(const std::vector<AnyRecord>& records, Offset base, Timestamp now,
                                   size_t batch_bytes_max = metadata_batch_bytes_max);

// The records of one batch, its checksum being right; a control batch has none for us. Errc::damaged, malformed,
// unsupported_version.
Status decode_batch(const record::BatchView& batch, std::vector<NumberedRecord>& into);

// A whole snapshot file of the image, and back. Errc::damaged.
Result<std::string> encode_snapshot(const Image& image, Timestamp now);
Result<std::vector<NumberedRecord>> decode_snapshot(Bytes file);

}  // namespace bobbin::metadata
