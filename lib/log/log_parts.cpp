#include "log/log_parts.h"

#include "log/checkpoints.h"
#include "log/producer_replay.h"

namespace bobbin::log {

Status LogParts::roll(Removal& removal, Timestamp now) {
  if (!segments.empty()) {
    if (segments.active().base() == segments.end()) return {};
    BOBBIN_TRY(segments.active().seal(unsynced.written()));
    BOBBIN_TRY(snapshots.write(producers, segments, unsynced, removal));
    BOBBIN_TRY(unsynced.sync_names_of_segments());
  }
  BOBBIN_TRY(segments.begin(now));
  unsynced.note_segment();
  return {};
}

void LogParts::restart(Offset start, Offset durable_end) {
  segments.restart(start);
  unsynced.set_durable_end(durable_end);
  log_start = start;
}

Status LogParts::forget_above(Offset offset, os::Storage& storage, const std::string& dir) {
  BOBBIN_TRY(snapshots.remove_above(storage, offset < segments.first() ? offset_none : offset));
  if (offset > segments.first()) return {};
  Status gone = storage.unlink(dir + "/" + std::string(leader_epoch_file));
  return gone || gone.error().code == Errc::not_found ? Status() : gone;
}

void LogParts::take_in(Bytes header, Bytes body, const LogConfig& config, Timestamp now) {
  const record::BatchView view(header);
  // Where the front is gone, the first entry still tells that it was there, and so at once: the next start misses it, too.
  const bool is_first = epochs.epochs().entries().empty();
  const bool lost_front = view.base_offset() > log_start;
  epochs.assign(view.leader_epoch(), is_first ? std::min(view.base_offset(), log_start) : view.base_offset());
  if (is_first) unsynced.write_epochs(epochs, lost_front);
  producers.apply(view, now, marker_of(header, body), config.producer_expiration_ms);
  // A tenth at once, so that not every batch of a new producer sorts all of them.
  auto most = static_cast<size_t>(config.producers_max);
  if (producers.size() > most) producers.limit(most - most / 10);
}

}  // namespace bobbin::log
