#include "log/segment.h"

namespace bobbin::log {

using record::batch_head_bytes;
using record::magic_at;

namespace {
constexpr uint64_t segment_bytes_most = INT32_MAX;  // Kafka's positions, and so ours, are int32
constexpr uint64_t resync_window_bytes = 64 * 1024;
constexpr uint64_t resync_effort_min = 64 << 20;  // bytes that are looked at again, at least
constexpr uint64_t header_effort = 4096;          // what looking at one more header costs
constexpr uint64_t rewrite_window_bytes = 256 * 1024;
}  // namespace

Segment::Segment(Files& files, const std::string& dir, Offset base)
    : files_(&files), path_(dir + "/" + offset_name(base, ".log")), base_(base),
      offsets_(files, dir + "/" + offset_name(base, ".index"), base),
      times_(files, dir + "/" + offset_name(base, ".timeindex"), base) {}

Result<std::unique_ptr<Segment>> Segment::create(Files& files, const std::string& dir, Offset base, Timestamp now) {
  std::unique_ptr<Segment> segment(new Segment(files, dir, base));
  auto make = [&]() -> Status {
    BOBBIN_TRY_ASSIGN(file, files.open(segment->path_, os::Open::create));
    BOBBIN_TRY_ASSIGN(size, file->size());
    if (size != 0) return error(Errc::damaged, segment->path_ + ": there already, and not ours");
    BOBBIN_TRY(segment->offsets_.file().create());
    return segment->times_.file().create();
  };
  if (Status made = make(); !made) {
    if (made.error().code != Errc::damaged)
      for (const std::string& path : segment->paths()) {
        files.forget(path);
        (void)files.storage().unlink(path);  // maybe never made
      }
    return std::move(made).error();
  }
  segment->created_ = now;
  segment->ready_ = true;
  segment->built_ = true;
  return segment;
}

Result<std::unique_ptr<Segment>> Segment::adopt(Files& files, const std::string& dir, Offset base) {
  std::unique_ptr<Segment> segment(new Segment(files, dir, base));
  BOBBIN_TRY_ASSIGN(stat, files.storage().stat(segment->path_));
  if (stat.size > segment_bytes_most)
    return error(Errc::damaged, segment->path_ + " is damaged: it has " + std::to_string(stat.size) +
                                    " bytes, where a segment has at most " + std::to_string(segment_bytes_most) +
                                    "; restore it from a copy");
  segment->bytes_ = stat.size;
  segment->synced_bytes_ = stat.size;
  segment->created_ = stat.modified;
  return segment;
}

void Segment::use(Files& files) {
  files_ = &files;
  offsets_.file().use(files);
  times_.file().use(files);
}

std::vector<std::string> Segment::paths() const { return {path_, offsets_.file().path(), times_.file().path()}; }

Result<std::shared_ptr<os::File>> Segment::file() {
  if (dirty_file_) return dirty_file_;
  return files_->open(path_);
}

bool Segment::indexes_full(int64_t index_bytes_max) const {
  return offsets_.is_full(index_bytes_max) || times_.is_full(index_bytes_max);
}

Status Segment::append(std::span<const Bytes> parts, const BatchFacts& batch, int64_t index_interval_bytes) {
  if (!dirty_file_) {
    BOBBIN_TRY_ASSIGN(opened, files_->open(path_));
    dirty_file_ = opened;
  }
  if (Status written = dirty_file_->write(parts, bytes_); !written) {
    Error why = std::move(written).error().in(path_);
    // Where nothing may be written, nothing can be taken back; then nothing was written.
    auto size = dirty_file_->size();
    bool is_as_it_was = size && *size == bytes_;
    if (Status cut = is_as_it_was ? Status() : dirty_file_->truncate(bytes_); !cut)
      return error(Errc::io_error, why.message + "; taking back what was written failed too: " + cut.error().message);
    if (!is_write_refused(why.code)) why.code = Errc::io_error;
    return why;
  }
  index(batch, bytes_, index_interval_bytes);
  if (bytes_ == 0) first_timestamp_ = batch.max_timestamp;
  bytes_ += batch.bytes;
  return {};
}

void Segment::index(const BatchFacts& batch, uint64_t position, int64_t index_interval_bytes) {
  if (batch.max_timestamp > largest_.timestamp) largest_ = {batch.max_timestamp, batch.last_offset};
  if (static_cast<int64_t>(since_entry_) > index_interval_bytes) {
    offsets_.add({batch.last_offset, position});
    times_.add(largest_);
    since_entry_ = 0;
  }
  since_entry_ += batch.bytes;
}

// --- finding batches

Result<std::optional<BatchAt>> Segment::batch_at(uint64_t position, Offset offset_min, Offset limit) {
  if (position >= bytes_) return std::optional<BatchAt>();
  BOBBIN_TRY_ASSIGN(log, file());
  HeaderWalk walk(*log, from(position, offset_min, limit));
  walk.go_on_at(position, offset_min);
  return walk.next();
}

// The first batch of a segment never has an entry, which tells an index padded with zeros from a real one. The
// checksum is not looked at: an entry only says where a walk may begin.
Result<bool> Segment::is_true(const IndexEntry& entry, Offset limit) {
  if (entry.position == 0) return false;
  BOBBIN_TRY_ASSIGN(batch, batch_at(entry.position, base_, limit));
  return batch && batch->view().last_offset() == entry.last_offset;
}

Result<bool> Segment::is_true(const TimeEntry& entry, Offset limit) {
  if (entry.offset < base_ || entry.offset >= limit) return false;
  BOBBIN_TRY_ASSIGN(index, offsets_.floor(entry.offset));
  BOBBIN_TRY_ASSIGN(log, file());
  HeaderWalk walk(*log, from(0, base_, limit));
  if (index) {
    BOBBIN_TRY_ASSIGN(good, is_true(*index, limit));
    if (!good) return false;
    walk.go_on_at(index->position, base_);
  }
  for (;;) {
    BOBBIN_TRY_ASSIGN(batch, walk.next());
    if (!batch || batch->view().last_offset() > entry.offset) return false;
    if (batch->view().last_offset() == entry.offset) return batch->view().max_timestamp() == entry.timestamp;
  }
}

Result<Segment::Resume> Segment::start_for(Offset offset, Offset limit) {
  for (int turn = 0; turn < 2; turn++) {
    BOBBIN_TRY_ASSIGN(entry, offsets_.floor(offset));
    if (!entry) break;
    BOBBIN_TRY_ASSIGN(batch, batch_at(entry->position, base_, limit));
    if (entry->position > 0 && batch && batch->view().last_offset() == entry->last_offset)
      return Resume{entry->position, batch->view().base_offset(), true};
    if (built_) break;
    BOBBIN_TRY(rebuild(limit));
  }
  return Resume{0, base_, false};
}

// Where batches are as large as the distance of entries, each has one: then no header before it need be read.
Result<Segment::Resume> Segment::close_start_for(Offset offset, Offset limit) {
  BOBBIN_TRY_ASSIGN(entry, offsets_.ceil(offset));
  if (entry && entry->position > 0) {
    BOBBIN_TRY_ASSIGN(batch, batch_at(entry->position, base_, limit));
    if (batch && batch->view().last_offset() == entry->last_offset && batch->view().base_offset() <= offset)
      return Resume{entry->position, batch->view().base_offset(), true};
  }
  return start_for(offset, limit);
}

Result<std::optional<BatchAt>> Segment::next_sound(HeaderWalk& walk, Offset limit, const Bad& bad, bool check_crc) {
  BOBBIN_TRY_ASSIGN(log, file());
  for (;;) {
    uint64_t at = walk.position();
    Offset expected = walk.offset_min();
    BOBBIN_TRY_ASSIGN(batch, walk.next());
    if (batch && !check_crc) return batch;
    if (batch) {
      BOBBIN_TRY_ASSIGN(good, crc_is_valid(*log, *batch));
      if (good) return batch;
    } else if (walk.at_end()) {
      return std::optional<BatchAt>();
    }
    if (!bad(at, expected)) return std::optional<BatchAt>();
    BOBBIN_TRY_ASSIGN(next, resync(at, expected, limit));
    walk.go_on_at(next, expected);
  }
}

Result<Segment::Located> Segment::locate(Offset offset, Offset limit, bool verify) {
  BOBBIN_TRY(ready(interval_, limit));
  if (!verify)
    for (const auto& batch : found_)
      if (batch && batch->view().base_offset() <= offset && offset <= batch->view().last_offset())
        return Located{batch, {}};
  Resume start{noted_.position, offset, true};
  if (verify || noted_.offset != offset) {
    BOBBIN_TRY_ASSIGN(by_index, verify ? start_for(offset, limit) : close_start_for(offset, limit));
    start = by_index;
  }
  BOBBIN_TRY_ASSIGN(log, file());
  HeaderWalk walk(*log, from(start.position, start.offset, limit));
  Located found;
  for (;;) {
    bool bad = false;
    auto note = [&](uint64_t, Offset expected) {
      bad = true;
      if (verify && !found.damage_from) found.damage_from = expected;
      return verify;
    };
    if (verify) found.damage_from.reset();
    BOBBIN_TRY_ASSIGN(batch, next_sound(walk, limit, note, verify));
    // The place is bad, or a header before it lied: only checksums tell.
    if (!verify && bad) return locate(offset, limit, true);
    if (!batch) return found;
    if (batch->view().last_offset() < offset) continue;
    found.batch = batch;
    if (!verify) found_[found_last_ ^= 1] = batch;
    return found;
  }
}

Result<uint64_t> Segment::position_of(Offset offset, Offset limit) {
  BOBBIN_TRY_ASSIGN(found, locate(offset, limit));
  return found.batch ? found.batch->position : bytes_;
}

Result<std::optional<Offset>> Segment::indexed_in_last(uint64_t bytes) {
  BOBBIN_TRY_ASSIGN(entry, offsets_.behind(bytes_ - std::min(bytes, bytes_)));
  if (!entry) return std::optional<Offset>();
  return std::optional(entry->last_offset);
}

// Bytes inside of a damaged batch may look like a batch (somebody stored a segment file in a record). Only what
// leads exactly to a place that is known to begin a batch is believed. `effort` is what may be spent on that; at its end
// it is 0, and the answer is no.
Result<bool> Segment::leads_to(uint64_t position, uint64_t target, Offset offset_min, Offset limit, uint64_t& effort) {
  auto spend = [&effort](uint64_t bytes) { return (effort -= std::min(effort, bytes)) > 0; };
  BOBBIN_TRY_ASSIGN(log, file());
  HeaderWalk walk(*log, {position, target, offset_min, limit, dense_});
  walk.go_on_at(position, offset_min);
  BOBBIN_TRY_ASSIGN(first, walk.next());
  if (!first || !spend(first->bytes)) return false;
  BOBBIN_TRY_ASSIGN(good, crc_is_valid(*log, *first));
  if (!good) return false;
  while (!walk.at_end()) {
    BOBBIN_TRY_ASSIGN(batch, walk.next());
    if (!batch || !spend(header_effort)) return false;
  }
  return true;
}

Result<uint64_t> Segment::resync(uint64_t bad, Offset offset_min, Offset limit) {
  uint64_t target = bytes_;
  for (uint64_t behind = bad;;) {
    BOBBIN_TRY_ASSIGN(entry, offsets_.behind(behind));
    if (!entry || entry->position <= behind || entry->position >= bytes_) break;
    BOBBIN_TRY_ASSIGN(good, is_true(*entry, limit));
    if (good) {
      target = entry->position;
      break;
    }
    behind = entry->position;
  }
  BOBBIN_TRY_ASSIGN(log, file());
  std::string buffer;
  // Bytes that look like batches again and again, made for that or a log inside of a record, are not gone through for each
  // of their beginnings: what cannot be found so counts as damaged.
  uint64_t effort = std::max(resync_effort_min, 4 * (target - bad));
  for (uint64_t at = bad + 1; at + record::batch_header_bytes <= target; at += buffer.size() - (batch_head_bytes - 1)) {
    // A header may begin in the last bytes of a hole: its magic is in the data.
    if (uint64_t data = log->hole_end(at); data > at + magic_at) at = std::min(data, target) - magic_at;
    buffer.resize(std::min(resync_window_bytes, target - at));
    BOBBIN_TRY_ASSIGN(got, log->read(std::span<char>(buffer.data(), buffer.size()), at));
    buffer.resize(got);
    if (got < batch_head_bytes) break;
    for (size_t i = 0; i + batch_head_bytes <= got; i++) {
      const void* magic = std::memchr(buffer.data() + i + magic_at, record::magic_v2, got - i - magic_at);
      if (!magic) break;
      i = static_cast<size_t>(static_cast<const char*>(magic) - buffer.data()) - magic_at;
      Bytes head = Bytes(buffer).substr(i, batch_head_bytes);
      auto bytes = record::batch_size(head);
      if (!bytes || *bytes > target - at - i || Offset(load_be<int64_t>(head.data())) < offset_min ||
          Offset(load_be<int64_t>(head.data())) >= limit)
        continue;
      BOBBIN_TRY_ASSIGN(good, leads_to(at + i, target, offset_min, limit, effort));
      if (good) return at + i;
      if (effort == 0) return target;
    }
  }
  return target;
}

Status Segment::each_batch(uint64_t position, Offset offset_min, Offset limit,
                           const std::function<Result<bool>(const BatchAt&)>& visit, bool check_crc, const Bad& bad) {
  BOBBIN_TRY_ASSIGN(log, file());
  HeaderWalk walk(*log, from(position, offset_min, limit));
  if (position > 0) walk.go_on_at(position, offset_min);
  for (;;) {
    BOBBIN_TRY_ASSIGN(batch, next_sound(
                                 walk, limit, bad ? bad : [](uint64_t, Offset) { return true; }, check_crc));
    if (!batch) return {};
    BOBBIN_TRY_ASSIGN(more, visit(*batch));
    if (!more) return {};
  }
}

// --- indexes

Result<bool> Segment::ready(int64_t index_interval_bytes, Offset limit) {
  if (ready_) return false;
  interval_ = index_interval_bytes;
  BOBBIN_TRY_ASSIGN(from, resume_indexes(limit, limit));
  bool built = !from.kept && static_cast<int64_t>(bytes_) > index_interval_bytes;
  BOBBIN_TRY(index_all(from, limit));
  return built;
}

// Ready if that went well: half of them would not tell of the largest timestamp.
Status Segment::index_all(const Resume& from, Offset limit) {
  ready_ = true;  // resync() may ask the indexes meanwhile
  Status done = each_batch(from.position, from.offset, limit, [&](const BatchAt& batch) -> Result<bool> {
    auto view = batch.view();
    index({view.base_offset(), view.last_offset(), view.max_timestamp(), batch.bytes}, batch.position, interval_);
    return true;
  });
  ready_ = done.ok();
  return done;
}

Status Segment::reset_indexes() {
  largest_ = {};
  since_entry_ = 0;
  built_ = true;
  // A disk that is full or gone must not keep anybody from reading: the entries wait in memory then.
  (void)offsets_.file().create();
  (void)times_.file().create();
  return times_.load_last();
}

Status Segment::rebuild(Offset limit) {
  BOBBIN_TRY(reset_indexes());
  return index_all({0, base_, false}, limit);
}

Result<Segment::Resume> Segment::resume_indexes(Offset below, Offset limit) {
  Resume afresh{0, base_, false};
  largest_ = {};
  since_entry_ = 0;
  auto from_nothing = [&]() -> Result<Resume> {
    BOBBIN_TRY(reset_indexes());
    return afresh;
  };
  if (!offsets_.file().load() || !times_.file().load()) return from_nothing();
  if (below < limit || below == base_) {
    BOBBIN_TRY(offsets_.truncate(below));
    BOBBIN_TRY(times_.truncate(below));
  }
  BOBBIN_TRY(times_.load_last());
  BOBBIN_TRY_ASSIGN(entry, offsets_.last());
  BOBBIN_TRY_ASSIGN(time, times_.last());
  if (time) {
    BOBBIN_TRY_ASSIGN(good, is_true(*time, limit));
    if (!good) return from_nothing();
  }
  if (!entry) {
    if (time) largest_ = *time;
    return afresh;
  }
  BOBBIN_TRY_ASSIGN(good, is_true(*entry, limit));
  if (!good) return from_nothing();
  BOBBIN_TRY_ASSIGN(batch, batch_at(entry->position, base_, limit));
  // Whoever adds an offset entry adds the largest timestamp so far; one without the other was lost.
  if (batch->view().max_timestamp() > (time ? time->timestamp : timestamp_none)) return from_nothing();
  if (time) largest_ = *time;
  return Resume{entry->position, batch->view().base_offset(), true};
}

Result<bool> Segment::has_entries_below(Offset offset) const {
  BOBBIN_TRY_ASSIGN(entry, offsets_.floor(offset - 1));
  return entry.has_value();
}

Result<Timestamp> Segment::first_timestamp(Offset limit) {
  if (!first_timestamp_) {
    BOBBIN_TRY_ASSIGN(batch, batch_at(0, base_, limit));
    if (!batch) return timestamp_none;
    first_timestamp_ = batch->view().max_timestamp();
  }
  return *first_timestamp_;
}

Result<uint64_t> Segment::position_for_time(Timestamp at, Offset limit) {
  BOBBIN_TRY_ASSIGN(entry, times_.floor(at));
  if (!entry) return uint64_t{0};
  BOBBIN_TRY_ASSIGN(good, is_true(*entry, limit));
  if (!good && !built_) {
    BOBBIN_TRY(rebuild(limit));
    return position_for_time(at, limit);
  }
  if (!good) return uint64_t{0};
  BOBBIN_TRY_ASSIGN(start, start_for(entry->offset, limit));
  return start.position;
}

Result<TimeEntry> Segment::largest_below(Offset below) {
  TimeEntry largest;
  BOBBIN_TRY_ASSIGN(entry, times_.before(below));
  Resume from{0, base_, false};
  if (entry) {
    BOBBIN_TRY_ASSIGN(good, is_true(*entry, below));
    if (good) {
      largest = *entry;
      BOBBIN_TRY_ASSIGN(start, start_for(entry->offset, below));
      from = start;
    }
  }
  BOBBIN_TRY(each_batch(from.position, from.offset, Offset(INT64_MAX), [&](const BatchAt& batch) -> Result<bool> {
    auto view = batch.view();
    if (view.last_offset() >= below) return false;
    if (view.max_timestamp() > largest.timestamp) largest = {view.max_timestamp(), view.last_offset()};
    return true;
  }));
  return largest;
}

Status Segment::flush_indexes(std::vector<std::shared_ptr<os::File>>& written) {
  // Times first: an offset entry says that its timestamp is there (resume_indexes).
  for (IndexFile* index : {&times_.file(), &offsets_.file()}) {
    BOBBIN_TRY_ASSIGN(file, index->flush());
    if (file) written.push_back(file);
  }
  return {};
}

Status Segment::seal(std::vector<std::shared_ptr<os::File>>& written) {
  times_.add(largest_);
  return flush_indexes(written);
}

Status Segment::truncate(uint64_t position, Offset offset) {
  BOBBIN_TRY_ASSIGN(log, file());
  noted_ = {};
  found_ = {};
  // Whoever dies between leaves indexes that tell of less, not of more (evidence.h).
  BOBBIN_TRY(offsets_.truncate(offset));
  BOBBIN_TRY(times_.truncate(offset));
  BOBBIN_TRY(log->truncate(position));
  bytes_ = position;
  synced_bytes_ = std::min(synced_bytes_, position);
  if (position == 0) first_timestamp_.reset();
  return {};
}

// --- syncing

void Segment::note_synced(uint64_t bytes) {
  synced_bytes_ = std::max(synced_bytes_, bytes);
  if (!is_dirty()) dirty_file_.reset();
}

void Segment::note_indexes_unsynced() {
  offsets_.file().note_unsynced();
  times_.file().note_unsynced();
}

Status Segment::note_unsynced_from(uint64_t position) {
  synced_bytes_ = std::min(synced_bytes_, position);
  if (!is_dirty() || dirty_file_) return {};
  BOBBIN_TRY_ASSIGN(opened, files_->open(path_));
  dirty_file_ = opened;
  return {};
}

Status Segment::rewrite_from(uint64_t position) {
  BOBBIN_TRY_ASSIGN(log, file());
  std::string buffer;
  for (uint64_t at = position; at < bytes_; at += buffer.size()) {
    buffer.resize(std::min(rewrite_window_bytes, bytes_ - at));
    BOBBIN_TRY_ASSIGN(got, log->read(std::span<char>(buffer.data(), buffer.size()), at));
    if (got != buffer.size()) return error(Errc::io_error, path_ + ": became shorter");
    BOBBIN_TRY(log->write(Bytes(buffer), at));
  }
  return {};
}

}  // namespace bobbin::log
