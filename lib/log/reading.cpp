#include "log/reading.h"

#include <algorithm>

namespace bobbin::log {

namespace {

constexpr size_t decompressed_bytes_max = 256u << 20;
constexpr uint64_t believed_batch_bytes = 8 << 20;

// Whether the memory for a batch may be taken: a header says any size, and a hole behind it has that many bytes. What is
// large is summed piece by piece first.
Result<bool> is_worth_reading(os::File& file, const BatchAt& batch) {
  return batch.bytes <= believed_batch_bytes ? true : crc_is_valid(file, batch);
}

std::string text(Offset offset) { return std::to_string(offset.value); }

// How many of `bytes`, which hold the first batch, may be given out: whole batches with the right checksum, which does not
// cover their offsets, and a torn one after them. None reaches beyond `limit`. What follows damage is not looked at: the
// next read begins there and says so.
size_t sound_bytes(Bytes bytes, Offset offset_min, Offset limit, bool dense) {
  size_t at = 0;
  while (bytes.size() - at >= record::batch_header_bytes) {
    Bytes rest = bytes.substr(at);
    auto size = record::batch_size(rest);
    record::BatchView view(rest.substr(0, size.value_or(0)));
    if (!size || *size < record::batch_header_bytes) return at;
    Offset base = record::BatchView(rest).base_offset();
    if (base < offset_min || (dense && base > offset_min)) return at;
    if (*size > rest.size()) return at == 0 ? 0 : bytes.size();  // torn: its reader will ask for it again
    if (!view.crc_is_valid() || view.last_offset_delta() < 0 || view.next_offset() > limit) return at;
    offset_min = view.next_offset();
    at += *size;
  }
  // Less than a header, but enough to see that none begins there.
  bool is_other = bytes.size() - at >= record::batch_head_bytes && !record::batch_size(bytes.substr(at));
  return is_other ? at : bytes.size();
}

}  // namespace

Status Reading::check_range(Offset from) const {
  if (from >= log_start_ && from <= segments_.end()) return {};
  return error(Errc::offset_out_of_range, segments_.dir() + ": offset " + text(from) + " is not in [" +
                                              text(log_start_) + ", " + text(segments_.end()) + "]");
}

// What lies before the first segment, though the log should begin there.
Status Reading::check_front(Offset from) const {
  if (!segments_.empty() && from >= segments_.first()) return {};
  return error(Errc::corrupt_message, segments_.dir() + ": DAMAGED: the segments from offset " + text(from) + " to " +
                                          text(segments_.first() - 1) + " are gone");
}

Result<std::string> Reading::read(Offset from, Offset below, size_t bytes_max, bool at_least_one) {
  BOBBIN_TRY(check_range(from));
  below = std::min(below, segments_.end());
  if (from >= below) return std::string();
  BOBBIN_TRY(check_front(from));
  for (size_t i = segments_.find(from); i < segments_.size() && segments_[i].base() < below; i++) {
    BOBBIN_TRY_ASSIGN(bytes, read_segment(i, from, below, bytes_max, at_least_one));
    // Empty with room for one batch: compaction left nothing here, the next segment has what follows.
    if (!bytes.empty() || !at_least_one) return std::move(bytes);
  }
  return std::string();
}

std::optional<Extent> Reading::end_extent() const {
  if (segments_.empty()) return std::nullopt;
  const Segment& last = segments_.active();
  return Extent{last.base(), last.bytes(), last.bytes(), segments_.end()};
}

Result<std::optional<Extent>> Reading::extent(Offset from, Offset below) {
  BOBBIN_TRY(check_range(from));
  below = std::min(below, segments_.end());
  if (from < below) BOBBIN_TRY(check_front(from));
  for (size_t i = segments_.find(from); from < below && i < segments_.size() && segments_[i].base() < below; i++) {
    BOBBIN_TRY_ASSIGN(found, locate(i, from, below, false));
    if (found) return std::optional(found->extent);
  }
  return std::optional<Extent>();
}

// What the segment has of the batches from `from` to `below`; nothing if that is none.
Result<std::optional<Reading::Located>> Reading::locate(size_t i, Offset from, Offset below, bool verify) {
  Segment& segment = segments_[i];
  Offset limit = segments_.limit(i);
  std::optional<Located> none;
  auto damaged = [&](const std::string& what) {
    return error(Errc::corrupt_message, segment.path() + ": " + what + " at offset " + text(from));
  };
  BOBBIN_TRY(segment.ready(config_.index_interval_bytes, limit));
  BOBBIN_TRY_ASSIGN(start, segment.locate(from, limit, verify));
  if (start.damage_from && (!start.batch || start.batch->view().base_offset() > from)) {
    Offset good = start.batch ? start.batch->view().base_offset() : limit;
    return damaged("DAMAGED (the first good offset behind it is " + text(good) + ")");
  }
  if (!start.batch) {
    if (config_.compact_policy) return none;
    return damaged("records are missing");
  }
  if (start.batch->view().last_offset() >= below) return none;
  Extent extent{segment.base(), start.batch->position, segment.bytes(), std::min(limit, below)};
  bool goes_on_there = below >= limit;
  if (below < limit) {
    BOBBIN_TRY_ASSIGN(behind, segment.locate(below, limit));
    if (behind.batch) {
      extent.end = behind.batch->position;
      extent.next_offset = std::min(below, behind.batch->view().base_offset());
    }
    // Behind damage a batch begins, but not the one with that offset.
    goes_on_there = behind.batch && !behind.damage_from;
  }
  if (goes_on_there) segment.note_place(extent.next_offset, extent.end);
  return std::optional(Located{*start.batch, extent});
}

Result<std::string> Reading::read_segment(size_t i, Offset from, Offset below, size_t bytes_max, bool at_least_one,
                                          bool verify) {
  Segment& segment = segments_[i];
  BOBBIN_TRY_ASSIGN(found, locate(i, from, below, verify));
  if (!found) return std::string();
  const BatchAt& first = found->first;
  uint64_t want = std::min<uint64_t>(bytes_max, found->extent.end - first.position);
  if (want < first.bytes && !at_least_one) return std::string();
  BOBBIN_TRY_ASSIGN(file, segment.file());
  BOBBIN_TRY_ASSIGN(good, is_worth_reading(*file, first));
  std::string bytes;
  if (good) {
    bytes.resize(std::max(want, first.bytes));
    BOBBIN_TRY_ASSIGN(got, file->read(std::span<char>(bytes.data(), bytes.size()), first.position));
    Offset end = std::min(segments_.limit(i), below);
    bytes.resize(sound_bytes(Bytes(bytes).substr(0, got), first.view().base_offset(), end, !config_.compact_policy));
  }
  if (bytes.size() >= first.bytes) return bytes;
  // The header that was found may be the one that lies: with checksums, is there another batch that holds `from`?
  if (verify)
    return error(Errc::corrupt_message, segment.path() + ": the batch's checksum is wrong at offset " + text(from));
  return read_segment(i, from, below, bytes_max, at_least_one, true);
}

// --- by time

namespace {

// The first record of one segment with at least a timestamp, among those from one offset up to (not with) another. Checksums of
// batches that are passed over are not looked at, nor that of one whose first record is the answer: whoever reads there is
// told. Where a damaged batch may hold the answer, its place is the answer: nothing is passed over in silence.
class TimeSearch {
 public:
  struct For {
    Timestamp at;
    Offset from, below;
  };
  TimeSearch(os::File& file, const For& wanted) : file_(file), wanted_(wanted) {}

