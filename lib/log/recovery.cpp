#include "log/recovery.h"

#include <algorithm>

#include "base/mutants.h"
#include "log/kept_tail.h"
#include "record/batch.h"

namespace bobbin::log {

namespace {

constexpr Offset no_limit = record::log_end_max;

class Recovery {
 public:
  Recovery(const ToRecover& from, RecoveryReport& report)
      : files_(from.files), dir_(from.dir), config_(from.config), hint_(from.hint), evidence_(from.evidence),
        start_(from.evidence.start.value_or(from.hint.log_start)), report_(report) {}

  Status adopt(const std::vector<Offset>& bases);
  Status scan();
  Recovered result() &&;

 private:
  struct Place {
    uint64_t position;
    Offset offset;
  };
  // What a scan met in one segment.
  struct Met {
    std::optional<Place> bad;     // no sound batch followed yet
    std::optional<Place> torn;    // where it stopped: nothing behind it was promised
    std::optional<Place> before;  // the last sound batch
    bool is_damaged = false;      // what was told stays in the file
  };
  Status check_end(size_t i);
  Status scan_segment(size_t i, Offset from, Offset limit);
  Result<Met> walk(size_t i, const Segment::Resume& start, Offset limit);
  // Compaction never touches the last segment: what was appended since it was begun has no holes.
  SegmentBatches batches_of(const Segment& segment, Offset limit) const {
    const Offset dense_from = limit == no_limit ? evidence_.end : no_limit;
    return segment.batches(limit, hint_.clean_shutdown ? evidence_.end : Offset(0), dense_from);
  }
  std::optional<BatchAt> behind_hole(const Segment& segment, const Place& bad) const;
  Offset end_behind(const Segment& segment, const Place& bad, Offset limit);
  bool is_torn(size_t i, const Place& bad, Offset limit);
  Result<std::string> what_stands(Segment& segment, const Place& bad, const std::string& otherwise);
  void take_in(Segment& segment, const BatchAt& batch);
  void note_end(const Segment& segment, Offset from, Offset next, const std::string& what);
  Status note_rebuilt(const Segment& segment, const Segment::Resume& start);
  Status cut(size_t i, uint64_t position);
  Status set_aside(size_t first);

