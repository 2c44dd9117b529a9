// Reading batches where they lie in a file: their headers one after the other, and their checksums.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "os/seam.h"
#include "record/batch.h"

namespace bobbin::log {

// The header of a batch that lies in a file, and where.
struct BatchAt {
  uint64_t position = 0;
  uint64_t bytes = 0;
  std::array<char, record::batch_header_bytes> header;
  record::BatchView view() const { return record::BatchView(Bytes(header.data(), header.size())); }  // header only
};

// Walks the headers of consecutive batches of a file. Each header is plausible: magic, lengths that fit into the
// file, offsets that go on where the batch before ended (or behind that, where compaction leaves holes). The checksum
// is not looked at, and could not tell a wrong base offset. Stops before the first batch that is not plausible.
class HeaderWalk {
 public:
  struct Bounds {
    uint64_t from = 0;  // position of a batch
    uint64_t end = 0;   // of the file
    Offset offset_min;  // with which that batch begins, or behind
    Offset limit;       // no batch reaches it
    bool dense = true;  // no holes
    // Where the log is known to have ended: neither a batch nor a hole that compaction left reaches across it. 0: unknown.
    Offset known_end{0};
    Offset dense_from{INT64_MAX};  // from there on there are none, where compaction has never been
  };
  HeaderWalk(os::File& file, const Bounds& bounds)
      : file_(file), at_(bounds.from), end_(bounds.end), offset_min_(bounds.offset_min), limit_(bounds.limit),
        dense_(bounds.dense), known_end_(bounds.known_end), dense_from_(bounds.dense_from) {}

  // Nothing at the end and at a bad place; at_end() tells which.
  Result<std::optional<BatchAt>> next();
  uint64_t position() const { return at_; }
  bool at_end() const { return at_ == end_; }
  Offset offset_min() const { return offset_min_; }
  // Behind bytes that were no batch: the next one may leave a hole.
  void go_on_at(uint64_t position, Offset offset_min);

 private:
  Result<Bytes> window(uint64_t bytes);
  bool goes_on_with(const record::BatchView& batch) const;
  Result<bool> is_contradicted(const BatchAt& batch) const;
  os::File& file_;
  uint64_t at_;
  uint64_t end_;
  Offset offset_min_;
  Offset limit_;
  bool dense_;
  Offset known_end_;
  Offset dense_from_;
  bool hole_allowed_ = false;
  std::string buffer_;
  uint64_t buffer_at_ = 0;
};

// Whether the batch's stored checksum is that of its bytes. Reads piecewise, never the whole.
Result<bool> crc_is_valid(os::File& file, const BatchAt& batch);
// Whether the memory for a batch may be taken: a header says any size, and a hole behind it has that many bytes. What is
// large is summed piece by piece first.
Result<bool> is_worth_reading(os::File& file, const BatchAt& batch);

}  // namespace bobbin::log
