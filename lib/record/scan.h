// Walks the batches that lie one behind the other in memory: a segment, the records of a Fetch answer, a file of
// golden bytes. Lengths and magic are checked on the way, checksums are the visitor's business.
#pragma once

#include "record/batch.h"

namespace bobbin::record {

enum class ScanEnd {
  whole,      // the last batch ends where the bytes end
  torn,       // what is left may begin a batch, but is cut short (a Fetch answer's tail; an append that a crash cut)
  malformed,  // what is left can not begin a batch, however many bytes followed
  stopped,    // the visitor said so
};

struct Scanned {
  ScanEnd end = ScanEnd::whole;
  size_t bytes = 0;  // of the batches that were accepted: where the rest, or the refused batch, begins
};

// What lies at the start of `rest`: ScanEnd::whole with one batch's bytes, or torn or malformed with 0. Nothing at
// all is whole with 0.
Scanned next_batch(Bytes rest);

// Calls `visit(const BatchView& batch, size_t position)` for each whole batch until it returns false.
template <class Visit>
Scanned scan_batches(Bytes bytes, Visit&& visit) {
  Scanned scanned;
  for (;;) {
    Scanned next = next_batch(bytes.substr(scanned.bytes));
    if (next.bytes == 0) return {next.end, scanned.bytes};
    if (!visit(BatchView(bytes.substr(scanned.bytes, next.bytes)), scanned.bytes))
      return {ScanEnd::stopped, scanned.bytes};
    scanned.bytes += next.bytes;
  }
}

}  // namespace bobbin::record
