// Opening a log. After a clean end only the last batches are looked at; after a crash everything above the recovery
// point is read. What is bad above it was promised to nobody: it is cut, and kept beside the segment. What is bad
// below it is damage: reported, never cut, and stepped over by readers.
#include "log/recovery_report.h"

#include <set>

#include "base/mutants.h"
#include "base/uuid.h"
#include "log/checkpoints.h"
#include "log/evidence.h"
#include "log/log.h"

namespace bobbin::log {

namespace {

constexpr Offset no_limit{INT64_MAX};
constexpr uint64_t copy_bytes = 256 * 1024;

std::string text(Offset offset) { return std::to_string(offset.value); }

}  // namespace

class Opening {
 public:
  Opening(Log& log, const OpenHint& hint, RecoveryReport& report) : log_(log), hint_(hint), report_(report) {}
  Status run();

 private:
  Status sort_names(const std::vector<std::string>& names);
  Status remove_leftover(const std::string& name);
  Status check_owner();
  Status store_again(const std::string& name, Bytes contents);
  Result<bool> holds_records();
  Status scan();
  Status check_end(size_t i);
  Status scan_segment(size_t i, Offset from, Offset limit);
  Status cut(size_t i, uint64_t position, const std::string& what);
  Status set_aside(size_t first);
  Result<std::string> keep(Segment& segment, uint64_t position);
  void note_damage(const std::string& file, uint64_t position, Offset first, Offset next, const std::string& what);
  Status load_epochs();
  Status set_marks();

  os::Storage& storage() { return log_.world_.storage; }
  std::string path(const std::string& name) const { return log_.dir_ + "/" + name; }

