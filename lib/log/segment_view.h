// SegmentView: a segment's records as another process reads them, through a mapping of the file. The log's owner says
// which bytes may be read (Fetch's `place`): whole batches below the high watermark, which never change and never go away
// as long as the mapping is held, though the file may be renamed or removed.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "os/mapping.h"
#include "os/seam.h"

namespace bobbin::log {

class SegmentView {
 public:
  struct Which {
    TopicId topic;
    Offset base;
    uint64_t end = 0;                         // so many bytes are there, as its owner says
    uint64_t capacity = 0;                    // what it may grow to
    uint64_t wanted_from = 0, wanted_to = 0;  // what is read next, which the disk may look for meanwhile
  };
  // `dir` is the partition's folder, which must belong to the topic. Errc::not_found: the segment or the whole topic went
  // meanwhile; damaged: the file is shorter than its owner says; others: this process cannot read it.
  static Result<std::shared_ptr<const SegmentView>> open(os::Storage& storage, const std::string& dir,
                                                         const Which& which);

  // Of the file under its name, now. Errc::not_found: it has none any more; then it does not shrink, either. misplaced:
  // another file has its name, of a copy of the partition that was made anew.
  Result<uint64_t> file_bytes(os::Storage& storage) const;

  const std::string& dir() const { return dir_; }
  Offset base() const { return base_; }
  uint64_t capacity() const { return mapping_.bytes().size(); }
  // Whole batches from `from` on, where the one with offset `next` begins, up to offset `below` or about `bytes_max`; the
  // owner says that all of them lie in this file, which is `file_bytes` long. Only their headers are looked at. Nothing: one
  // is not what it has to be.
  struct Stretch {
    uint64_t end;        // one past the last byte
    Offset next_offset;  // behind the last batch
  };
  std::optional<Stretch> batches(uint64_t from, Offset next, Offset below, size_t bytes_max, uint64_t file_bytes) const;
  // As far as the owner said that they are there: what lies beyond the end of the file must not be touched.
  Bytes bytes(uint64_t from, uint64_t end) const { return mapping_.bytes().substr(from, end - from); }

 private:
  SegmentView(std::string dir, Offset base, os::Mapping mapping)
      : dir_(std::move(dir)), base_(base), mapping_(std::move(mapping)) {}

  std::string dir_;
  Offset base_;
  os::Mapping mapping_;
};

}  // namespace bobbin::log
