#include "log/recovery_report.h"

namespace bobbin::log {

void RecoveryReport::note_damage(const std::string& file, uint64_t position, Offset first, Offset next, const std::string& what) {
  // The end of one damage is told once: the log that is too short ends in it.
  if (!damage.empty() && damage.back().file == file && damage.back().next >= next && damage.back().first <= first) return;
  damage.push_back({file, position, first, next,
                    what + ": offsets " + std::to_string(first.value) + " to " + std::to_string(next.value - 1) +
                        " cannot be read here; everything else can"});
}

}  // namespace bobbin::log
