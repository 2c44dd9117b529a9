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
  void go_on_at(uint64_t position) { at_ = position; }

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

}  // namespace bobbin::log
