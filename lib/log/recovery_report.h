// What opening a log found out, for the broker's log and for `broker status`: bytes that were cut from a torn tail
// (and where they are kept), and damage that was left alone.
#pragma once

#include <string>
#include <vector>

#include "base/id.h"

namespace bobbin::log {

// Bytes below the recovery point, or (in the boot in which they were written) before others that are sound, that are not
// what they were: never cut. The offsets from `first` up to (not with) `next` cannot be read here; a copy may have them. None, if
// these are the same: bytes that do not belong there.
struct Damage {
  std::string file;  // full path
  uint64_t position = 0;
  Offset first;
  Offset next;
  std::string what;  // "not what was written"
};
// A sentence for people.
std::string text(const Damage&);
std::string offsets(Offset first, Offset last);  // "offsets 3 to 5", "offset 3"

// A tail above the recovery point that no reader was ever promised: taken off, and kept (unless it was all zeros).
struct Cut {
  std::string file;
  uint64_t position = 0;
  uint64_t bytes = 0;
  Offset at;            // the log goes on here
  std::string kept_in;  // full path; empty: nothing but zeros
  std::string what;
};

struct RecoveryReport {
  std::vector<Damage> damage;
  std::vector<Cut> cuts;
  std::vector<std::string> notes;  // what else was put right: an index built anew, a snapshot thrown away
  uint64_t scanned_bytes = 0;      // whose checksums were computed

  // Adds it, if it is not the end of the damage that was noted last.
  void note_damage(const std::string& file, uint64_t position, Offset first, Offset next, const std::string& what);
};

}  // namespace bobbin::log
