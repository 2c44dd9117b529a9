#include "log/time_search.h"

#include <algorithm>

#include "log/admission.h"

namespace bobbin::log {

namespace {

struct Wanted {
  Timestamp at;
  Offset from, below;
};

// In one segment, batch by batch.
class Walk {
 public:
  // `gap`: before the first batch, as TimeSearch::gap_.
  Walk(os::File& file, const Wanted& wanted, std::optional<Offset> gap) : file_(file), wanted_(wanted), gap_(gap) {}

  // The next batch: whether the search goes on behind it.
  Result<bool> look(const BatchAt& batch) {
    const record::BatchView view = batch.view();
    if (view.base_offset() >= wanted_.below) return false;
    if (gap_ && (view.base_offset() <= *gap_ || first_time(view) < wanted_.at)) gap_.reset();
    if (gap_) return fail(*gap_);
    if (is_too_old(view)) return true;
    BOBBIN_TRY_ASSIGN(is_first, look_at_first(batch));
    return is_first ? false : look_at_all(batch);
  }
  // Bytes that are no batch, where one with the offset `expected` should be. It may follow: then nothing is missing.
  void miss(Offset expected) {
    Offset place = std::max(expected, wanted_.from);
    if (!gap_ && place < wanted_.below) gap_ = place;
  }
  const std::optional<FoundOffset>& found() const { return found_; }
  const std::optional<Offset>& gap() const { return gap_; }
  // Records from there on may be the answer, and cannot be read.
  const std::optional<Offset>& failed_at() const { return failed_at_; }

 private:
  static Timestamp first_time(const record::BatchView& batch) {
    return batch.timestamp_type() == record::TimestampType::log_append_time ? batch.max_timestamp()
                                                                            : batch.base_timestamp();
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
    bool is_sound =
        good && got == bytes.size() && whole.crc_is_valid() && reader_.open(whole, Inspection::decompressed_bytes_max);
    for (record::Record r; is_sound;) {
      auto more = reader_.next(r);
      if (more && !*more) return true;
      is_sound = more.ok();
      if (!is_sound || r.timestamp < wanted_.at || r.offset < wanted_.from) continue;
      if (r.offset < wanted_.below) found_ = FoundOffset{r.offset, r.timestamp, batch.view().leader_epoch()};
      return false;
    }
    return fail(std::max(batch.view().base_offset(), wanted_.from));
  }

  bool fail(Offset place) {
    failed_at_ = place;
    return false;
  }

  os::File& file_;
  Wanted wanted_;
  std::optional<Offset> gap_, failed_at_;
  record::RecordReader reader_;
  std::optional<FoundOffset> found_;
};

}  // namespace

TimeSearch::TimeSearch(Segments& segments, const LogConfig& config, Offset log_start, Offset below)
    : segments_(segments), index_interval_bytes_(config.index_interval_bytes), log_start_(log_start),
      below_(std::min(below, segments.end())) {
  if (segments.first() > log_start) miss(log_start);
}

void TimeSearch::miss(Offset from) {
  Offset place = std::max(from, log_start_);
  if (!gap_ && place < below_) gap_ = place;
}

Error TimeSearch::damaged(Offset from) const {
  return error(Errc::corrupt_message, segments_.dir() + ": DAMAGED: the records from offset " + to_string(from) +
                                          " on are missing or damaged, and what is asked for may be among them");
}

// Below the end of what is looked at.
Result<TimeEntry> TimeSearch::largest_of(size_t i) {
  Segment& segment = segments_[i];
  BOBBIN_TRY(segment.ready(index_interval_bytes_, segments_.limit(i)));
  return segments_.limit(i) > below_ ? segment.largest_below(below_) : Result<TimeEntry>(segment.indexes().largest());
}

Result<std::optional<FoundOffset>> TimeSearch::search(size_t i, Timestamp at) {
  Segment& segment = segments_[i];
  BOBBIN_TRY_ASSIGN(from, segment.position_for_time(at, segments_.limit(i)));
  if (from > 0) gap_.reset();  // what lies between is too old
  BOBBIN_TRY_ASSIGN(file, segment.file());
  Walk walk(*file, {at, log_start_, below_}, gap_);
  auto look = [&](const BatchAt& batch) { return walk.look(batch); };
  auto bad = [&](uint64_t, Offset expected) {
    walk.miss(expected);
    return true;
  };
  BOBBIN_TRY(segment.batches(segments_.limit(i)).each(from, segment.base(), look, false, bad));
  if (walk.failed_at()) return damaged(*walk.failed_at());
  gap_ = walk.gap();
  if (gap_ && *gap_ >= segments_.limit(i)) gap_.reset();
  return walk.found();
}

Result<std::optional<FoundOffset>> TimeSearch::first_from(Timestamp at) {
  for (size_t i = segments_.find(log_start_); i < segments_.size() && segments_[i].base() < below_; i++) {
    Segment& segment = segments_[i];
    BOBBIN_TRY(segment.ready(index_interval_bytes_, segments_.limit(i)));
    const TimeEntry largest = segment.indexes().largest();
    if (largest.timestamp >= at) {
      BOBBIN_TRY_ASSIGN(found, search(i, at));
      if (found) return found;
      // The index tells of one that nothing is left of.
      if (segment.base() >= log_start_ && largest.offset < below_) return damaged(gap_.value_or(largest.offset));
    } else if (largest.timestamp != timestamp_none) {
      gap_.reset();
    }
    if (auto missing = segments_.missing_from(i)) miss(*missing);
  }
  if (gap_) return damaged(*gap_);
  return std::optional<FoundOffset>();
}

Result<std::optional<FoundOffset>> TimeSearch::first_of_largest() {
  TimeEntry largest;
  std::optional<size_t> where;
  for (size_t i = segments_.find(log_start_); i < segments_.size() && segments_[i].base() < below_; i++) {
    BOBBIN_TRY_ASSIGN(entry, largest_of(i));
    if (entry.timestamp > largest.timestamp) {
      largest = entry;
      where = i;
      gap_.reset();
    }
    if (auto missing = segments_.missing_from(i)) miss(*missing);
  }
  if (gap_) return damaged(*gap_);
  if (!where) return std::optional<FoundOffset>();
  BOBBIN_TRY_ASSIGN(found, search(*where, largest.timestamp));
  // The index tells of one that nothing is left of.
  if (!found && segments_[*where].base() >= log_start_) return damaged(gap_.value_or(largest.offset));
  return found;
}

}  // namespace bobbin::log
