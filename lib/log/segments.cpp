#include "log/segments.h"

#include <algorithm>

namespace bobbin::log {

size_t Segments::find(Offset offset) const {
  auto after = std::upper_bound(list_.begin(), list_.end(), offset,
                                [](Offset o, const auto& segment) { return o < segment->base(); });
  return after == list_.begin() ? 0 : static_cast<size_t>(after - list_.begin()) - 1;
}

Segment* Segments::beginning_at(Offset base) {
  size_t i = find(base);
  return i < list_.size() && list_[i]->base() == base ? list_[i].get() : nullptr;
}

bool Segments::has_beginning_at(Offset base) const {
  size_t i = find(base);
  return i < list_.size() && list_[i]->base() == base;
}

std::optional<Offset> Segments::missing_from(size_t i) const {
  auto found = missing_.find(list_[i]->base());
  return found == missing_.end() ? std::nullopt : std::optional(found->second);
}

uint64_t Segments::bytes() const {
  uint64_t sum = 0;
  for (const auto& segment : list_) sum += segment->bytes();
  return sum;
}

bool Segments::is_dirty() const {
  return std::any_of(list_.begin(), list_.end(), [](const auto& segment) { return segment->data().is_dirty(); });
}

void Segments::use(Files& files) {
  files_ = &files;
  for (const auto& segment : list_) segment->use(files);
}

void Segments::set_dense(bool dense) {
  dense_ = dense;
  for (const auto& segment : list_) segment->set_dense(dense);
}

// --- appending

// Kafka's rules (LogSegment.shouldRoll): by the width of an offset, by size, by full indexes, by the time in the records.
Result<bool> Segments::must_begin(const BatchFacts& batch, const LogConfig& config, Timestamp now) {
  if (list_.empty() || last_is_closed_) return true;
  BOBBIN_TRY_ASSIGN(first, active().first_timestamp(end_));
  const Segment& segment = active();
  if (batch.last_offset - segment.base() > INT32_MAX) return true;
  if (segment.bytes() == 0) return false;
  int64_t bytes = static_cast<int64_t>(segment.bytes()), more = static_cast<int64_t>(batch.bytes);
  if (bytes > config.segment_bytes - more || bytes > INT32_MAX - more) return true;
  if (segment.indexes().is_full(config.segment_index_bytes)) return true;
  bool has_times = batch.max_timestamp >= Timestamp(0) && first >= Timestamp(0);
  int64_t age = has_times ? batch.max_timestamp - first : now - segment.data().created();
  return age > config.segment_ms - config.segment_jitter_ms;
}

Status Segments::begin(Timestamp now) {
  BOBBIN_TRY_ASSIGN(segment, Segment::create(*files_, dir_, end_, now));
  segment->set_dense(dense_);
  list_.push_back(std::move(segment));
  last_is_closed_ = false;
  return {};
}

Status Segments::append(std::span<const Bytes> parts, const BatchFacts& batch, int64_t index_interval_bytes) {
  BOBBIN_TRY(active().append(parts, batch, index_interval_bytes));
  end_ = batch.last_offset + 1;
  return {};
}

// --- taking away

void Segments::restart(Offset offset) {
  check(bytes() == 0, "only what holds no record begins elsewhere");
  for (const std::string& path : drop_front(list_.size())) (void)files_->storage().unlink(path);
  end_ = offset;
}

std::vector<std::string> Segments::drop_front(size_t count) {
  std::vector<std::string> paths;
  for (size_t i = 0; i < count; i++)
    for (const std::string& path : list_[i]->paths()) paths.push_back(path);
  list_.erase(list_.begin(), list_.begin() + static_cast<std::ptrdiff_t>(count));
  for (const std::string& path : paths) files_->forget(path);
  return paths;
}

// Its indexes first: alone they would tell of records that are missed (evidence.h).
Status Segments::remove_last() {
  std::vector<std::string> paths = active().paths();
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    files_->forget(*path);
    Status gone = files_->storage().unlink(*path);
    if (!gone && gone.error().code != Errc::not_found) return gone;
  }
  end_ = active().base();
  list_.pop_back();
  return {};
}

Status Segments::cut(Offset offset) {
  if (!list_.empty() && offset < first()) {  // it begins anew, before all that it has
    while (!list_.empty()) BOBBIN_TRY(remove_last());
    end_ = offset;
    return files_->storage().sync_dir(dir_);
  }
  while (list_.size() > 1 && active().base() >= offset) BOBBIN_TRY(remove_last());
  if (list_.empty()) {
    end_ = std::min(end_, offset);
    return {};
  }
  BOBBIN_TRY_ASSIGN(found, active().locate(offset, end_));
  Offset end = found.batch ? found.batch->view().base_offset() : std::max(offset, active().base());
  BOBBIN_TRY(active().truncate(found.batch ? found.batch->position : active().bytes(), end));
  end_ = std::min(end_, end);
  BOBBIN_TRY_ASSIGN(file, active().file());
  BOBBIN_TRY(file->sync());
  return files_->storage().sync_dir(dir_);
}

}  // namespace bobbin::log
