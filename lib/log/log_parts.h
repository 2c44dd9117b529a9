// LogParts: what a log is made of, and the steps in which several parts change together, so that they tell the same: a segment
// begins, the log begins elsewhere, a batch was stored.
#pragma once

#include "log/epoch_file.h"
#include "log/log_config.h"
#include "log/producer_snapshots.h"
#include "log/producers.h"
#include "log/removal.h"
#include "log/segments.h"
#include "log/unsynced.h"

namespace bobbin::log {

struct LogParts {
  Segments segments;
  Unsynced unsynced;
  EpochFile epochs;
  ProducerSnapshots snapshots;
  Producers producers;
  Offset log_start;

  // The next batch begins a segment: the active one is sealed, and a snapshot beside it tells of the producers. Nothing
  // happens where the active one is empty. Files that are not needed any more go to `removal`.
  Status roll(Removal& removal, Timestamp now);
  // A log without records begins at `start`.
  void restart(Offset start, Offset durable_end);
  // What else tells of records from `offset` on goes (evidence.h): before they do, so that nothing misses them after a crash.
  Status forget_above(Offset offset, os::Storage& storage, const std::string& dir);
  // A batch that was just stored at the end, by its header and body: its epoch begins, its producer goes on.
  void take_in(Bytes header, Bytes body, const LogConfig& config, Timestamp now);
};

}  // namespace bobbin::log
