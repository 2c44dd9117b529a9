// The life of a log: appending, rolling, syncing, deleting, closing. Opening is in opening.cpp, reading in reading.cpp.
#include "log/log.h"

#include "log/checkpoints.h"
#include "log/retention.h"
#include "record/scan.h"

namespace bobbin::log {

Log::Log(os::World& world, Files& files, const ToOpen& opened, LogParts parts)
    : world_(world), files_(&files), dir_(opened.dir), topic_id_(opened.topic_id), config_(opened.config),
      segments_(std::move(parts.segments)), unsynced_(std::move(parts.unsynced)), epochs_(std::move(parts.epochs)),
      snapshots_(std::move(parts.snapshots)), producers_(std::move(parts.producers)), log_start_(parts.log_start),
      removal_(world, dir_) {}

void Log::update(const LogConfig& config) {
  config_ = config;
  segments_.set_dense(!config_.compact_policy);
}

void Log::use(Files& files) {
  files_ = &files;
  segments_.use(files);
  unsynced_.use(files);
}

// What was refused passes when somebody mends it, and a lack of descriptors by itself.
Error Log::fail(Error e) {
  e = std::move(e).in(dir_);
  if (is_write_refused(e.code) || e.code == Errc::busy) return e;
  const bool is_damage = e.code == Errc::damaged || e.code == Errc::misplaced;
  e.code = is_damage ? Errc::damaged : Errc::kafka_storage_error;
  if (!failed_) failed_ = e;
  return e;
}

// --- appending

namespace {

// What was stored behind the largest end nobody could read.
Status check_end(const std::string& dir, Offset base, int32_t last_offset_delta) {
  if (last_offset_delta < record::log_end_max - base) return {};
  return error(Errc::damaged, dir + ": nothing can be appended at offset " + to_string(base) + ": no log ends behind " +
                                  to_string(record::log_end_max) + ", so what told of that offset is damaged");
}

}  // namespace

Result<Appended> Log::append(Bytes batch, LeaderEpoch epoch, AppendOrigin origin,
                             std::vector<RecordError>* record_errors) {
  if (failed_) return *failed_;
  if (origin == AppendOrigin::replication) return append_as_is(batch);
  return append_client(batch, epoch, origin, record_errors);
}

Result<Inspection> Log::inspect(Bytes batch, AppendOrigin origin) const {
  if (failed_) return *failed_;
  return Inspection::begin(batch, {config_, world_.clock.wall(), origin == AppendOrigin::coordinator});
}

Result<Appended> Log::append_client(Bytes batch, LeaderEpoch epoch, AppendOrigin origin,
                                    std::vector<RecordError>* errors) {
  BOBBIN_TRY_ASSIGN(inspection, inspect(batch, origin));
  if (Status looked = inspection.run(); !looked) {
    if (errors) *errors = inspection.bad_records();
    return std::move(looked).error();
  }
  return append(std::move(inspection), epoch);
}

Result<Appended> Log::append(Inspection inspected, LeaderEpoch epoch) {
  if (failed_) return *failed_;
  Admitted admitted = std::move(inspected).admit(world_.clock.wall());
  if (static_cast<int64_t>(admitted.bytes()) > config_.segment_bytes)
    return error(Errc::record_list_too_large, "the batch is larger than a segment (segment.bytes)");
  BOBBIN_TRY_ASSIGN(duplicate, producers_.check(admitted.view()));
  if (duplicate) return Appended{duplicate->first_offset(), duplicate->last_offset, duplicate->timestamp, true};

  BOBBIN_TRY(check_end(dir_, log_end(), admitted.view().last_offset_delta()));
  admitted.stamp(log_end(), epoch);
  BOBBIN_TRY(store(admitted.header(), admitted.body()));
  Appended done{admitted.view().base_offset(), admitted.view().last_offset()};
  if (admitted.view().timestamp_type() == record::TimestampType::log_append_time)
    done.log_append_time = admitted.view().max_timestamp();
  return done;
}

Result<Appended> Log::append_as_is(Bytes batches) {
  Appended done{log_end(), log_end() - 1};
  bool any = false;
  Status stored;
  auto scanned = record::scan_batches(batches, [&](const record::BatchView& batch, size_t) {
    stored = store_as_is(batch);
    if (!stored) return false;
    if (!any) done.base_offset = batch.base_offset();
    any = true;
    done.last_offset = batch.last_offset();
    return true;
  });
  if (!stored) return std::move(stored).error();
  if (!any) return error(Errc::corrupt_message, dir_ + ": no whole batch");
  if (scanned.end == record::ScanEnd::malformed)
    return error(Errc::corrupt_message, dir_ + ": bytes that are no batch");
  return done;
}

// Checked whole before anything moves.
Status Log::store_as_is(const record::BatchView& batch) {
  const Offset base = batch.base_offset(), end = log_end(), durable = durable_end();
  // A follower begins where its leader's log does, as long as it has no record of its own.
  const bool begins = segments_.empty() && log_start_ == end && base > end;
  if ((base != end && !begins && !(config_.compact_policy && base > end)) || batch.last_offset_delta() < 0)
    return error(Errc::invalid_record, dir_ + ": offset " + to_string(base) + " does not follow " + to_string(end));
  BOBBIN_TRY(check_end(dir_, base, batch.last_offset_delta()));
  if (!batch.crc_is_valid()) return error(Errc::corrupt_message, dir_ + ": the batch's checksum is wrong");
  if (begins) restart(base, base);
  Status stored = store(batch.bytes().substr(0, record::batch_header_bytes), batch.records_bytes());
  if (!stored && begins) restart(end, durable);
  return stored;
}

void Log::restart(Offset start, Offset durable) {
  segments_.restart(start);
  unsynced_.set_durable_end(durable);
  log_start_ = start;
}

Status Log::store(Bytes header, Bytes body) {
  record::BatchView view(header);
  BatchFacts batch{view.base_offset(), view.last_offset(), view.max_timestamp(), header.size() + body.size()};
  bool waits_for_sync = durable_end() < log_end() || unsynced_.has_files();
  if (!waits_for_sync && !files_->has_room()) return error(Errc::busy, dir_ + ": " + std::string(no_room));
  auto make_room = [&]() -> Status {
    BOBBIN_TRY(unsynced_.make_dir(topic_id_));
    BOBBIN_TRY_ASSIGN(must_begin, segments_.must_begin(batch, config_, world_.clock.wall()));
    return must_begin ? roll() : Status();
  };
  if (Status room = make_room(); !room) return fail(std::move(room).error());
  Bytes parts[] = {header, body};
  if (Status written = segments_.append(parts, batch, config_.index_interval_bytes); !written)
    return fail(std::move(written).error());

  // Where the front is gone, the first entry still tells that it was there, and so at once: the next start misses it, too.
  const bool is_first = epochs_.epochs().entries().empty();
  const bool lost_front = view.base_offset() > log_start_;
  epochs_.assign(view.leader_epoch(), is_first ? std::min(view.base_offset(), log_start_) : view.base_offset());
  if (is_first) unsynced_.write_epochs(epochs_, lost_front);
  producers_.apply(view, world_.clock.wall(), marker_of(header, body), config_.producer_expiration_ms);
  // A tenth at once, so that not every batch of a new producer sorts all of them.
  auto most = static_cast<size_t>(config_.producers_max);
  if (producers_.size() > most) producers_.limit(most - most / 10);
  return {};
}

Status Log::roll() {
  if (!segments_.empty()) {
    if (segments_.active().base() == log_end()) return {};
    BOBBIN_TRY(segments_.active().seal(unsynced_.written()));
    BOBBIN_TRY(snapshots_.write(producers_, segments_, unsynced_, removal_));
    BOBBIN_TRY(unsynced_.sync_names_of_segments());
  }
  BOBBIN_TRY(segments_.begin(world_.clock.wall()));
  unsynced_.note_segment();
  return {};
}

Status Log::roll_if_due(Timestamp now) {
  if (failed_) return *failed_;
  if (segments_.empty() || segments_.active().bytes() == 0) return {};
  if (now - segments_.active().data().created() <= config_.segment_ms - config_.segment_jitter_ms) return {};
  if (Status rolled = roll(); !rolled) return fail(std::move(rolled).error());
  return {};
}

// --- syncing

FlushWork Log::begin_flush() {
  return failed_ ? unsynced_.begin_nothing(segments_, *failed_) : unsynced_.begin(segments_, epochs_);
}

void Log::flush_done(Offset end, const Status& status) {
  Status done = unsynced_.done(end, status, segments_, epochs_);
  if (!done && !failed_) failed_ = done.error();
  if (!failed_ && epochs_.tells_start()) removal_.begin();
}

Status Log::checkpoint(Timestamp now) {
  if (failed_) return *failed_;
  if (segments_.empty()) return {};
  producers_.expire(now, config_.producer_expiration_ms);
  epochs_.write_next();
  for (size_t i = 0; i < segments_.size(); i++)
    if (Status flushed = segments_[i].flush_indexes(unsynced_.written()); !flushed)
      return fail(std::move(flushed).error());
  if (Status written = snapshots_.write(producers_, segments_, unsynced_, removal_); !written)
    return fail(std::move(written).error());
  return {};
}

Status Log::prepare_to_close() {
  if (failed_) return *failed_;
  if (segments_.empty()) return {};
  for (size_t i = 0; i < segments_.size(); i++)
    if (Status sealed = segments_[i].seal(unsynced_.written()); !sealed) return fail(std::move(sealed).error());
  return checkpoint(world_.clock.wall());
}

Status Log::close() {
  if (failed_) return *failed_;
  if (unsynced_.is_in_flight()) return error(Errc::busy, dir_ + ": a flush is under way");
  BOBBIN_TRY(prepare_to_close());
  if (!is_dirty()) return {};
  FlushWork flush = begin_flush();
  Status synced = flush.work();
  flush_done(flush.end, synced);
  if (failed_) return *failed_;
  BOBBIN_TRY(synced);
  // The old file would tell the next open of what is no more (evidence.h).
  if (epochs_.is_changed())
    return error(Errc::disk_full, dir_ + ": there is no room for " + std::string(leader_epoch_file));
  return {};
}

Status Log::truncate_to(Offset offset, Offset shown) {
  check(!unsynced_.is_in_flight(), "no flush while a log is truncated");
  check(offset >= shown, "nothing is cut that anybody was shown");
  if (failed_) return *failed_;
  if (offset >= log_end()) return {};
  if (Status done = segments_.cut(offset); !done) return fail(std::move(done).error());
  unsynced_.set_durable_end(std::min(durable_end(), log_end()));
  log_start_ = std::min(log_start_, log_end());
  epochs_.cut(log_end());
  std::vector<std::string> ignored;
  auto loaded = snapshots_.load({world_.storage, segments_, log_start_, world_.clock.wall(),
                                 config_.index_interval_bytes, config_.producer_expiration_ms},
                                ignored);
  if (!loaded) return fail(std::move(loaded).error());
  producers_ = std::move(*loaded);
  return {};
}

// --- deleting

Result<size_t> Log::retention(Timestamp now, Offset high_watermark) {
  // A job that could not rename its files: for want of room the next one tries again, anything else ends the log.
  if (auto why = removal_.take_error()) (void)fail(std::move(*why));
  if (failed_) return *failed_;
  if (removal_.is_busy()) return size_t{0};
  BOBBIN_TRY_ASSIGN(count, expired(now, high_watermark));
  if (count == 0) return count;
  // The log's end must outlive its records: the next segment's name holds it.
  if (count == segments_.size())
    if (Status rolled = roll(); !rolled) return fail(std::move(rolled).error());
  // Gone from this log at once.
  std::vector<std::string> paths = segments_.drop_front(count);
  log_start_ = std::max(log_start_, segments_.first());
  epochs_.begin_at(log_start_, log_end());
  epochs_.write_next();
  for (std::string& path : snapshots_.drop_below(segments_.first())) paths.push_back(std::move(path));
  removal_.add(std::move(paths), config_.file_delete_delay_ms);
  if (epochs_.tells_start()) removal_.begin();
  return count;
}

std::optional<int64_t> Log::due(int64_t now_mono_ms) {
  if (auto why = removal_.take_error()) (void)fail(std::move(*why));
  return removal_.due(now_mono_ms);
}

Status Log::advance_log_start(Offset offset) {
  if (offset < Offset(0) || offset > log_end())
    return error(Errc::offset_out_of_range, dir_ + ": offset " + to_string(offset) + " is not in the log");
  log_start_ = std::max(log_start_, offset);
  epochs_.begin_at(log_start_, log_end());
  return {};
}

// --- in the hands of a job

LentLog::LentLog(std::unique_ptr<Log> log, Files& files)
    : files_(files), own_files_(files.for_job()), log_(std::move(log)) {
  log_->use(own_files_);
}

std::unique_ptr<Log> LentLog::take() {
  log_->use(files_);
  return std::move(log_);
}

}  // namespace bobbin::log
