// Deleting: whole segments, oldest first, by age, by size, and below the log start (Kafka's rules, protocol.md 3.8).
#include "log/log.h"

namespace bobbin::log {

// How many segments from the first on may go; may count the active one.
Result<size_t> Log::expired_segments(Timestamp now, Offset high_watermark) {
  auto total = static_cast<int64_t>(size_bytes());
  size_t count = 0;
  for (; count < segments_.size(); count++) {
    Segment& segment = segments_[count];
    bool is_active = count + 1 == segments_.size();
    Offset end = segments_.limit(count);
    if (end > high_watermark || (is_active && segment.base() == log_end())) break;
    auto bytes = static_cast<int64_t>(segment.bytes());
    bool below_start = end <= log_start_ && !is_active;
    bool too_much = config_.delete_policy && config_.retention_bytes >= 0 && total - bytes >= config_.retention_bytes;
    bool too_old = false;
    if (config_.delete_policy && config_.retention_ms >= 0 && !below_start && !too_much) {
      BOBBIN_TRY(segment.ready(config_.index_interval_bytes, end));
      Timestamp newest = segment.largest().timestamp;
      if (newest < Timestamp(0)) newest = segment.created();
      too_old = now - newest > config_.retention_ms;
    }
    if (!below_start && !too_much && !too_old) break;
    total -= bytes;
  }
  return count;
}

Result<size_t> Log::retention(Timestamp now, Offset high_watermark) {
  note_doomed();
  if (failed_) return *failed_;
  if (doomed_->renaming) return size_t{0};  // one after the other: see remove_segments
  BOBBIN_TRY_ASSIGN(count, expired_segments(now, high_watermark));
  if (count == 0) return count;
  // The log's end must outlive its records: the next segment's name holds it.
  if (count == segments_.size())
    if (Status rolled = roll(); !rolled) return fail(std::move(rolled).error());
  remove_segments(count);
  return count;
}

// Gone from this log at once. The files are renamed by a job, which first makes the names of newer segments durable:
// a directory that lost both would have forgotten where its log ends. The oldest segment goes first, and each is gone for
// good before the next one goes: a power cut that brought back some of them would leave a log with a hole, and what lies
// behind a hole looks as if it had never been promised.
void Log::remove_segments(size_t count) {
  std::vector<std::string> paths = std::exchange(doomed_->unfinished, {});
  for (std::string& path : segments_.drop_front(count)) paths.push_back(std::move(path));
  Offset first = segments_.first();
  log_start_ = std::max(log_start_, first);
  epochs_.begin_at(log_start_, log_end());
  while (!snapshots_.empty() && snapshots_.front() < first) {
    paths.push_back(dir_ + "/" + offset_name(snapshots_.front(), ".snapshot"));
    snapshots_.erase(snapshots_.begin());
  }
  for (const std::string& path : paths) files_.forget(path);

  auto outcome = std::make_shared<Status>();
  auto work = [&storage = world_.storage, dir = dir_, paths, outcome] {
    *outcome = storage.sync_dir(dir);
    for (size_t i = 0; i < paths.size() && *outcome; i++) {
      *outcome = storage.rename(paths[i], paths[i] + ".deleted");
      if (!*outcome && outcome->error().code == Errc::not_found) *outcome = Status();
      if (*outcome && paths[i].ends_with(".log")) *outcome = storage.sync_dir(dir);
    }
  };
  doomed_->renaming = true;
  auto done = [doomed = doomed_, paths, outcome, &clock = world_.clock, delay = config_.file_delete_delay_ms] {
    doomed->renaming = false;
    if (!*outcome) {
      doomed->error = outcome->error();
      doomed->unfinished = paths;
      return;
    }
    for (const std::string& path : paths) doomed->files.push_back({clock.mono_ms() + delay, path + ".deleted"});
  };
  world_.jobs.submit(std::move(work), std::move(done));
}

// A job that could not rename its files: for want of room the next one tries again, anything else ends the log.
void Log::note_doomed() {
  if (!doomed_->error) return;
  (void)fail(std::move(*doomed_->error));
  doomed_->error.reset();
}

std::optional<int64_t> Log::due(int64_t now_mono_ms) {
  note_doomed();
  std::vector<std::string> paths;
  auto& files = doomed_->files;
  while (!files.empty() && files.front().first <= now_mono_ms) {
    paths.push_back(files.front().second);
    files.pop_front();
  }
  if (!paths.empty()) {
    auto work = [&storage = world_.storage, paths] {
      for (const std::string& path : paths) (void)storage.unlink(path);  // the next open tries again
    };
    world_.jobs.submit(std::move(work), [] {});
  }
  if (files.empty()) return std::nullopt;
  return files.front().first;
}

Status Log::advance_log_start(Offset offset) {
  if (offset < Offset(0) || offset > log_end())
    return error(Errc::offset_out_of_range, dir_ + ": offset " + std::to_string(offset.value) + " is not in the log");
  log_start_ = std::max(log_start_, offset);
  epochs_.begin_at(log_start_, log_end());
  return {};
}

}  // namespace bobbin::log
