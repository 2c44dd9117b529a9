#include "log/opening.h"

#include <algorithm>
#include <set>

#include "base/uuid.h"
#include "log/checkpoints.h"
#include "log/evidence.h"
#include "log/recovery.h"
#include "record/batch.h"

namespace bobbin::log {

namespace {

// A file that has its offset in its name.
struct NamedFile {
  std::string_view suffix;
  Offset offset;
};

std::optional<NamedFile> file_named(const std::string& name) {
  for (std::string_view suffix : {".log", ".index", ".timeindex", ".snapshot"})
    if (auto offset = parse_offset_name(name, suffix)) return NamedFile{suffix, *offset};
  return std::nullopt;
}

class Opening {
 public:
  Opening(os::World& world, Files& files, const ToOpen& to_open, RecoveryReport& report)
      : storage_(world.storage), now_(world.clock.wall()), files_(files), dir_(to_open.dir),
        topic_id_(to_open.topic_id), config_(to_open.config), hint_(to_open.hint), report_(report),
        unsynced_(files, to_open.dir) {}
  Result<LogParts> run();

 private:
  Status look_around();
  Status take_names(const std::vector<std::string>& names);
  Status check_file(const std::string& name, const std::optional<NamedFile>& file);
  Status find_evidence_of(const std::vector<std::string>& names);
  Status remove_leftover(const std::string& name);
  Status check_owner();
  Status store_again(const std::string& name, Bytes contents);
  Result<bool> holds_records();

  Offset find_start(const Segments& segments);
  Status note_unsynced(Segments& segments, bool was_cut);
  Result<EpochFile> load_epochs(Recovered& recovered, Offset log_start);
  Result<Epochs> scan_epochs(Segments& segments);

  std::string path(std::string_view name) const { return dir_ + "/" + std::string(name); }

