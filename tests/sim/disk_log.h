// DiskLog: the records of one partition as they lie on the simulated disk, whoever lives: what the next life of their broker
// would find there, and how much of it outlives a power cut. Looked at again and again, it reads only what is new.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "log/memory_world.h"

namespace bobbin::record {
class BatchView;
}

namespace bobbin::sim {

// Two that are equal have the same bytes, as far as the checksum tells: it is of everything behind it, and what stands before it
// is here.
struct DiskBatch {
  Offset base, next;
  LeaderEpoch epoch;
  size_t bytes = 0;
  uint32_t crc = 0;
  ProducerId producer;
  ProducerEpoch producer_epoch;
  Sequence sequence;
  int32_t records = 0;
  bool operator==(const DiskBatch&) const = default;
  std::string text() const;
};

class DiskLog {
 public:
  DiskLog(const test::MemoryStorage& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}

  // As it is now; empty, if the folder is not there or belongs to another topic. `is_trimmed`: what lies before a hole is the rest
  // of what retention removes; else what lies behind it is what a power cut has left, which nobody reads.
  void read(const TopicId& topic, bool is_trimmed);

  const std::string& folder() const { return folder_; }
  Offset start() const { return start_; }
  Offset end() const { return end_; }
  Offset last_segment() const { return places_.empty() ? end_ : places_.back().segment; }
  // Everything from there to it is on the disk for sure, with the names that lead to it.
  Offset synced_end(Offset from) const;
  // From start to end, without a hole.
  const std::vector<DiskBatch>& batches() const { return batches_; }

 private:
  struct Place {
    Offset segment;
    size_t at = 0;
    bool is_synced = false;
  };
  void begin_at(Offset base, size_t& i);
  bool read_segment(Offset base, const std::string& path, size_t& i);
  bool is_as_before(size_t i, const Place& place, Bytes rest) const;
  void drop_from(size_t i);

  const test::MemoryStorage& disk_;
  std::string folder_;
  TopicId topic_;
  Offset start_{0}, end_{0};
  std::vector<DiskBatch> batches_;
  std::vector<Place> places_;
};

}  // namespace bobbin::sim
