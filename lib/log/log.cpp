// The life of a log: appending, rolling, syncing, deleting, closing. Opening is in opening.cpp, reading in reading.cpp.
#include "log/log.h"

#include "log/checkpoints.h"
#include "log/retention.h"
#include "record/scan.h"

namespace bobbin::log {

Log::Log(os::World& world, Files& files, const ToOpen& opened, LogParts parts)
    : world_(world), files_(&files), dir_(opened.dir), topic_id_(opened.topic_id), config_(opened.config),
      parts_(std::move(parts)), removal_(world, dir_), failure_(dir_) {}

void Log::update(const LogConfig& config) {
  config_ = config;
  parts_.segments.set_dense(!config_.compact_policy);
}

void Log::use(Files& files) {
  files_ = &files;
  parts_.segments.use(files);
  parts_.unsynced.use(files);
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
  if (failed()) return *failed();
  if (origin == AppendOrigin::replication) return append_as_is(batch);
  BOBBIN_TRY_ASSIGN(inspection, inspect(batch, origin));
  if (Status looked = inspection.run(); !looked) {
    if (record_errors) *record_errors = inspection.bad_records();
    return std::move(looked).error();
  }
  return append(std::move(inspection), epoch);
}

Result<Inspection> Log::inspect(Bytes batch, AppendOrigin origin) const {
  if (failed()) return *failed();
  return Inspection::begin(batch, {config_, world_.clock.wall(), origin == AppendOrigin::coordinator});
}

Result<Appended> Log::append(Inspection inspected, LeaderEpoch epoch) {
  if (failed()) return *failed();
  Admitted admitted = std::move(inspected).admit(world_.clock.wall());
  if (static_cast<int64_t>(admitted.bytes()) > config_.segment_bytes)
    return error(Errc::record_list_too_large, "the batch is larger than a segment (segment.bytes)");
  BOBBIN_TRY_ASSIGN(duplicate, parts_.producers.check(admitted.view()));
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
  const bool begins = parts_.segments.bytes() == 0 && parts_.log_start == end && base > end;
  if ((base != end && !begins && !(config_.compact_policy && base > end)) || batch.last_offset_delta() < 0)
    return error(Errc::invalid_record, dir_ + ": offset " + to_string(base) + " does not follow " + to_string(end));
  BOBBIN_TRY(check_end(dir_, base, batch.last_offset_delta()));
  if (!batch.crc_is_valid()) return error(Errc::corrupt_message, dir_ + ": the batch's checksum is wrong");
  if (begins) parts_.restart(base, base);
  Status stored = store(batch.bytes().substr(0, record::batch_header_bytes), batch.records_bytes());
  if (!stored && begins) parts_.restart(end, durable);
  return stored;
}

Status Log::store(Bytes header, Bytes body) {
  record::BatchView view(header);
  const BatchFacts batch{view.base_offset(), view.last_offset(), view.max_timestamp(), header.size() + body.size()};
  const Timestamp now = world_.clock.wall();
  bool waits_for_sync = durable_end() < log_end() || parts_.unsynced.has_files();
  if (!waits_for_sync && !files_->has_room()) return error(Errc::busy, dir_ + ": " + std::string(no_room));
  auto make_room = [&]() -> Status {
    BOBBIN_TRY(parts_.unsynced.make_dir(topic_id_));
    BOBBIN_TRY_ASSIGN(must_begin, parts_.segments.must_begin(batch, config_, now));
    return must_begin ? parts_.roll(removal_, now) : Status();
  };
  if (Status room = make_room(); !room) return failure_.of(std::move(room).error());
  Bytes parts[] = {header, body};
  if (Status written = parts_.segments.append(parts, batch, config_.index_interval_bytes); !written)
    return failure_.of(std::move(written).error());

  parts_.take_in(header, body, config_, now);
  return {};
}

Status Log::roll_if_due(Timestamp now) {
  if (failed()) return *failed();
  if (parts_.segments.empty() || parts_.segments.active().bytes() == 0) return {};
  if (now - parts_.segments.active().data().created() <= config_.segment_ms - config_.segment_jitter_ms) return {};
  if (Status rolled = parts_.roll(removal_, world_.clock.wall()); !rolled)
    return failure_.of(std::move(rolled).error());
  return {};
}

// --- syncing

FlushWork Log::begin_flush() {
  return failed() ? parts_.unsynced.begin_nothing(parts_.segments, *failed())
                  : parts_.unsynced.begin(parts_.segments, parts_.epochs);
}

void Log::flush_done(Offset end, const Status& status) {
  Status done = parts_.unsynced.done(end, status, parts_.segments, parts_.epochs);
  if (!done) failure_.set(done.error());
  if (!failed() && parts_.epochs.tells_start()) removal_.begin();
}

Status Log::checkpoint(Timestamp now) {
  if (failed()) return *failed();
  if (parts_.segments.empty()) return {};
  parts_.producers.expire(now, config_.producer_expiration_ms);
  parts_.epochs.write_next();
  for (size_t i = 0; i < parts_.segments.size(); i++)
    if (Status flushed = parts_.segments[i].flush_indexes(parts_.unsynced.written()); !flushed)
      return failure_.of(std::move(flushed).error());
  if (Status written = parts_.snapshots.write(parts_.producers, parts_.segments, parts_.unsynced, removal_); !written)
    return failure_.of(std::move(written).error());
  return {};
}

Status Log::prepare_to_close() {
  if (failed()) return *failed();
  if (parts_.segments.empty()) return {};
  for (size_t i = 0; i < parts_.segments.size(); i++)
    if (Status sealed = parts_.segments[i].seal(parts_.unsynced.written()); !sealed)
      return failure_.of(std::move(sealed).error());
  return checkpoint(world_.clock.wall());
}

Status Log::close() {
  if (failed()) return *failed();
  if (parts_.unsynced.is_in_flight()) return error(Errc::busy, dir_ + ": a flush is under way");
  BOBBIN_TRY(prepare_to_close());
  if (!is_dirty()) return {};
  FlushWork flush = begin_flush();
  Status synced = flush.work();
  flush_done(flush.end, synced);
  if (failed()) return *failed();
  BOBBIN_TRY(synced);
  // The old file would tell the next open of what is no more (evidence.h).
  if (parts_.epochs.is_changed())
    return error(Errc::disk_full, dir_ + ": there is no room for " + std::string(leader_epoch_file));
  return {};
}

Status Log::truncate_to(Offset offset, Offset shown) {
  check(!parts_.unsynced.is_in_flight(), "no flush while a log is truncated");
  check(offset >= shown, "nothing is cut that anybody was shown");
  if (failed()) return *failed();
  if (offset >= log_end()) return {};
  if (Status done = parts_.forget_above(offset, world_.storage, dir_); !done)
    return failure_.of(std::move(done).error());
  // From here on what is left is what the next open finds.
  if (Status done = parts_.segments.cut(offset); !done) return failure_.end_with(std::move(done).error());
  parts_.unsynced.set_durable_end(std::min(durable_end(), log_end()));
  parts_.log_start = std::min(parts_.log_start, log_end());
  parts_.epochs.cut(log_end());
  std::vector<std::string> ignored;
  auto loaded = parts_.snapshots.load({world_.storage, parts_.segments, parts_.log_start, world_.clock.wall(),
                                       config_.index_interval_bytes, config_.producer_expiration_ms},
                                      ignored);
  if (!loaded) return failure_.end_with(std::move(loaded).error());
  parts_.producers = std::move(*loaded);
  return {};
}

// --- deleting

Result<size_t> Log::retention(Timestamp now, Offset high_watermark, const RetentionLimits& limits) {
  // A job that could not rename its files: for want of room the next one tries again, anything else ends the log.
  if (auto why = removal_.take_error()) (void)failure_.of(std::move(*why));
  if (failed()) return *failed();
  if (removal_.is_busy()) return size_t{0};
  BOBBIN_TRY_ASSIGN(count, reading().expired(now, high_watermark, limits));
  if (count == 0) return count;
  // The log's end must outlive its records: the next segment's name holds it.
  if (count == parts_.segments.size())
    if (Status rolled = parts_.roll(removal_, world_.clock.wall()); !rolled)
      return failure_.of(std::move(rolled).error());
  // Gone from this log at once.
  std::vector<std::string> paths = parts_.segments.drop_front(count);
  parts_.log_start = std::max(parts_.log_start, parts_.segments.first());
  parts_.epochs.begin_at(parts_.log_start, log_end());
  parts_.epochs.write_next();
  for (std::string& path : parts_.snapshots.drop_below(parts_.segments.first())) paths.push_back(std::move(path));
  removal_.add(std::move(paths), config_.file_delete_delay_ms);
  if (parts_.epochs.tells_start()) removal_.begin();
  return count;
}

std::optional<int64_t> Log::due(int64_t now_mono_ms) {
  if (auto why = removal_.take_error()) (void)failure_.of(std::move(*why));
  return removal_.due(now_mono_ms);
}

Status Log::advance_log_start(Offset offset) {
  const bool is_empty = parts_.segments.bytes() == 0 && parts_.log_start == log_end();
  if (is_empty && offset > log_end() && offset <= record::log_end_max && !parts_.unsynced.is_in_flight()) {
    parts_.restart(offset, offset);
    return {};
  }
  if (offset < Offset(0) || offset > log_end())
    return error(Errc::offset_out_of_range, dir_ + ": offset " + to_string(offset) + " is not in the log");
  parts_.log_start = std::max(parts_.log_start, offset);
  parts_.epochs.begin_at(parts_.log_start, log_end());
  return {};
}

// --- in the hands of a job

LentLog::LentLog(std::unique_ptr<Log> log, Files& files)
    : files_(files), own_files_(files.for_job()), log_(std::move(log)) {
  files_.forget_below(log_->dir_);  // what has that name later may be another file
  log_->use(own_files_);
}

std::unique_ptr<Log> LentLog::take() {
  log_->use(files_);
  return std::move(log_);
}

}  // namespace bobbin::log