  // The next batch: whether the search goes on behind it.
  Result<bool> look(const BatchAt& batch) {
    if (batch_is_lost_before(batch.view().base_offset())) return false;
    if (batch.view().base_offset() >= wanted_.below) return false;
    if (is_too_old(batch.view())) return true;
    BOBBIN_TRY_ASSIGN(is_first, look_at_first(batch));
    return is_first ? false : look_at_all(batch);
  }
  // Bytes that are no batch, where one with the offset `expected` should be. It may follow: then nothing is lost by them.
  void damaged(Offset expected) { missing_ = std::min(expected, missing_.value_or(expected)); }
  // What follows, a batch or the end of the segment, begins at `next`. Whether something before it is lost.
  bool batch_is_lost_before(Offset next) {
    auto missing = std::exchange(missing_, std::nullopt);
    if (!missing || *missing >= next) return false;
    take_place_of(*missing);
    return true;
  }
  const std::optional<FoundOffset>& found() const { return found_; }

 private:
  void take_place_of(Offset damage) {
    Offset place = std::max(damage, wanted_.from);
    if (place < wanted_.below) found_ = FoundOffset{place, wanted_.at, leader_epoch_none};
  }

  // A largest timestamp below the first one is hardly what was written: only the checksum tells.
  bool is_too_old(const record::BatchView& batch) const {
    bool is_odd =
        batch.timestamp_type() == record::TimestampType::create_time && batch.max_timestamp() < batch.base_timestamp();
    return (batch.max_timestamp() < wanted_.at && !is_odd) || batch.last_offset() < wanted_.from;
  }

