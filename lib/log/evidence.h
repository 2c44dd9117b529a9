// Evidence: what besides its records tells where a log began and how far it went. A file that somebody cut at a border of
// batches, emptied or removed looks like a log that never had more; its neighbours know better.
//
//   checkpoints        recovery point, high watermark, log start: outside of the log's directory
//   NNN.snapshot       named by an end of the log, with a checksum of its own
//   NNN.index          of the last segment: an entry that points behind the end of the file, for an offset behind it
//   leader-epoch-...   where the first and the last epoch begin
//
// The checkpoints always count: what lies below them was synced. So does where the first epoch begins, if they say that
// anything was synced: that is on the disk before segments go on purpose. The others may have outlived what a power cut took,
// so they count only where none was: after a clean end, or (those that each open puts right) in the boot that wrote them.
//
// Nothing tells of what was appended after the last checkpoint, where all that lies beside it is gone as well; nor, after a
// crash, of segments at the front that went together with the file of epochs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "log/files.h"
#include "log/open_hint.h"

namespace bobbin::log {

struct Evidence {
  Offset end{0};                // the log went at least so far
  std::optional<Offset> start;  // it began here; empty: nothing tells
};

// `names` are those in `dir`, before any is removed. Errors: what the storage said; a file that does not parse tells nothing.
Result<Evidence> find_evidence(Files& files, const std::string& dir, const std::vector<std::string>& names,
                               const OpenHint& hint);

}  // namespace bobbin::log
