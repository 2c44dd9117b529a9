// Log: the records of one partition in Kafka's directory layout (topic-N/00000000000000000000.log and its indexes).
//
// One process writes a log, the broker that owns the directory; anybody may read the files. What is appended is readable at
// once and durable when durable_end() has passed it.
//
//      log_start                  durable_end          log_end
//  ------|--------------------------|--------------------|
//        |   synced, with every     |  in the page       |
//        |   name that leads there  |  cache             |
//
// A partition without records has no directory; the first append makes it.
//
// Threads: one at a time uses a log, and the Files that it came with: the deciding one. What waits for a disk is work for
// jobs, in two forms:
//   work that took with it all that it needs, while the log goes on: OpenWork, FlushWork, and the jobs of Removal;
//   the log itself, which a job has for itself alone: LentLog, for truncate_to().
//
// What may wait for a disk all the same:
//   append, roll_if_due    one directory sync, where a segment is begun and no flush has made the name of the one before it
//                          durable: who flushes between them never waits. Making the first files of a segment
//   read, reading()        unless asked under os::ColdRead: pages that are not in memory, of the records, of an index block or
//                          two, or of a whole segment whose indexes a crash took
//   open, close, truncate_to   for as long as that takes
// Writing goes to the page cache, where the kernel holds back whoever writes much more than the disk takes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "log/admission.h"
#include "log/files.h"
#include "log/log_failure.h"
#include "log/log_parts.h"
#include "log/opening.h"
#include "log/reading.h"
#include "log/removal.h"
#include "os/seam.h"

namespace bobbin::log {

enum class AppendOrigin {
  client,       // checked in Kafka's order; offsets, epoch and times are assigned
  coordinator,  // our own broker: as a client, but control batches and any time are let in
  replication   // a leader's batches, one or several, taken as they are: offsets and epochs kept
};

struct Appended {
  Offset base_offset;
  Offset last_offset;
  Timestamp log_append_time = timestamp_none;  // only under LogAppendTime, or for a duplicate (its max timestamp)
  bool duplicate = false;                      // an idempotent batch that was here already: nothing was appended
};

class Log {
 public:
  Log(os::World& world, Files& files, const ToOpen& opened, LogParts parts);

  // Appends one batch, all or nothing (replication: one or more, and on an error those before it stay). The bytes are not
  // changed: what the broker assigns is written from a private copy of the header. Whether the caller still leads is the
  // caller's question: a lower epoch than before is taken. Errors are Kafka's (LogValidator, ProducerStateManager);
  // besides, disk_full and what else is_write_refused(): nothing was appended, try again when that is mended; busy: the
  // same, for want of a descriptor; kafka_storage_error, damaged: the log has failed; damaged also where it would end behind
  // record::log_end_max. `record_errors`, if given, names the records that made a batch invalid.
  Result<Appended> append(Bytes batch, LeaderEpoch epoch, AppendOrigin origin,
                          std::vector<RecordError>* record_errors = nullptr);
  // The same in two steps, for a client's batch whose records take long to look at (admission.h): begun here, run anywhere,
  // and appended when that went well.
  Result<Inspection> inspect(Bytes batch, AppendOrigin origin = AppendOrigin::client) const;
  Result<Appended> append(Inspection inspected, LeaderEpoch epoch);

  // See reading.h.
  Result<std::string> read(Offset from, Offset below, size_t bytes_max, bool at_least_one) {
    return reading().read(from, below, bytes_max, at_least_one);
  }
  // Where records lie, which have a time, and how many are too old. Not to be kept.
  Reading reading() { return {parts_.segments, config_, parts_.log_start}; }

  // Which epoch each stretch was appended in.
  const Epochs& epochs() const { return parts_.epochs.epochs(); }

