#include "log/segment_indexes.h"

#include "base/offset_name.h"

namespace bobbin::log {

SegmentIndexes::SegmentIndexes(Files& files, const std::string& dir, Offset base)
    : base_(base), offsets_(files, dir + "/" + offset_name(base, ".index"), base),
      times_(files, dir + "/" + offset_name(base, ".timeindex"), base) {}

Status SegmentIndexes::create() {
  BOBBIN_TRY(offsets_.file().create());
  BOBBIN_TRY(times_.file().create());
  ready_ = true;
  built_ = true;
  return {};
}

void SegmentIndexes::use(Files& files) {
  offsets_.file().use(files);
  times_.file().use(files);
}

bool SegmentIndexes::is_full(int64_t index_bytes_max) const {
  return offsets_.is_full(index_bytes_max) || times_.is_full(index_bytes_max);
}

void SegmentIndexes::add(const BatchFacts& batch, uint64_t position, int64_t interval_bytes) {
  interval_bytes_ = interval_bytes;
  if (batch.max_timestamp > largest_.timestamp) largest_ = {batch.max_timestamp, batch.last_offset};
  if (static_cast<int64_t>(since_entry_) > interval_bytes) {
    offsets_.add({batch.last_offset, position});
    times_.add(largest_);
    since_entry_ = 0;
  }
  since_entry_ += batch.bytes;
}

// --- in step with the file

Result<bool> SegmentIndexes::ready(const SegmentBatches& batches, int64_t interval_bytes) {
  if (ready_) return false;
  interval_bytes_ = interval_bytes;
  BOBBIN_TRY_ASSIGN(from, resume(batches.limit(), batches));
  bool built = !from.kept && static_cast<int64_t>(batches.bytes()) > interval_bytes;
  BOBBIN_TRY(add_all(from, batches));
  return built;
}

// Ready if that went well: half of them would not tell of the largest timestamp.
Status SegmentIndexes::add_all(const Resume& from, const SegmentBatches& batches) {
  ready_ = true;  // resync() may ask the indexes meanwhile
  Status done = batches.each(from.position, from.offset, [&](const BatchAt& batch) -> Result<bool> {
    add(facts_of(batch), batch.position, interval_bytes_);
    return true;
  });
  ready_ = done.ok();
  return done;
}

Status SegmentIndexes::reset() {
  largest_ = {};
  since_entry_ = 0;
  built_ = true;
  // A disk that is full or gone must not keep anybody from reading: the entries wait in memory then.
  (void)offsets_.file().create();
  (void)times_.file().create();
  return times_.load_last();
}

Status SegmentIndexes::rebuild(const SegmentBatches& batches) {
  BOBBIN_TRY(reset());
  return add_all({0, base_, false}, batches);
}

Result<SegmentIndexes::Resume> SegmentIndexes::resume(Offset below, const SegmentBatches& batches) {
  Resume afresh{0, base_, false};
  largest_ = {};
  since_entry_ = 0;
  auto from_nothing = [&]() -> Result<Resume> {
    BOBBIN_TRY(reset());
    return afresh;
  };
  if (!offsets_.file().load() || !times_.file().load()) return from_nothing();
  if (below < batches.limit() || below == base_) BOBBIN_TRY(truncate(below));
  BOBBIN_TRY(times_.load_last());
  BOBBIN_TRY_ASSIGN(entry, offsets_.last());
  BOBBIN_TRY_ASSIGN(time, times_.last());
  if (time) {
    BOBBIN_TRY_ASSIGN(good, is_true(*time, batches));
    if (!good) return from_nothing();
  }
  if (!entry) {
    if (time) largest_ = *time;
    return afresh;
  }
  BOBBIN_TRY_ASSIGN(good, batches.is_true(*entry));
  if (!good) return from_nothing();
  BOBBIN_TRY_ASSIGN(batch, batches.at(entry->position));
  // Whoever adds an offset entry adds the largest timestamp so far; one without the other was lost.
  if (batch->view().max_timestamp() > (time ? time->timestamp : timestamp_none)) return from_nothing();
  if (time) largest_ = *time;
  return Resume{entry->position, batch->view().base_offset(), true};
}

Result<bool> SegmentIndexes::is_true(const TimeEntry& entry, const SegmentBatches& batches) const {
  if (entry.offset < base_ || entry.offset >= batches.limit()) return false;
  BOBBIN_TRY_ASSIGN(index, offsets_.floor(entry.offset));
  if (index) {
    BOBBIN_TRY_ASSIGN(good, batches.is_true(*index));
    if (!good) return false;
  }
  bool is_it = false;
  auto see = [&](const BatchAt& batch) -> Result<bool> {
    auto view = batch.view();
    is_it = view.last_offset() == entry.offset && view.max_timestamp() == entry.timestamp;
    return view.last_offset() < entry.offset;
  };
  auto stop = [](uint64_t, Offset) { return false; };
  BOBBIN_TRY(batches.each(index ? index->position : 0, base_, see, false, stop));
  return is_it;
}

// --- asking them

Result<SegmentIndexes::Resume> SegmentIndexes::start_for(Offset offset, const SegmentBatches& batches) {
  for (int turn = 0; turn < 2; turn++) {
    BOBBIN_TRY_ASSIGN(entry, offsets_.floor(offset));
    if (!entry) break;
    BOBBIN_TRY_ASSIGN(batch, batches.at(entry->position));
    if (entry->position > 0 && batch && batch->view().last_offset() == entry->last_offset)
      return Resume{entry->position, batch->view().base_offset(), true};
    if (built_) break;
    BOBBIN_TRY(rebuild(batches));
  }
  return Resume{0, base_, false};
}

// Where batches are as large as the distance of entries, each has one: then no header before it need be read.
Result<SegmentIndexes::Resume> SegmentIndexes::close_start_for(Offset offset, const SegmentBatches& batches) {
  BOBBIN_TRY_ASSIGN(entry, offsets_.ceil(offset));
  if (entry && entry->position > 0) {
    BOBBIN_TRY_ASSIGN(batch, batches.at(entry->position));
    if (batch && batch->view().last_offset() == entry->last_offset && batch->view().base_offset() <= offset)
      return Resume{entry->position, batch->view().base_offset(), true};
  }
  return start_for(offset, batches);
}

Result<uint64_t> SegmentIndexes::position_for_time(Timestamp at, const SegmentBatches& batches) {
  BOBBIN_TRY_ASSIGN(entry, times_.floor(at));
  if (!entry) return uint64_t{0};
  BOBBIN_TRY_ASSIGN(good, is_true(*entry, batches));
  if (!good && !built_) {
    BOBBIN_TRY(rebuild(batches));
    return position_for_time(at, batches);
  }
  if (!good) return uint64_t{0};
  BOBBIN_TRY_ASSIGN(start, start_for(entry->offset, batches));
  return start.position;
}

Result<TimeEntry> SegmentIndexes::largest_below(Offset below, const SegmentBatches& batches) {
  TimeEntry largest;
  BOBBIN_TRY_ASSIGN(entry, times_.before(below));
  Resume from{0, base_, false};
  if (entry) {
    BOBBIN_TRY_ASSIGN(good, is_true(*entry, batches));
    if (good) {
      largest = *entry;
      BOBBIN_TRY_ASSIGN(start, start_for(entry->offset, batches));
      from = start;
    }
  }
  auto see = [&](const BatchAt& batch) -> Result<bool> {
    auto view = batch.view();
    if (view.last_offset() >= below) return false;
    if (view.max_timestamp() > largest.timestamp) largest = {view.max_timestamp(), view.last_offset()};
    return true;
  };
  BOBBIN_TRY(batches.with_limit(Offset(INT64_MAX)).each(from.position, from.offset, see));
  return largest;
}

Result<std::optional<Offset>> SegmentIndexes::first_behind(uint64_t position) const {
  BOBBIN_TRY_ASSIGN(entry, offsets_.behind(position));
  if (!entry) return std::optional<Offset>();
  return std::optional(entry->last_offset);
}

Result<bool> SegmentIndexes::has_entries_below(Offset offset) const {
  BOBBIN_TRY_ASSIGN(entry, offsets_.floor(offset - 1));
  return entry.has_value();
}

// --- writing them

Status SegmentIndexes::flush(std::vector<std::shared_ptr<os::File>>& written) {
  // Times first: an offset entry says that its timestamp is there (resume).
  for (IndexFile* index : {&times_.file(), &offsets_.file()}) {
    BOBBIN_TRY_ASSIGN(file, index->flush());
    if (file) written.push_back(file);
  }
  return {};
}

Status SegmentIndexes::seal(std::vector<std::shared_ptr<os::File>>& written) {
  times_.add(largest_);
  return flush(written);
}

Status SegmentIndexes::truncate(Offset offset) {
  BOBBIN_TRY(offsets_.truncate(offset));
  return times_.truncate(offset);
}

Status SegmentIndexes::follow_cut(const SegmentBatches& batches) {
  BOBBIN_TRY_ASSIGN(from, resume(batches.limit(), batches));
  return add_all(from, batches);
}

void SegmentIndexes::note_unsynced() {
  offsets_.file().note_unsynced();
  times_.file().note_unsynced();
}

}  // namespace bobbin::log
