// Segments: the list of a log's segments, oldest first, and the offset at which the log ends. The one owner of both: whoever
// appends, begins a segment, takes away the oldest or cuts the end does it here, and the end is always that of the list.
//
//      first()                                end()
//  ------|--------|-----------|-----------------|
//        |  [0]   |  [1]      |  active(), which |
//        |        |           |  is appended to  |
//
// A list without segments has an end all the same: the offset of the next record.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "log/log_config.h"
#include "log/segment.h"

namespace bobbin::log {

class Segments {
 public:
  using List = std::vector<std::unique_ptr<Segment>>;

  // None yet: the first one will begin at offset 0.
  Segments(Files& files, std::string dir) : files_(&files), dir_(std::move(dir)) {}
  // Those that there are, by their bases, which ascend.
  Segments(Files& files, std::string dir, List list, Offset end)
      : files_(&files), dir_(std::move(dir)), list_(std::move(list)), end_(end) {}

  const std::string& dir() const { return dir_; }
  bool empty() const { return list_.empty(); }
  size_t size() const { return list_.size(); }
  Segment& operator[](size_t i) { return *list_[i]; }
  const Segment& operator[](size_t i) const { return *list_[i]; }
  Segment& active() { return *list_.back(); }
  const Segment& active() const { return *list_.back(); }
  Offset first() const { return list_.empty() ? end_ : list_.front()->base(); }
  Offset end() const { return end_; }
  // What lies between it and the end lies in one file, the one that is appended to.
  Offset active_base() const { return list_.empty() ? end_ : list_.back()->base(); }
  // An offset that no batch of this segment reaches: the base of the next one, or the end.
  Offset limit(size_t i) const { return i + 1 < list_.size() ? list_[i + 1]->base() : end_; }
  // The segment in which `offset` lies, if it lies in one; 0 for what is before all of them.
  size_t find(Offset offset) const;
  // The one that begins there, or nothing.
  Segment* beginning_at(Offset base);
  bool has_beginning_at(Offset base) const;
  // The first offset behind a segment's last good batch, if the segment does not lead to the next one or to the end.
  std::optional<Offset> missing_from(size_t i) const;
  uint64_t bytes() const;
  bool is_dirty() const;

  // From now on files come from there.
  void use(Files& files);
  // Whether offsets have no holes: of these, and of those that will be begun.
  void set_dense(bool dense);

  // --- appending

  // Nothing may be appended to the last one any more: it ends in damage.
  void close_last() { last_is_closed_ = true; }
  // A segment that ends too early: what is in it is not all that was.
  void note_missing(Offset base, Offset from) { missing_.emplace(base, from); }
  // Whether the next batch begins a segment.
  Result<bool> must_begin(const BatchFacts& batch, const LogConfig& config, Timestamp now);
  // A new segment at the end. On an error there is none, and nothing of it is left behind.
  Status begin(Timestamp now);
  // At the end of active(): see Segment::append.
  Status append(std::span<const Bytes> parts, const BatchFacts& batch, int64_t index_interval_bytes);

  // --- taking away

  // The end of a list that holds no record becomes `offset`. The files of an empty segment go.
  void restart(Offset offset);
  // The oldest `count` are no longer the log's. Gives the files that have to go, oldest first.
  std::vector<std::string> drop_front(size_t count);
  // Everything from `offset` on goes, and the batch that holds it whole. Synced. Blocks. After an error the end is that
  // of what is left.
  Status cut(Offset offset);

 private:
  Status remove_last();

  Files* files_;
  std::string dir_;
  List list_;
  Offset end_{0};
  bool dense_ = true;
  bool last_is_closed_ = false;
  std::map<Offset, Offset> missing_;  // by base
};

}  // namespace bobbin::log