  os::Storage& storage_;
  const Timestamp now_;
  Files& files_;
  const std::string& dir_;
  const TopicId& topic_id_;
  const LogConfig& config_;
  OpenHint hint_;
  RecoveryReport& report_;
  Unsynced unsynced_;
  std::vector<Offset> bases_, snapshots_;
  std::vector<std::string> leftovers_;
  Evidence evidence_;
  bool lost_front_ = false;
  bool names_changed_ = false;
};

Result<LogParts> Opening::run() {
  BOBBIN_TRY(look_around());
  BOBBIN_TRY_ASSIGN(recovered, recover({files_, dir_, bases_, config_, hint_, evidence_}, report_));
  names_changed_ = names_changed_ || recovered.was_cut;
  Segments& segments = recovered.segments;
  Offset log_start = find_start(segments);
  BOBBIN_TRY(note_unsynced(segments, recovered.was_cut));
  BOBBIN_TRY_ASSIGN(epochs, load_epochs(recovered, log_start));
  ProducerSnapshots snapshots(dir_, std::move(snapshots_));
  BOBBIN_TRY_ASSIGN(producers, snapshots.load({storage_, segments, log_start, now_, config_.index_interval_bytes,
                                               config_.producer_expiration_ms},
                                              report_.notes));
  if (names_changed_) BOBBIN_TRY(storage_.sync_dir(dir_));
  return LogParts{std::move(segments),  std::move(unsynced_), std::move(epochs),
                  std::move(snapshots), std::move(producers), log_start};
}

// --- names

Status Opening::look_around() {
  auto names = storage_.list(dir_);
  if (!names && names.error().code != Errc::not_found) return std::move(names).error();
  if (names) BOBBIN_TRY(take_names(*names));
  BOBBIN_TRY(find_evidence_of(names ? *names : std::vector<std::string>()));
  if (!names) return {};
  unsynced_.found_dir();
  for (const std::string& name : leftovers_) BOBBIN_TRY(remove_leftover(name));
  return check_owner();
}

Status Opening::find_evidence_of(const std::vector<std::string>& names) {
  BOBBIN_TRY_ASSIGN(found, find_evidence(files_, dir_, names, hint_));
  evidence_ = found;
  if (bases_.empty()) return {};
  const auto [first, last] = std::minmax_element(bases_.begin(), bases_.end());
  // A log that was closed begins nowhere behind its end: such a checkpoint would have all of it thrown away.
  if (hint_.clean_shutdown && hint_.log_start > std::max(found.end, *last)) {
    report_.notes.push_back("DAMAGED: " + std::string(log_start_file) + " says that it begins at offset " +
                            to_string(hint_.log_start) + ", behind its end: not believed");
    hint_.log_start = Offset(0);
    BOBBIN_TRY_ASSIGN(again, find_evidence(files_, dir_, names, hint_));
    evidence_ = again;
  }
  // Retention ends where a segment begins. What else tells of a later start than the files do is not believed alone.
  const bool is_told_alone = evidence_.start && *evidence_.start > std::max(hint_.log_start, *first);
  if (is_told_alone && std::find(bases_.begin(), bases_.end(), *evidence_.start) == bases_.end())
    evidence_.start = std::max(hint_.log_start, *first);
  return {};
}

Status Opening::take_names(const std::vector<std::string>& names) {
  std::set<std::string> all(names.begin(), names.end());
  for (const std::string& name : names) {
    const auto file = file_named(name);
    BOBBIN_TRY(check_file(name, file));
    if (file && file->suffix == ".log") bases_.push_back(file->offset);
    if (file && file->suffix == ".snapshot") snapshots_.push_back(file->offset);
    bool is_index = file && (file->suffix == ".index" || file->suffix == ".timeindex");
    bool orphan = is_index && !all.count(offset_name(file->offset, ".log"));
    bool leftover = name.ends_with(".deleted") || name.ends_with(".cleaned") || name.ends_with(".tmp");
    if (orphan || leftover) leftovers_.push_back(name);
  }
  return {};
}

// What lies where a file of the log belongs is one. Also where it could be done without: nothing of ours made it, nor a name
// that tells of an offset that no log has.
Status Opening::check_file(const std::string& name, const std::optional<NamedFile>& file) {
  if (file && file->offset > record::log_end_max)
    return error(Errc::damaged, path(name) + ": no log has the offset " + to_string(file->offset) +
                                    ", so nothing of this log's made it; move it away");
  if (!file && name != partition_metadata_file && name != leader_epoch_file) return {};
  BOBBIN_TRY_ASSIGN(stat, storage_.stat(path(name)));
  if (!stat.is_dir && !stat.is_other) return {};
  auto opened = storage_.open(path(name), os::Open::read);  // says what it is
  return opened ? Status() : Status(std::move(opened).error());
}

Status Opening::remove_leftover(const std::string& name) {
  files_.forget(path(name));
  names_changed_ = true;
  Status gone = storage_.unlink(path(name));
  if (!gone && gone.error().code != Errc::not_found) return gone;
  return {};
}

Status Opening::check_owner() {
  if (topic_id_.is_zero()) return {};
  std::string name(partition_metadata_file);
  auto bytes = os::read_whole_file(storage_, path(name));
  if (!bytes && bytes.error().code != Errc::not_found) return std::move(bytes).error();
  auto id = bytes ? parse_partition_metadata(*bytes) : Result<TopicId>(bytes.error());
  if (id && *id == topic_id_) return hint_.clean_shutdown ? Status() : store_again(name, *bytes);
  if (id)
    return error(Errc::inconsistent_topic_id,
                 path(name) + ": the folder belongs to another topic of the same name; move it away");
  BOBBIN_TRY_ASSIGN(has_records, holds_records());
  if (has_records && !hint_.is_vouched_for)
    return error(Errc::damaged,
                 path(name) + (bytes ? ": cannot be read" : ": is missing") +
                     ", so nobody knows which topic these records are of; write it anew (two lines, `version: 0` "
                     "and `topic_id: " +
                     to_string(topic_id_) + "`) or move the folder away");
  if (bytes) report_.notes.push_back(path(name) + ": written anew");
  return unsynced_.write(name, encode_partition_metadata(topic_id_));
}

// Whoever wrote it may have died before it was on the disk, or after a sync that failed. In place: it is never half.
Status Opening::store_again(const std::string& name, Bytes contents) {
  BOBBIN_TRY_ASSIGN(file, files_.open_unkept(path(name), os::Open::write));
  BOBBIN_TRY(file->write(contents, 0));
  unsynced_.written().push_back(std::move(file));
  return {};
}

Result<bool> Opening::holds_records() {
  for (Offset base : bases_) {
    BOBBIN_TRY_ASSIGN(stat, storage_.stat(path(offset_name(base, ".log"))));
    if (stat.size > 0) return true;
  }
  return false;
}

// --- what follows from the records

Offset Opening::find_start(const Segments& segments) {
  Offset first = segments.first();
  // What is known to be missing at the front stays a part of the log: reading it tells.
  Offset start = hint_.synced_end() > hint_.log_start || segments.empty() ? hint_.log_start : first;
  if (evidence_.start) start = *evidence_.start;
  lost_front_ = first > start && (segments.empty() ? evidence_.end > start : hint_.clean_shutdown || evidence_.start);
  if (lost_front_ && !segments.empty()) report_.note_damage(dir_, 0, start, first, "the segments are gone");
  return lost_front_ ? start : std::min(std::max(first, evidence_.start.value_or(hint_.log_start)), segments.end());
}

Status Opening::note_unsynced(Segments& segments, bool was_cut) {
  bool clean = hint_.clean_shutdown && !was_cut;
  Offset durable_end = clean ? segments.end() : std::min(hint_.synced_end(), segments.end());
  unsynced_.set_durable_end(durable_end);
  if (clean) unsynced_.trust_names();
  if (clean || !unsynced_.has_dir()) return {};
  // Its files are all in the page cache, but maybe not on the disk.
  unsynced_.note_name();
  // Nor is what an earlier life cut off from the last indexes (evidence.h).
  if (!segments.empty()) segments.active().note_indexes_unsynced();
  for (size_t i = 0; i < segments.size(); i++) {
    Offset limit = segments.limit(i);
    if (limit <= durable_end) continue;
    BOBBIN_TRY_ASSIGN(position, segments[i].position_of(durable_end, limit));
    BOBBIN_TRY(segments[i].store_again_from(position));
  }
  return {};
}

// What was scanned comes from the records, the rest from the file; all of it from the records where there is no such file.
Result<EpochFile> Opening::load_epochs(Recovered& recovered, Offset log_start) {
  Segments& segments = recovered.segments;
  std::string file(leader_epoch_file);
  if (segments.empty() && segments.end() == log_start) {
    // Of a log of which nothing is left; the next open would believe it.
    if (storage_.stat(path(file)).ok()) BOBBIN_TRY(remove_leftover(file));
    return EpochFile();
  }
  auto bytes = os::read_whole_file(storage_, path(file));
  auto epochs = bytes ? Epochs::parse(*bytes) : Result<Epochs>(bytes.error());
  bool was_read = epochs.ok();
  if (was_read) {
    epochs->truncate_from_end(std::min(recovered.scanned_from, segments.end()));
    epochs->truncate_from_start(log_start);
    for (const EpochStart& seen : recovered.scanned) epochs->continue_with(seen);
  } else {
    if (segments.end() > log_start && (!bytes || !bytes->empty()) && hint_.recovery_point > log_start)
      report_.notes.push_back(path(file) + ": built anew from the records");
    epochs = scan_epochs(segments);
    BOBBIN_TRY(epochs);
  }
  epochs->reach_back_to(log_start);
  bool is_written = bytes && epochs->encode() == *bytes;
  EpochFile out(std::move(*epochs), is_written, was_read ? std::min(hint_.recovery_point, segments.end()) : log_start);
  // Whoever comes after a crash has to miss it, too.
  if (lost_front_ && !is_written) unsynced_.write_epochs(out, true);
  return out;
}

Result<Epochs> Opening::scan_epochs(Segments& segments) {
  Epochs epochs;
  for (size_t i = 0; i < segments.size(); i++) {
    auto see = [&](const BatchAt& batch) -> Result<bool> {
      epochs.continue_with({batch.view().leader_epoch(), batch.view().base_offset()});
      return true;
    };
    BOBBIN_TRY(segments[i].batches(segments.limit(i)).each(0, segments[i].base(), see));
  }
  return epochs;
}

}  // namespace

Result<LogParts> open_parts(os::World& world, Files& files, const ToOpen& to_open, RecoveryReport& report) {
  return Opening(world, files, to_open, report).run();
}

}  // namespace bobbin::log