  Files& files_;
  const std::string& dir_;
  const LogConfig& config_;
  const OpenHint& hint_;
  const Evidence evidence_;
  // Segments below it were thrown away on purpose, and are there because a power cut brought them back, whole or not, or
  // because nobody came to remove them.
  const Offset start_;
  RecoveryReport& report_;
  Segments::List segments_;
  bool is_damaged_ = false;  // the segment that was scanned last
  // What told damage from a batch may be where the log ends now, or the base of a segment that is put aside. So that nothing
  // else is ever made of it, the log goes on in a new segment.
  bool last_is_damaged_ = false;
  std::vector<std::pair<Offset, Offset>> missing_;  // see Segments::note_missing
  Offset scanned_from_ = no_limit;
  std::vector<EpochStart> scanned_;
  Offset end_{0};
  bool was_cut_ = false;
  uint64_t words_effort_ = 64 << 20;  // bytes that are read for better words
};

Status Recovery::adopt(const std::vector<Offset>& bases) {
  for (Offset base : bases) {
    BOBBIN_TRY_ASSIGN(segment, Segment::adopt(files_, dir_, base));
    segment->set_dense(!config_.compact_policy);
    segments_.push_back(std::move(segment));
  }
  return {};
}

// Which segments are read: the last one after a clean end, all that reach beyond the recovery point otherwise.
Status Recovery::scan() {
  end_ = std::max(hint_.recovery_point, start_);
  if (segments_.empty()) {
    end_ = std::max(end_, evidence_.end);
    if (end_ > start_) report_.note_damage(dir_, 0, start_, end_, "the segments are gone");
    return {};
  }
  size_t i = segments_.size() - 1;
  if (!hint_.clean_shutdown)
    while (i > 0 && segments_[i]->base() > end_) i--;
  for (size_t before = 0; before < i; before++) BOBBIN_TRY(check_end(before));
  for (; i < segments_.size(); i++) {
    bool last = i + 1 == segments_.size();
    Offset limit = last ? no_limit : segments_[i + 1]->base();
    BOBBIN_TRY(scan_segment(i, hint_.clean_shutdown ? no_limit : hint_.recovery_point, limit));
    bool gap = !last && i + 1 < segments_.size() && end_ < limit && !config_.compact_policy;
    if (!gap) continue;
    if (end_ >= evidence_.end && !hint_.same_boot) return set_aside(i + 1);
    note_end(*segments_[i], end_, limit, "the segment ends too early");
  }
  if (end_ < evidence_.end) {
    note_end(*segments_.back(), end_, evidence_.end, "the log ends too early");
    end_ = evidence_.end;
    last_is_damaged_ = true;
  }
  return {};
}

Recovered Recovery::result() && {
  Recovered out{Segments(files_, dir_, std::move(segments_), end_), scanned_from_, std::move(scanned_), was_cut_};
  out.segments.set_dense(!config_.compact_policy);
  if (last_is_damaged_) out.segments.close_last();
  for (const auto& [base, from] : missing_) out.segments.note_missing(base, from);
  return out;
}

// Of a segment that is not read: whether it leads to the next one.
Status Recovery::check_end(size_t i) {
  if (config_.compact_policy) return {};
  Segment& segment = *segments_[i];
  Offset limit = segments_[i + 1]->base();
  if (limit <= start_) return {};
  BOBBIN_TRY(segment.ready(config_.index_interval_bytes, limit));
  BOBBIN_TRY_ASSIGN(found, segment.locate(limit - 1, limit));
  if (found.batch && found.batch->view().next_offset() == limit) return {};
  Offset end = segment.base();
  auto see = [&](const BatchAt& batch) -> Result<bool> {
    end = batch.view().next_offset();
    return true;
  };
  BOBBIN_TRY(segment.batches(limit).each(0, segment.base(), see));
  note_end(segment, std::min(end, limit - 1), limit, "the segment does not lead to the next one");
  return {};
}

void Recovery::note_end(const Segment& segment, Offset from, Offset next, const std::string& what) {
  report_.note_damage(segment.path(), segment.bytes(), from, next, what);
  missing_.push_back({segment.base(), from});
}

Status Recovery::scan_segment(size_t i, Offset from, Offset limit) {
  Segment& segment = *segments_[i];
  BOBBIN_TRY_ASSIGN(start, segment.resume_indexes(std::max(from, segment.base()), limit));
  scanned_from_ = std::min(scanned_from_, start.offset);
  end_ = start.offset;
  BOBBIN_TRY_ASSIGN(met, walk(i, start, limit));
  BOBBIN_TRY(note_rebuilt(segment, start));
  bool last = i + 1 == segments_.size();
  is_damaged_ = met.is_damaged;
  if (is_damaged_ && last) last_is_damaged_ = true;
  if (!met.torn) return {};
  if (planted(Mutant::cut_too_much) && met.before) {
    met.torn = met.before;
    end_ = met.before->offset;
  }
  BOBBIN_TRY(cut(i, met.torn->position));
  return set_aside(i + 1);
}

// Batch by batch, from `start` to the end of the file, or to where the tail is torn.
Result<Recovery::Met> Recovery::walk(size_t i, const Segment::Resume& start, Offset limit) {
  Segment& segment = *segments_[i];
  Met met;
  auto on_bad = [&](uint64_t position, Offset expected) {
    Place bad{position, expected};
    if (!met.bad) met.bad = bad;
    if (!is_torn(i, bad, limit)) return true;
    met.torn = bad;
    return false;
  };
  const SegmentBatches batches = batches_of(segment, limit);
  BOBBIN_TRY_ASSIGN(file, segment.file());
  HeaderWalk headers(*file, batches.from(start.position, start.offset));
  for (;;) {
    BOBBIN_TRY_ASSIGN(batch, batches.next_sound(headers, on_bad, !planted(Mutant::cut_too_little)));
    if (met.bad && !met.torn) {
      Offset next = batch ? batch->view().base_offset() : end_behind(segment, *met.bad, limit);
      BOBBIN_TRY_ASSIGN(what, what_stands(segment, *met.bad, "not what was written"));
      report_.note_damage(segment.path(), met.bad->position, met.bad->offset, next, what);
      met.is_damaged = true;
      if (!batch && next > met.bad->offset) missing_.push_back({segment.base(), met.bad->offset});
    }
    if (!batch) return met;
    met.bad.reset();
    met.before = Place{batch->position, batch->view().base_offset()};
    take_in(segment, *batch);
  }
}

// A power cut may lose any page that was not synced; the death of a process only cuts its last write short.
bool Recovery::is_torn(size_t i, const Place& bad, Offset limit) {
  if (bad.offset < evidence_.end) return false;
  if (!hint_.same_boot) return true;
  if (i + 1 < segments_.size() || behind_hole(*segments_[i], bad)) return false;
  auto next = batches_of(*segments_[i], limit).resync(bad.position, bad.offset);
  return !next || *next >= segments_[i]->bytes();
}

// The sound batch of the last segment that stands there, if offsets before it are missing: no write was cut short by that.
std::optional<BatchAt> Recovery::behind_hole(const Segment& segment, const Place& bad) const {
  auto found = batches_of(segment, no_limit).sound_at(bad.position, bad.offset);
  return found ? *found : std::nullopt;
}

// Where a log goes on of which nothing sound is found from here on. Where nothing else tells, offsets that a batch has which
// stands there alone are not given out again, unless they are so far away that its base offset, which no checksum covers, must
// have been spoiled.
Offset Recovery::end_behind(const Segment& segment, const Place& bad, Offset limit) {
  constexpr int64_t missing_max = 1 << 20;
  const Offset told = std::max(bad.offset, std::min(limit, evidence_.end));
  if (hint_.clean_shutdown || told > bad.offset || limit != no_limit) return told;
  auto alone = behind_hole(segment, bad);
  if (!alone) return told;
  auto view = alone->view();
  const bool is_near = view.base_offset() - bad.offset <= missing_max;
  end_ = is_near ? view.next_offset() : bad.offset + (view.last_offset_delta() + 1);
  return end_;
}

// Sound batches of offsets that were there before, as where somebody pasted them once more, are told as such.
Result<std::string> Recovery::what_stands(Segment& segment, const Place& bad, const std::string& otherwise) {
  BOBBIN_TRY_ASSIGN(file, segment.file());
  HeaderWalk walk(*file, {bad.position, segment.bytes(), Offset(0), bad.offset, false});
  std::vector<BatchFacts> again;
  for (;;) {
    BOBBIN_TRY_ASSIGN(batch, walk.next());
    if (!batch || batch->bytes > words_effort_) break;
    words_effort_ -= batch->bytes;
    BOBBIN_TRY_ASSIGN(is_sound, crc_is_valid(*file, *batch));
    if (!is_sound) break;
    again.push_back({batch->view().base_offset(), batch->view().last_offset(), {}, 0});
  }
  if (again.empty()) return otherwise;
  return (again.size() == 1 ? "the batch of " : "batches of ") +
         offsets(again.front().base_offset, again.back().last_offset) +
         (again.size() == 1 ? " stands again" : " stand again");
}

void Recovery::take_in(Segment& segment, const BatchAt& batch) {
  auto view = batch.view();
  segment.index(facts_of(batch), batch.position, config_.index_interval_bytes);
  scanned_.push_back({view.leader_epoch(), view.base_offset()});
  report_.scanned_bytes += batch.bytes;
  end_ = view.next_offset();
}

// A checkpoint writes the entries before it moves the recovery point. Few batches have none.
Status Recovery::note_rebuilt(const Segment& segment, const Segment::Resume& start) {
  if (start.kept) return {};
  BOBBIN_TRY_ASSIGN(has_entries, segment.indexes().has_entries_below(hint_.recovery_point));
  if (has_entries) report_.notes.push_back(segment.path() + ": indexes built anew");
  return {};
}

// --- cutting

// The segment ends at `position` from now on. Synced at once: what was cut must not come back behind new records.
Status Recovery::cut(size_t i, uint64_t position) {
  Segment& segment = *segments_[i];
  BOBBIN_TRY_ASSIGN(what, what_stands(segment, {position, end_}, "cut short, or never completely written"));
  Cut report{segment.path(), position, segment.bytes() - position, end_, {}, what};
  BOBBIN_TRY_ASSIGN(kept, keep_tail(files_.storage(), segment.path(), position, end_));
  report.kept_in = kept;
  BOBBIN_TRY(segment.truncate(position, end_));
  BOBBIN_TRY_ASSIGN(resumed, segment.resume_indexes(end_, no_limit));
  auto see = [&](const BatchAt& batch) -> Result<bool> {
    segment.index(facts_of(batch), batch.position, config_.index_interval_bytes);
    return true;
  };
  BOBBIN_TRY(segment.batches(no_limit).each(resumed.position, resumed.offset, see));
  BOBBIN_TRY_ASSIGN(file, segment.file());
  BOBBIN_TRY(file->sync());
  was_cut_ = true;
  report_.cuts.push_back(std::move(report));
  return {};
}

// Whole segments behind a cut: nothing leads to them any more.
Status Recovery::set_aside(size_t first) {
  last_is_damaged_ = is_damaged_;
  for (; segments_.size() > first; segments_.pop_back()) {
    Segment& segment = *segments_.back();
    std::string kept = segment.bytes() ? kept_name(files_.storage(), segment.path(), end_) : std::string();
    report_.cuts.push_back({segment.path(), 0, segment.bytes(), end_, kept, "what leads to it was lost"});
    was_cut_ = true;
    for (const std::string& file : segment.paths()) files_.forget(file);
    if (segment.bytes()) BOBBIN_TRY(files_.storage().rename(segment.path(), kept));
    for (const std::string& file : segment.paths()) {
      Status gone = files_.storage().unlink(file);
      if (!gone && gone.error().code != Errc::not_found) return gone;
    }
  }
  return {};
}

}  // namespace

Result<Recovered> recover(const ToRecover& from, RecoveryReport& report) {
  Recovery recovery(from, report);
  BOBBIN_TRY(recovery.adopt(from.bases));
  BOBBIN_TRY(recovery.scan());
  return std::move(recovery).result();
}

}  // namespace bobbin::log
