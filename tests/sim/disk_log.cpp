#include "sim/disk_log.h"

#include <algorithm>

#include "base/number.h"
#include "log/checkpoints.h"
#include "record/batch.h"

namespace bobbin::sim {

namespace {

// 00000000000000000123.log
std::optional<Offset> base_of(const std::string& name) {
  constexpr std::string_view suffix = ".log";
  constexpr size_t digits = 20;
  if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  auto base = number_in<int64_t>(Bytes(name).substr(0, digits), 0);
  return base ? std::optional(Offset(*base)) : std::nullopt;
}

DiskBatch described(const record::BatchView& batch) {
  return {batch.base_offset(), batch.next_offset(),    batch.leader_epoch(),  batch.bytes().size(), batch.crc(),
          batch.producer_id(), batch.producer_epoch(), batch.base_sequence(), batch.records_count()};
}

}  // namespace

std::string DiskBatch::text() const {
  return "offsets " + to_string(base) + " to " + to_string(next - 1) + " of epoch " + to_string(epoch) + ", crc " +
         std::to_string(crc);
}

void DiskLog::read(const TopicId& topic, bool is_trimmed) {
  const std::string* owner = disk_.bytes(folder_ + "/" + std::string(log::partition_metadata_file));
  const auto named = owner ? log::parse_partition_metadata(*owner) : Result<TopicId>(error(Errc::not_found));
  start_ = end_ = Offset(0);
  if (!named || *named != topic) return drop_from(0);
  if (topic != topic_) drop_from(0);
  topic_ = topic;
  size_t i = 0;
  bool is_first = true;
  for (const std::string& name : disk_.files(folder_)) {  // in the order of their offsets
    const auto base = base_of(name);
    if (!base) continue;
    if (is_first || (is_trimmed && *base > end_)) begin_at(*base, i);
    is_first = false;
    if (*base != end_) break;
    if (!read_segment(*base, folder_ + "/" + name, i) && !is_trimmed) break;
  }
  drop_from(i);
}

// Nothing of what was read before it, this time or earlier, is of the log.
void DiskLog::begin_at(Offset base, size_t& i) {
  const auto kept = std::find_if(places_.begin(), places_.end(), [&](const Place& p) { return p.segment >= base; });
  batches_.erase(batches_.begin(), batches_.begin() + (kept - places_.begin()));
  places_.erase(places_.begin(), kept);
  start_ = end_ = base;
  i = 0;
}

Offset DiskLog::synced_end(Offset from) const {
  Offset end = end_;
  for (size_t i = batches_.size(); i > 0 && batches_[i - 1].next > from; i--)
    if (!places_[i - 1].is_synced) end = batches_[i - 1].base;
  return end;
}

// Whether it ends where its batches do.
bool DiskLog::read_segment(Offset base, const std::string& path, size_t& i) {
  const Bytes now = *disk_.bytes(path);
  const std::string* synced = disk_.synced(path);
  for (size_t at = 0; at < now.size(); i++) {
    Place place{base, at, false};
    const Bytes rest = now.substr(at);
    if (is_as_before(i, place, rest)) {
      place.is_synced = places_[i].is_synced;
    } else {
      drop_from(i);
      auto batch = record::BatchView::parse(rest);
      if (!batch || batch->base_offset() != end_ || !batch->crc_is_valid()) return false;
      batches_.push_back(described(*batch));
      places_.push_back(place);
    }
    const DiskBatch& batch = batches_[i];
    const Bytes whole = rest.substr(0, batch.bytes);
    places_[i].is_synced = place.is_synced || (synced && synced->size() >= at + batch.bytes &&
                                               Bytes(*synced).substr(at, batch.bytes) == whole);
    end_ = batch.next;
    at += batch.bytes;
  }
  return true;
}

bool DiskLog::is_as_before(size_t i, const Place& place, Bytes rest) const {
  if (i >= batches_.size() || places_[i].segment != place.segment || places_[i].at != place.at) return false;
  const DiskBatch& known = batches_[i];
  if (rest.size() < known.bytes || known.base != end_) return false;
  const record::BatchView batch(rest.substr(0, known.bytes));
  return batch.base_offset() == known.base && batch.crc() == known.crc && batch.leader_epoch() == known.epoch;
}

void DiskLog::drop_from(size_t i) {
  batches_.resize(std::min(i, batches_.size()));
  places_.resize(std::min(i, places_.size()));
}

}  // namespace bobbin::sim