  // A time is often that of a batch's first record: then the batch is not read.
  Result<bool> look_at_first(const BatchAt& batch) {
    char beginning[record::batch_header_bytes + record::first_record_bytes_max];
    BOBBIN_TRY_ASSIGN(got, file_.read(beginning, batch.position));
    auto first = record::first_record(Bytes(beginning, std::min<size_t>(got, batch.bytes)));
    if (!first || first->timestamp < wanted_.at || first->offset < wanted_.from || first->offset >= wanted_.below)
      return false;
    found_ = FoundOffset{first->offset, first->timestamp, batch.view().leader_epoch()};
    return true;
  }

  // Whether the search goes on behind it.
  Result<bool> look_at_all(const BatchAt& batch) {
    BOBBIN_TRY_ASSIGN(good, is_worth_reading(file_, batch));
    std::string bytes(good ? batch.bytes : 0, '\0');
    BOBBIN_TRY_ASSIGN(got, file_.read(std::span<char>(bytes.data(), bytes.size()), batch.position));
    record::BatchView whole(bytes);
    bool is_sound = good && got == bytes.size() && whole.crc_is_valid() && reader_.open(whole, decompressed_bytes_max);
    for (record::Record r; is_sound;) {
      auto more = reader_.next(r);
      if (more && !*more) return true;
      is_sound = more.ok();
      if (!is_sound || r.timestamp < wanted_.at || r.offset < wanted_.from) continue;
      if (r.offset < wanted_.below) found_ = FoundOffset{r.offset, r.timestamp, batch.view().leader_epoch()};
      return false;
    }
    take_place_of(batch.view().base_offset());
    return false;
  }

  os::File& file_;
  For wanted_;
  record::RecordReader reader_;
  std::optional<Offset> missing_;
  std::optional<FoundOffset> found_;
};

}  // namespace

Result<std::optional<FoundOffset>> Reading::find_time(size_t i, Timestamp at, Offset below) {
  Segment& segment = segments_[i];
  BOBBIN_TRY_ASSIGN(from, segment.position_for_time(at, segments_.limit(i)));
  BOBBIN_TRY_ASSIGN(file, segment.file());
  TimeSearch search(*file, {at, log_start_, below});
  auto look = [&](const BatchAt& batch) { return search.look(batch); };
  auto damaged = [&](uint64_t, Offset expected) {
    search.damaged(expected);
    return true;
  };
  BOBBIN_TRY(segment.each_batch(from, segment.base(), segments_.limit(i), look, false, damaged));
  if (!search.found()) (void)search.batch_is_lost_before(segments_.limit(i));
  return search.found();
}

Result<std::optional<FoundOffset>> Reading::offset_for_time(Timestamp at, Offset below) {
  std::optional<FoundOffset> none;
  below = std::min(below, segments_.end());
  for (size_t i = segments_.find(log_start_); i < segments_.size() && segments_[i].base() < below; i++) {
    BOBBIN_TRY(segments_[i].ready(config_.index_interval_bytes, segments_.limit(i)));
    if (segments_[i].largest().timestamp < at) continue;
    BOBBIN_TRY_ASSIGN(found, find_time(i, at, below));
    if (found) return found;
  }
  return none;
}

Result<std::optional<FoundOffset>> Reading::offset_of_max_timestamp(Offset below) {
  std::optional<FoundOffset> none;
  below = std::min(below, segments_.end());
  TimeEntry largest;
  std::optional<size_t> where;
  for (size_t i = segments_.find(log_start_); i < segments_.size() && segments_[i].base() < below; i++) {
    Segment& segment = segments_[i];
    BOBBIN_TRY(segment.ready(config_.index_interval_bytes, segments_.limit(i)));
    TimeEntry entry = segment.largest();
    if (segments_.limit(i) > below) {
      BOBBIN_TRY_ASSIGN(part, segment.largest_below(below));
      entry = part;
    }
    if (entry.timestamp <= largest.timestamp) continue;
    largest = entry;
    where = i;
  }
  if (!where) return none;
  return find_time(*where, largest.timestamp, below);
}

}  // namespace bobbin::log
