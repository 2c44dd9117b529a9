#include "log/unsynced.h"

#include <algorithm>

#include "base/mutants.h"
#include "log/checkpoints.h"

namespace bobbin::log {

bool Unsynced::is_dirty(const Segments& segments, const EpochFile& epochs) const {
  if (names_ || parent_ || !written_.empty() || epochs.is_due()) return true;
  return durable_end_ < segments.end() || segments.is_dirty();
}

Status Unsynced::make_dir(const TopicId& topic) {
  if (dir_exists_) return {};
  BOBBIN_TRY(files_->storage().make_dir(dir_));
  parent_ = true;
  if (!topic.is_zero()) BOBBIN_TRY(write(std::string(partition_metadata_file), encode_partition_metadata(topic)));
  dir_exists_ = true;
  return {};
}

Status Unsynced::write(const std::string& name, Bytes contents) {
  BOBBIN_TRY_ASSIGN(file, files_->open_unkept(dir_ + "/" + name, os::Open::create));
  names_ = true;
  BOBBIN_TRY(file->truncate(0));
  BOBBIN_TRY(file->write(contents, 0));
  written_.push_back(std::move(file));
  return {};
}

void Unsynced::write_epochs(EpochFile& epochs, bool is_synced) {
  if (flush_ || epochs.epochs().entries().empty()) return;
  if (!write(std::string(leader_epoch_file), epochs.epochs().encode())) return;
  if (is_synced) epochs.written();
  else written_.pop_back();
}

void Unsynced::note_segment() {
  names_ = true;
  newest_name_durable_ = false;
}

Status Unsynced::sync_names_of_segments() {
  if (newest_name_durable_ || planted(Mutant::skip_dir_sync)) return {};
  return files_->storage().sync_dir(dir_);
}

// --- a flush

struct Unsynced::Work {
  os::Storage& storage;
  std::string dir;
  std::vector<std::shared_ptr<os::File>> files;
  std::vector<std::pair<std::shared_ptr<os::File>, std::string>> named;  // those of segments, with their paths
  std::optional<EpochFile::ToWrite> epochs;
  std::vector<std::string> dirs;
  std::shared_ptr<EpochFile::Outcome> epochs_outcome;
  std::shared_ptr<std::vector<std::string>> nameless;