  Log& log_;
  const OpenHint& hint_;
  RecoveryReport& report_;
  std::vector<Offset> bases_, snapshots_;
  Segments::List segments_;
  bool last_is_damaged_ = false;
  Evidence evidence_;
  Offset scanned_from_ = no_limit;  // the first offset whose batch was looked at
  std::vector<EpochStart> seen_epochs_;
  Offset end_{0};
  bool names_changed_ = false;
  bool was_cut_ = false;
};

Status Opening::run() {
  end_ = std::max(hint_.recovery_point, hint_.log_start);
  auto names = storage().list(log_.dir_);
  if (!names && names.error().code != Errc::not_found) return std::move(names).error();
  BOBBIN_TRY_ASSIGN(evidence, find_evidence(log_.files_, log_.dir_, names ? *names : std::vector<std::string>(), hint_));
  evidence_ = evidence;
  if (names) {
    log_.unsynced_.found_dir();
    BOBBIN_TRY(sort_names(*names));
    BOBBIN_TRY(check_owner());
  }
  for (Offset base : bases_) {
    BOBBIN_TRY_ASSIGN(segment, Segment::adopt(log_.files_, log_.dir_, base));
    segment->set_dense(!log_.config_.compact_policy);
    segments_.push_back(std::move(segment));
  }
  if (segments_.empty()) {
    end_ = std::max(end_, evidence_.end);
    if (end_ > hint_.log_start) note_damage(log_.dir_, 0, hint_.log_start, end_, "the segments are gone");
  } else {
    BOBBIN_TRY(scan());
  }
  log_.segments_ = Segments(log_.files_, log_.dir_, std::move(segments_), end_);
  log_.segments_.set_dense(!log_.config_.compact_policy);
  if (last_is_damaged_) log_.segments_.close_last();
  BOBBIN_TRY(set_marks());
  BOBBIN_TRY(load_epochs());
  log_.snapshots_ = ProducerSnapshots(log_.dir_, std::move(snapshots_));
  BOBBIN_TRY_ASSIGN(producers, log_.snapshots_.load({storage(), log_.segments_, log_.log_start_, log_.world_.clock.wall(),
                                                     log_.config_.index_interval_bytes, log_.config_.producer_expiration_ms}, report_.notes));
  log_.producers_ = std::move(producers);
  if (names_changed_) BOBBIN_TRY(storage().sync_dir(log_.dir_));
  return {};
}

// --- names

Status Opening::sort_names(const std::vector<std::string>& names) {
  std::set<std::string> all(names.begin(), names.end());
  for (const std::string& name : names) {
    if (auto base = parse_offset_name(name, ".log")) bases_.push_back(*base);
    if (auto at = parse_offset_name(name, ".snapshot")) snapshots_.push_back(*at);
    bool is_index = parse_offset_name(name, ".index") || parse_offset_name(name, ".timeindex");
    bool orphan = is_index && !all.count(name.substr(0, name.find('.')) + ".log");
    bool leftover = name.ends_with(".deleted") || name.ends_with(".cleaned") || name.ends_with(".tmp");
    if (orphan || leftover) BOBBIN_TRY(remove_leftover(name));
  }
  return {};
}

Status Opening::remove_leftover(const std::string& name) {
  log_.files_.forget(path(name));
  names_changed_ = true;
  Status gone = storage().unlink(path(name));
  if (!gone && gone.error().code != Errc::not_found) return gone;
  return {};
}

Status Opening::check_owner() {
  if (log_.topic_id_.is_zero()) return {};
  std::string name(partition_metadata_file);
  auto bytes = os::read_whole_file(storage(), path(name));
  if (!bytes && bytes.error().code != Errc::not_found) return std::move(bytes).error();
  auto id = bytes ? parse_partition_metadata(*bytes) : Result<TopicId>(bytes.error());
  if (id && *id == log_.topic_id_) return hint_.clean_shutdown ? Status() : store_again(name, *bytes);
  if (id)
    return error(Errc::inconsistent_topic_id,
                 path(name) + ": the folder belongs to another topic of the same name; move it away");
  BOBBIN_TRY_ASSIGN(has_records, holds_records());
  if (has_records && !hint_.is_vouched_for)
    return error(Errc::damaged, path(name) + (bytes ? ": cannot be read" : ": is missing") +
                                    ", so nobody knows which topic these records are of; write it anew (two lines, `version: 0` "
                                    "and `topic_id: " + to_string(log_.topic_id_) + "`) or move the folder away");
  if (bytes) report_.notes.push_back(path(name) + ": written anew");
  return log_.unsynced_.write(name, encode_partition_metadata(log_.topic_id_));
}

// Whoever wrote it may have died before it was on the disk, or after a sync that failed. In place: it is never half.
Status Opening::store_again(const std::string& name, Bytes contents) {
  BOBBIN_TRY_ASSIGN(file, log_.files_.open_unkept(path(name), os::Open::write));
  BOBBIN_TRY(file->write(contents, 0));
  log_.unsynced_.written().push_back(std::move(file));
  return {};
}

Result<bool> Opening::holds_records() {
  for (Offset base : bases_) {
    BOBBIN_TRY_ASSIGN(stat, storage().stat(path(offset_name(base, ".log"))));
    if (stat.size > 0) return true;
  }
  return false;
}

// --- records

// Which segments are read: the last one after a clean end, all that reach beyond the recovery point otherwise.
Status Opening::scan() {
  size_t i = segments_.size() - 1;
  if (!hint_.clean_shutdown)
    while (i > 0 && segments_[i]->base() > std::max(hint_.recovery_point, hint_.log_start)) i--;
  for (size_t before = 0; before < i; before++) BOBBIN_TRY(check_end(before));
  for (; i < segments_.size(); i++) {
    bool last = i + 1 == segments_.size();
    Offset limit = last ? no_limit : segments_[i + 1]->base();
    BOBBIN_TRY(scan_segment(i, hint_.clean_shutdown ? no_limit : hint_.recovery_point, limit));
    bool gap = !last && i + 1 < segments_.size() && end_ < limit && !log_.config_.compact_policy;
    if (!gap) continue;
    if (end_ >= evidence_.end && !hint_.same_boot) return set_aside(i + 1);
    note_damage(segments_[i]->path(), segments_[i]->bytes(), end_, limit, "the segment ends too early");
  }
  if (end_ < evidence_.end) {
    note_damage(segments_.back()->path(), segments_.back()->bytes(), end_, evidence_.end, "the log ends too early");
    end_ = evidence_.end;
    last_is_damaged_ = true;
  }
  return {};
}

// Of a segment that is not read: whether it leads to the next one.
Status Opening::check_end(size_t i) {
  if (log_.config_.compact_policy) return {};
  Segment& segment = *segments_[i];
  Offset limit = segments_[i + 1]->base();
  if (limit <= hint_.log_start) return {};  // thrown away on purpose, and back after a power cut
  BOBBIN_TRY(segment.ready(log_.config_.index_interval_bytes, limit));
  BOBBIN_TRY_ASSIGN(found, segment.locate(limit - 1, limit));
  if (found.batch && found.batch->view().next_offset() == limit) return {};
  Offset end = segment.base();
  auto see = [&](const BatchAt& batch) -> Result<bool> {
    end = batch.view().next_offset();
    return true;
  };
  BOBBIN_TRY(segment.each_batch(0, segment.base(), limit, see));
  note_damage(segment.path(), segment.bytes(), std::min(end, limit - 1), limit, "the segment does not lead to the next one");
  return {};
}

Status Opening::scan_segment(size_t i, Offset from, Offset limit) {
  Segment& segment = *segments_[i];
  int64_t interval = log_.config_.index_interval_bytes;
  BOBBIN_TRY_ASSIGN(start, segment.resume_indexes(std::max(from, segment.base()), limit));
  segment.note_ready();
  scanned_from_ = std::min(scanned_from_, start.offset);
  end_ = start.offset;

  struct Place {
    uint64_t position;
    Offset offset;
  };
  std::optional<Place> bad, torn, before;
  auto is_followed = [&](uint64_t position, Offset expected) {
    if (i + 1 < segments_.size()) return true;
    auto next = segment.resync(position, expected, limit);
    return next && *next < segment.bytes();
  };
  auto on_bad = [&](uint64_t position, Offset expected) {
    if (!bad) bad = Place{position, expected};
    // A power cut may lose any page that was not synced; the death of a process only cuts its last write short.
    if (expected < evidence_.end || (hint_.same_boot && is_followed(position, expected))) return true;
    torn = Place{position, expected};
    return false;
  };
  BOBBIN_TRY_ASSIGN(file, segment.file());
  HeaderWalk walk(*file, segment.from(start.position, start.offset, limit));
  bool check_crc = !planted(Mutant::cut_too_little);
  for (;;) {
    BOBBIN_TRY_ASSIGN(batch, segment.next_sound(walk, limit, on_bad, check_crc));
    if (bad && !torn)
      note_damage(segment.path(), bad->position, bad->offset,
                  batch ? batch->view().base_offset() : std::max(bad->offset, std::min(limit, evidence_.end)),
                  "not what was written");
    if (!batch) break;
    bad.reset();
    auto view = batch->view();
    segment.index({view.base_offset(), view.last_offset(), view.max_timestamp(), batch->bytes}, batch->position, interval);
    seen_epochs_.push_back({view.leader_epoch(), view.base_offset()});
    report_.scanned_bytes += batch->bytes;
    before = Place{batch->position, view.base_offset()};
    end_ = view.next_offset();
  }
  // A checkpoint writes the entries before it moves the recovery point. Few batches have none.
  if (!start.kept) {
    BOBBIN_TRY_ASSIGN(has_entries, segment.has_entries_below(hint_.recovery_point));
    if (has_entries) report_.notes.push_back(segment.path() + ": indexes built anew");
  }
  bool last = i + 1 == segments_.size();
  if (bad && !torn && last) last_is_damaged_ = true;  // the damage reaches to the end of the file
  if (!torn) return {};
  if (planted(Mutant::cut_too_much) && before) {
    torn = before;
    end_ = before->offset;
  }
  BOBBIN_TRY(cut(i, torn->position, "cut short, or never completely written"));
  return set_aside(i + 1);
}

void Opening::note_damage(const std::string& file, uint64_t position, Offset first, Offset next, const std::string& what) {
  // The end of one damage is told once: the log that is too short ends in it.
  if (!report_.damage.empty() && report_.damage.back().file == file && report_.damage.back().next >= next &&
      report_.damage.back().first <= first)
    return;
  report_.damage.push_back({file, position, first, next,
                            what + ": offsets " + text(first) + " to " + text(next - 1) +
                                " cannot be read here; everything else can"});
}

// --- cutting

// The segment ends at `position` from now on. Synced at once: what was cut must not come back behind new records.
Status Opening::cut(size_t i, uint64_t position, const std::string& what) {
  Segment& segment = *segments_[i];
  Cut report{segment.path(), position, segment.bytes() - position, end_, {}, what};
  BOBBIN_TRY_ASSIGN(kept, keep(segment, position));
  report.kept_in = kept;
  BOBBIN_TRY(segment.truncate(position, end_));
  BOBBIN_TRY_ASSIGN(resumed, segment.resume_indexes(end_, no_limit));
  BOBBIN_TRY(segment.each_batch(resumed.position, resumed.offset, no_limit, [&](const BatchAt& batch) -> Result<bool> {
    auto view = batch.view();
    segment.index({view.base_offset(), view.last_offset(), view.max_timestamp(), batch.bytes}, batch.position,
                  log_.config_.index_interval_bytes);
    return true;
  }));
  BOBBIN_TRY_ASSIGN(file, segment.file());
  BOBBIN_TRY(file->sync());
  names_changed_ = was_cut_ = true;
  report_.cuts.push_back(std::move(report));
  return {};
}

// Copies what is about to be cut to "NNN.log.cut.OFFSET" and syncs that. Nothing but zeros is not kept.
Result<std::string> Opening::keep(Segment& segment, uint64_t position) {
  BOBBIN_TRY_ASSIGN(from, segment.file());
  std::string name = segment.path() + ".cut." + text(end_);
  for (int n = 2; storage().stat(name).ok(); n++) name = segment.path() + ".cut." + text(end_) + "-" + std::to_string(n);
  std::unique_ptr<os::File> to;
  uint64_t written = 0;
  for (uint64_t at = position; at < segment.bytes();) {
    std::string buffer(std::min(copy_bytes, segment.bytes() - at), '\0');
    BOBBIN_TRY_ASSIGN(got, from->read(std::span<char>(buffer.data(), buffer.size()), at));
    if (got == 0) break;
    buffer.resize(got);
    if (!to && buffer.find_first_not_of('\0') != std::string::npos) {
      BOBBIN_TRY_ASSIGN(made, storage().open(name, os::Open::create_new));
      to = std::move(made);
      written = at - position;  // zeros so far: a hole
    }
    if (to) BOBBIN_TRY(to->write(Bytes(buffer), written));
    written += got;
    at += got;
  }
  if (!to) return std::string();
  BOBBIN_TRY(to->sync());
  return name;
}

// Whole segments behind a cut: nothing leads to them any more.
Status Opening::set_aside(size_t first) {
  for (; segments_.size() > first; segments_.pop_back()) {
    Segment& segment = *segments_.back();
    std::string kept = segment.path() + ".cut." + text(end_);
    for (int n = 2; storage().stat(kept).ok(); n++) kept = segment.path() + ".cut." + text(end_) + "-" + std::to_string(n);
    report_.cuts.push_back({segment.path(), 0, segment.bytes(), end_, segment.bytes() ? kept : "", "what leads to it was lost"});
    names_changed_ = was_cut_ = true;
    for (const std::string& file : segment.paths()) log_.files_.forget(file);
    if (segment.bytes()) BOBBIN_TRY(storage().rename(segment.path(), kept));
    for (const std::string& file : segment.paths()) {
      Status gone = storage().unlink(file);
      if (!gone && gone.error().code != Errc::not_found) return gone;
    }
  }
  return {};
}

// --- what follows from the records

Status Opening::set_marks() {
  auto& segments = log_.segments_;
  Offset first = segments.first();
  // What is known to be missing at the front stays a part of the log: reading it tells.
  Offset start = hint_.recovery_point > hint_.log_start || segments.empty() ? hint_.log_start : first;
  if (evidence_.start) start = *evidence_.start;
  bool lost_front = first > start && (segments.empty() ? evidence_.end > start : hint_.clean_shutdown);
  if (lost_front && !segments.empty()) note_damage(log_.dir_, 0, start, first, "the segments are gone");
  log_.log_start_ = lost_front ? start : std::min(std::max(first, hint_.log_start), end_);
  bool clean = hint_.clean_shutdown && !was_cut_;
  Offset durable_end = clean ? end_ : std::min(hint_.recovery_point, end_);
  log_.unsynced_.set_durable_end(durable_end);
  if (clean) log_.unsynced_.trust_names();
  if (clean || !log_.unsynced_.has_dir()) return {};
  // Its files are all in the page cache, but maybe not on the disk.
  log_.unsynced_.note_name();
  // Nor is what an earlier life cut off from the last indexes (evidence.h).
  if (!segments.empty()) segments.active().note_indexes_unsynced();
  for (size_t i = 0; i < segments.size(); i++) {
    Offset limit = segments.limit(i);
    if (limit <= durable_end) continue;
    BOBBIN_TRY_ASSIGN(position, segments[i].position_of(durable_end, limit));
    BOBBIN_TRY(segments[i].rewrite_from(position));
    BOBBIN_TRY(segments[i].note_unsynced_from(position));
  }
  return {};
}

Status Opening::load_epochs() {
  if (log_.segments_.empty() && end_ == log_.log_start_) {
    // Of a log of which nothing is left; the next open would believe it.
    bool is_there = storage().stat(path(std::string(leader_epoch_file))).ok();
    return is_there ? remove_leftover(std::string(leader_epoch_file)) : Status();
  }
  Epochs epochs;
  auto bytes = os::read_whole_file(storage(), path(std::string(leader_epoch_file)));
  auto parsed = bytes ? Epochs::parse(*bytes) : Result<Epochs>(bytes.error());
  Offset known_to = parsed ? std::min(hint_.recovery_point, end_) : log_.log_start_;
  if (parsed) {
    epochs = std::move(*parsed);
    epochs.truncate_from_end(std::min(scanned_from_, end_));  // what was scanned comes from the records
    epochs.truncate_from_start(log_.log_start_);
  } else {
    if (end_ > log_.log_start_ && (!bytes || !bytes->empty()) && hint_.recovery_point > log_.log_start_)
      report_.notes.push_back(path(std::string(leader_epoch_file)) + ": built anew from the records");
    seen_epochs_.clear();
    for (size_t i = 0; i < log_.segments_.size(); i++) {
      Segment& segment = log_.segments_[i];
      auto see = [&](const BatchAt& batch) -> Result<bool> {
        seen_epochs_.push_back({batch.view().leader_epoch(), batch.view().base_offset()});
        return true;
      };
      BOBBIN_TRY(segment.each_batch(0, segment.base(), log_.segments_.limit(i), see));
    }
  }
  for (const EpochStart& seen : seen_epochs_)
    if (seen.epoch > epochs.latest()) epochs.assign(seen.epoch, seen.start);
  bool is_written = bytes && epochs.encode() == *bytes;
  log_.epochs_ = EpochFile(std::move(epochs), is_written, known_to);
  return {};
}

Result<std::unique_ptr<Log>> Log::open(os::World& world, Files& files, std::string dir, TopicId topic_id,
                                       const LogConfig& config, const OpenHint& hint, RecoveryReport& report) {
  std::unique_ptr<Log> log(new Log(world, files, std::move(dir), topic_id, config));
  if (Status opened = Opening(*log, hint, report).run(); !opened) return std::move(opened).error().in(log->dir_);
  return log;
}

}  // namespace bobbin::log
