// Recovery: reads a log's segments as they were found, and says what of them is there. After a clean end only the last batches
// are looked at; after a crash everything above the recovery point is read. What is bad above it was promised to nobody: it is
// cut, and kept beside the segment. What is bad below it is damage: reported, never cut, and stepped over by readers.
#pragma once

#include <string>
#include <vector>

#include "log/epochs.h"
#include "log/evidence.h"
#include "log/recovery_report.h"
#include "log/segments.h"

namespace bobbin::log {

struct ToRecover {
  Files& files;
  const std::string& dir;
  std::vector<Offset> bases;  // of the segments' files, ascending
  const LogConfig& config;
  const OpenHint& hint;
  Evidence evidence;
};

struct Recovered {
  Segments segments;                // nothing is appended to the last one if it ends in damage
  Offset scanned_from;              // the first offset whose batch was looked at
  std::vector<EpochStart> scanned;  // the epochs of the batches from there on
  bool was_cut = false;             // and the directory has other names than before
};

// Errors are what the storage said. Blocks, as long as reading takes.
Result<Recovered> recover(const ToRecover& from, RecoveryReport& report);

}  // namespace bobbin::log