  Status write_epochs() const;
  Status operator()() const;
};

namespace {

// os::write_whole_file, but that its directory is still to be synced.
Status write_beside(os::Storage& storage, const std::string& path, Bytes contents) {
  {
    BOBBIN_TRY_ASSIGN(file, storage.open(path + ".tmp", os::Open::create));
    BOBBIN_TRY(file->truncate(0));
    BOBBIN_TRY(file->write(contents, 0));
    BOBBIN_TRY(file->sync());
  }
  return storage.rename(path + ".tmp", path);
}

}  // namespace

// On a disk that takes nothing the old file stays, and the records know better: that is no reason to give up the log. Unless
// it tells of what is to be removed, which may be all that makes room: then they have to do without it.
Status Unsynced::Work::write_epochs() const {
  const std::string path = dir + "/" + std::string(leader_epoch_file);
  Status written = write_beside(storage, path, epochs->text);
  if (written) *epochs_outcome = EpochFile::Outcome::written;
  if (written || (!is_write_refused(written.error().code) && written.error().code != Errc::misplaced)) return written;
  if (!epochs->moves_start) return {};
  Status gone = storage.unlink(path);
  if (gone || gone.error().code == Errc::not_found) *epochs_outcome = EpochFile::Outcome::removed;
  return {};
}

Status Unsynced::Work::operator()() const {
  for (const auto& file : files) BOBBIN_TRY(file->sync());
  for (const auto& [file, path] : named) {
    BOBBIN_TRY_ASSIGN(is_there, file->is_at(path));
    if (!is_there) nameless->push_back(path);
  }
  if (epochs) BOBBIN_TRY(write_epochs());
  for (const std::string& each : dirs) BOBBIN_TRY(storage.sync_dir(each));
  return {};
}

FlushWork Unsynced::begin_nothing(const Segments& segments, const Error& why) {
  check(!flush_, "one flush of a log at a time");
  flush_ = Flush{};
  flush_->end = segments.end();
  return {[why] { return Status(why); }, segments.end()};
}

FlushWork Unsynced::begin(Segments& segments, EpochFile& epochs) {
  check(!flush_, "one flush of a log at a time");
  flush_ = Flush{};
  flush_->end = segments.end();
  flush_->newest_name = names_ && !segments.empty() ? segments.active().base() : offset_none;
  flush_->files = std::exchange(written_, {});
  flush_->names = std::exchange(names_, false);
  flush_->parent = std::exchange(parent_, false);
  std::optional<EpochFile::ToWrite> to_write = epochs.begin();
  flush_->epochs = to_write.has_value();

  Work work{files_->storage(), dir_, flush_->files, {}, std::move(to_write), dirs_of(*flush_), flush_->epochs_outcome,
            flush_->nameless};
  if (Status ready = add_segments(segments, work); !ready)
    return {[why = ready.error()] { return Status(why); }, flush_->end};
  return {std::move(work), flush_->end};
}

Status Unsynced::add_segments(Segments& segments, Work& to) {
  for (size_t i = 0; i < segments.size(); i++) {
    Segment& segment = segments[i];
    if (!segment.data().is_dirty()) continue;
    BOBBIN_TRY_ASSIGN(file, segment.file());
    to.files.push_back(file);
    to.named.push_back({file, segment.path()});
    flush_->segments.push_back({segment.base(), segment.bytes()});
  }
  return {};
}

std::vector<std::string> Unsynced::dirs_of(const Flush& flush) const {
  std::vector<std::string> dirs;
  if (planted(Mutant::skip_dir_sync)) return dirs;
  if (flush.names || flush.epochs) dirs.push_back(dir_);
  if (flush.parent) dirs.push_back(dir_.substr(0, dir_.rfind('/')));
  return dirs;
}

Status Unsynced::done(Offset end, const Status& status, Segments& segments, EpochFile& epochs) {
  check(flush_ && flush_->end == end, "the flush that was begun");
  Flush flush = std::move(*flush_);
  flush_.reset();
  if (!status && status.error().code == Errc::busy) {
    take_back(std::move(flush), epochs);
    return {};
  }
  // Never tried again as if nothing had happened: the kernel may have dropped what it could not write. Not even a full disk
  // is an excuse here.
  if (!status) return error(Errc::kafka_storage_error, dir_ + ": sync failed: " + status.error().message);
  BOBBIN_TRY(check_names(flush, segments));
  durable_end_ = std::max(durable_end_, end);
  if (flush.epochs) epochs.done(*flush.epochs_outcome);
  if (!segments.empty() && flush.newest_name == segments.active().base()) newest_name_durable_ = true;
  for (const auto& [base, bytes] : flush.segments)
    if (Segment* segment = segments.beginning_at(base)) segment->note_synced(bytes);
  return {};
}

// Retention takes names away too, but those segments are the log's no more.
Status Unsynced::check_names(const Flush& flush, const Segments& segments) {
  for (const std::string& path : *flush.nameless) {
    bool is_ours = false;
    for (size_t i = 0; i < segments.size(); i++) is_ours = is_ours || segments[i].path() == path;
    if (!is_ours) continue;
    has_lost_a_name_ = true;
    return error(Errc::damaged, path +
                                    ": somebody removed or moved it while it was written to; where no other broker has "
                                    "a copy, put it back and start the broker anew, or delete the topic");
  }
  return {};
}

void Unsynced::take_back(Flush flush, EpochFile& epochs) {
  written_.insert(written_.begin(), flush.files.begin(), flush.files.end());
  names_ = names_ || flush.names;
  parent_ = parent_ || flush.parent;
  if (flush.epochs) epochs.done(EpochFile::Outcome::not_written);
}

}  // namespace bobbin::log