  Offset log_start() const { return parts_.log_start; }
  Offset log_end() const { return parts_.segments.end(); }
  Offset durable_end() const { return parts_.unsynced.durable_end(); }
  // Where reading must begin after a crash: below it records, and what is derived from them, are on the disk. Of a log whose
  // files somebody took: how far it had been.
  Offset recovery_point() const {
    return parts_.unsynced.has_lost_a_name() ? durable_end() : parts_.epochs.known_below(durable_end());
  }
  const Segments& segments() const { return parts_.segments; }
  const Producers& producers() const { return parts_.producers; }
  // Set for ever by a failed write or sync (kafka_storage_error), or by what somebody did to its files (damaged): appends
  // answer this. Reads go on.
  const std::optional<Error>& failed() const { return failure_.why(); }

  // Whether there is anything to flush, also names and indexes.
  bool is_dirty() const { return parts_.unsynced.is_dirty(parts_.segments, parts_.epochs); }
  // One at a time: must not be called again before flush_done().
  FlushWork begin_flush();
  // Moves durable_end, or makes the log failed for ever. Errc::busy (no descriptor was free) does neither: everything is
  // still to be flushed. A segment that somebody removed or moved meanwhile is not on the disk, whatever `status` says:
  // that fails the log, too.
  void flush_done(Offset end, const Status& status);

  // Deletes whole segments below `high_watermark` by age and size, and those below log_start. An active segment
  // that is too old is rolled first. Returns how many went. The next flush makes it durable where the log begins now; then
  // files are renamed .deleted by a job (once the names of newer segments are durable), and removed by due() after
  // file.delete.delay.ms.
  Result<size_t> retention(Timestamp now, Offset high_watermark, const RetentionLimits& limits = {});
  // Removes files whose delay is over. Returns when to call again (mono_ms), or nothing.
  std::optional<int64_t> due(int64_t now_mono_ms);
  // Rolls the active segment if its time is over (segment.ms); size is looked at by append.
  Status roll_if_due(Timestamp now);
  // Kafka's DeleteRecords: nothing below `offset` is readable afterwards. The broker keeps log_start in its checkpoint.
  // offset_out_of_range: it is behind the end. But a log that holds no record ends there, too, then: a follower's, whose
  // leader's log begins there; or if that came to lead it would give offsets away again.
  Status advance_log_start(Offset offset);
  // Producer snapshot and index entries to the page cache, so that the next open after a crash has little to do, and
  // leader-epoch-checkpoint with the next flush: above the recovery point the records themselves tell their epochs. Call
  // before a flush whose end becomes the recovery point.
  Status checkpoint(Timestamp now);
  // What close() does before it syncs: then the flusher can do that for many logs at once.
  Status prepare_to_close();
  // Ends the log: last time index entry, snapshot, everything synced. Afterwards the next open may be told
  // clean_shutdown. Errc::busy while a flush is in flight. Blocks.
  Status close();

  void update(const LogConfig& config);
  // Removes everything from `offset` on (a follower whose leader never had it), and the batch that holds it whole. `shown` is
  // the highest watermark that anybody was ever told of: nothing below it is cut, for a reader's mapping would reach beyond
  // the end of its file (SIGBUS). The broker must lower its recovery point first. Blocks; not while a flush is in flight.
  Status truncate_to(Offset offset, Offset shown);
  // From now on files come from there.
  void use(Files& files);

 private:
  friend class LentLog;
  Result<Appended> append_as_is(Bytes batches);
  Status store_as_is(const record::BatchView& batch);
  Status store(Bytes header, Bytes body);

  os::World& world_;
  Files* files_;
  std::string dir_;
  TopicId topic_id_;
  LogConfig config_;
  LogParts parts_;
  Removal removal_;
  LogFailure failure_;
};

// A log in the hands of a job, which is nobody else's meanwhile and has files of its own:
//
//   auto lent = std::make_shared<LentLog>(std::move(log), files);            on the deciding thread
//   world.jobs.submit([lent] { lent->log().truncate_to(offset, shown); },    on any thread
//                     [lent] { log = lent->take(); ... });                   on the deciding thread
class LentLog {
 public:
  // No flush of it is in flight, and it is not dirty. `files` are those that it comes back to.
  LentLog(std::unique_ptr<Log> log, Files& files);
  Log& log() { return *log_; }
  std::unique_ptr<Log> take();

 private:
  Files& files_;
  Files own_files_;
  std::unique_ptr<Log> log_;
};

}  // namespace bobbin::log
