// The region: memory in which a broker shows what changes too fast to be asked for: up to where the logs that it leads
// may be read, and how far it has read the metadata log. Clients of the same machine and user map it read-only and look
// there before they ask.
//
//   word 0   magic          what this is; the last two digits are the layout's number
//   word 1   broker         who writes it
//   word 2   metadata_end   one past the last record of the metadata log that the broker goes by; only grows
//   word 3   claimed        slots (slot.h)
//   word 4   busy_clients   clients that look again and again instead of sleeping; the broker does so too while there are any
//   4096 ..  slots          one for each partition that a client reads in place, 128 bytes each
//
// Each broker has a region of its own, so that every word in it has one writer, which is gone when the region is: it is an
// anonymous file that lives as long as somebody maps it, is never opened by a name, and is nothing that a restart would
// have to clean or believe. A client gets the descriptor over the broker's socket (Fetch's `tail`), sealed against
// writing. The memory is reserved in steps before it is stored into.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/id.h"
#include "base/result.h"
#include "os/mapping.h"
#include "os/memory_file.h"
#include "region/slot.h"

namespace bobbin::region {

// Of a partition, as its leader shows it.
struct ReadableEnd {
  Offset segment;  // the active segment's base offset: what lies between it and the watermark lies in that file
  Offset high_watermark;
  bool operator==(const ReadableEnd&) const = default;
};

struct RegionLayout;

class Region {
 public:
  // Errc::disk_full: there is no memory for it.
  static Result<std::unique_ptr<Region>> create(BrokerId broker);
  ~Region();

  int fd() const { return file_.fd(); }

  // The number of a new slot for this partition, and for nobody else ever; nothing: the region is full. `generation` is of
  // the owner's choice: it tells two slots of one partition apart.
  std::optional<uint64_t> claim(const TopicId& topic, PartitionId partition, uint64_t generation);
  void show(uint64_t slot, const ReadableEnd& end);
  // It is not led here any more, or closed.
  void retire(uint64_t slot);
  void show_metadata_end(Offset end);
  void show_busy_clients(uint64_t count);

 private:
  explicit Region(os::MemoryFile file);
  RegionLayout& layout();

  os::MemoryFile file_;
  uint64_t reserved_slots_ = 0;
  std::unique_ptr<SlotWriter<StdAtomics, 2>> slots_;
};

// A slot that is retired when its owner is gone.
class ShownEnd {
 public:
  ShownEnd(Region& region, uint64_t slot, uint64_t generation)
      : region_(&region), slot_(slot), generation_(generation) {}
  ShownEnd(ShownEnd&& other) noexcept
      : region_(std::exchange(other.region_, nullptr)), slot_(other.slot_), generation_(other.generation_),
        last_(other.last_) {}
  ShownEnd& operator=(ShownEnd&&) = delete;
  ~ShownEnd() {
    if (region_) region_->retire(slot_);
  }
  uint64_t slot() const { return slot_; }
  uint64_t generation() const { return generation_; }
  void show(const ReadableEnd& end) {
    if (last_ == end) return;
    last_ = end;
    region_->show(slot_, end);
  }

 private:
  Region* region_;
  uint64_t slot_;
  uint64_t generation_;
  std::optional<ReadableEnd> last_;
};

// What a client sees of it.
class RegionView {
 public:
  // The descriptor of a region of this very layout. Errc::unsupported_version: of another one.
  static Result<std::shared_ptr<const RegionView>> open(const os::Fd& fd);

  // Nothing: it is not to be had here (any more), ask the broker.
  std::optional<ReadableEnd> end_of(uint64_t slot, const TopicId& topic, PartitionId partition,
                                    uint64_t generation) const;
  Offset metadata_end() const;
  uint64_t busy_clients() const;  // as of a moment ago: for a person, nothing depends on it

 private:
  explicit RegionView(os::Mapping mapping) : mapping_(std::move(mapping)) {}
  const RegionLayout& layout() const;
  os::Mapping mapping_;
};

}  // namespace bobbin::region
