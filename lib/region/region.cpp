#include "region/region.h"

#include <algorithm>

namespace bobbin::region {

using RegionSlot = Slot<2>;

namespace {

constexpr uint64_t magic = 0x6e69'6262'6f62'0001;  // "bobbin" from the end, and the layout's number
constexpr size_t slots_at = 4096;
constexpr size_t region_bytes = 16 << 20;  // of address space
constexpr size_t reserve_step = 64 << 10;
constexpr size_t slots_max = (region_bytes - slots_at) / sizeof(RegionSlot);

}  // namespace

struct RegionLayout {
  uint64_t magic;
  uint64_t broker;
  uint64_t metadata_end;
  uint64_t claimed;
  uint64_t busy_clients;
  char unused[slots_at - 40];
  RegionSlot slots[slots_max];
};

static_assert(sizeof(RegionSlot) == 128);
static_assert(offsetof(RegionLayout, broker) == 8 && offsetof(RegionLayout, metadata_end) == 16 &&
              offsetof(RegionLayout, claimed) == 24 && offsetof(RegionLayout, busy_clients) == 32);
static_assert(offsetof(RegionLayout, slots) == slots_at && sizeof(RegionLayout) <= region_bytes);

Region::Region(os::MemoryFile file) : file_(std::move(file)) {}
Region::~Region() = default;

RegionLayout& Region::layout() { return *reinterpret_cast<RegionLayout*>(file_.bytes().data()); }

Result<std::unique_ptr<Region>> Region::create(BrokerId broker) {
  BOBBIN_TRY_ASSIGN(file, os::MemoryFile::create("bobbin-region", region_bytes, os::MemoryFile::Sharing::read_only));
  BOBBIN_TRY(file.reserve(slots_at));
  std::unique_ptr<Region> region(new Region(std::move(file)));
  region->layout().broker = static_cast<uint64_t>(broker.value);
  // Before the descriptor is passed on, which is order enough.
  region->layout().magic = magic;
  return region;
}

std::optional<uint64_t> Region::claim(const TopicId& topic, PartitionId partition, uint64_t generation) {
  const SlotIdentity identity = SlotIdentity::of(topic, partition, generation);
  if (slots_)
    if (auto slot = slots_->claim(identity)) return slot;
  if (reserved_slots_ == slots_max) return std::nullopt;
  uint64_t wanted = std::min<uint64_t>(reserved_slots_ + reserve_step / sizeof(RegionSlot), slots_max);
  if (!file_.reserve(slots_at + wanted * sizeof(RegionSlot))) return std::nullopt;
  reserved_slots_ = wanted;
  slots_ = std::make_unique<SlotWriter<StdAtomics, 2>>(layout().claimed, std::span(layout().slots, reserved_slots_));
  return slots_->claim(identity);
}

void Region::show(uint64_t slot, const ReadableEnd& end) {
  slots_->publish(slot, {static_cast<uint64_t>(end.segment.value), static_cast<uint64_t>(end.high_watermark.value)});
}

void Region::retire(uint64_t slot) { slots_->retire(slot); }

// Partner: the load in metadata_end(). What a request would be answered by then is what the broker goes by.
void Region::show_metadata_end(Offset end) {
  StdAtomics::store(layout().metadata_end, static_cast<uint64_t>(end.value), std::memory_order::release);
}

void Region::show_busy_clients(uint64_t count) {
  StdAtomics::store(layout().busy_clients, count, std::memory_order::relaxed);
}

Result<std::shared_ptr<const RegionView>> RegionView::open(const os::Fd& fd) {
  BOBBIN_TRY_ASSIGN(mapping, os::Mapping::rest_of(fd.value(), 0));
  if (mapping.bytes().size() != region_bytes) return error(Errc::unsupported_version, "a region of another layout");
  std::shared_ptr<const RegionView> view(new RegionView(std::move(mapping)));
  if (view->layout().magic != magic) return error(Errc::unsupported_version, "a region of another layout");
  return view;
}

const RegionLayout& RegionView::layout() const {
  return *reinterpret_cast<const RegionLayout*>(mapping_.bytes().data());
}

std::optional<ReadableEnd> RegionView::end_of(uint64_t slot, const TopicId& topic, PartitionId partition,
                                              uint64_t generation) const {
  SlotReader<StdAtomics, 2> slots(layout().claimed, std::span(layout().slots));
  auto group = slots.read(slot, SlotIdentity::of(topic, partition, generation));
  if (!group) return std::nullopt;
  return ReadableEnd{Offset(static_cast<int64_t>((*group)[0])), Offset(static_cast<int64_t>((*group)[1]))};
}

Offset RegionView::metadata_end() const {
  // Partner: the store in show_metadata_end().
  return Offset(static_cast<int64_t>(StdAtomics::load(layout().metadata_end, std::memory_order::acquire)));
}

uint64_t RegionView::busy_clients() const {
  return StdAtomics::load(layout().busy_clients, std::memory_order::relaxed);
}

}  // namespace bobbin::region
