// Offsets: the positions that a group has committed.
//
// A position is told when the journal has promised it. Until then it is written, which is what the log holds, and what a
// rewrite of the log has to keep.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/id.h"
#include "group/kept.h"
#include "group/records.h"

namespace bobbin::group {

using TopicAndPartition = std::pair<std::string, int32_t>;

class Offsets {
 public:
  using Value = std::optional<StoredOffset>;  // nothing: none

  // As the journal tells of it.
  void restore(const TopicAndPartition& at, Value value);
  // `value` is on its way into the journal: its number among those of this partition.
  uint64_t write(const TopicAndPartition& at, Value value);
  void promise(const TopicAndPartition& at, uint64_t number);
  // It did not get there.
  void lose(const TopicAndPartition& at, uint64_t number);

  // What is promised.
  const StoredOffset* find(const TopicAndPartition& at) const;
  std::vector<std::pair<TopicAndPartition, const StoredOffset*>> promised() const;
  // What the log holds.
  std::vector<std::pair<TopicAndPartition, StoredOffset>> written() const;
  bool empty() const { return all_.empty(); }
  size_t bytes() const { return bytes_; }  // in memory, about
  // How much more they would be with this one.
  size_t growth(const TopicAndPartition& at, const StoredOffset& value) const;

  // Of those of topics outside `kept`: whose time is over, counted from their commit, or from `since` if that is later.
  struct Expiry {
    Timestamp now;
    int64_t retention_ms;
    Timestamp since = timestamp_none;
    std::set<std::string> kept = {};
  };
  std::vector<TopicAndPartition> expired(const Expiry& expiry) const;

 private:
  static size_t bytes_of(const TopicAndPartition& at, const Value& value);
  Kept<Value>& begin_change(const TopicAndPartition& at);
  void end_change(const TopicAndPartition& at);

  std::map<TopicAndPartition, Kept<Value>> all_;
  size_t bytes_ = 0;  // of what the log holds
};

}  // namespace bobbin::group
