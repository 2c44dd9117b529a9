#include "log/recovery_report.h"

namespace bobbin::log {

std::string text(const Damage& d) {
  const std::string begins = d.file + ": " + d.what + (d.position > 0 ? " at " + std::to_string(d.position) : "");
  if (d.first >= d.next) return begins + ": this is passed over, and no record is lost";
  return begins + ": " + offsets(d.first, d.next - 1) + " cannot be read here; everything else can";
}

std::string offsets(Offset first, Offset last) {
  if (first == last) return "offset " + to_string(first);
  return "offsets " + to_string(first) + " to " + to_string(last);
}

void RecoveryReport::note_damage(const std::string& file, uint64_t position, Offset first, Offset next,
                                 const std::string& what) {
  // The end of one damage is told once: the log that is too short ends in it.
  if (!damage.empty() && damage.back().file == file && damage.back().next >= next && damage.back().first <= first)
    return;
  damage.push_back({file, position, first, next, what});
}

}  // namespace bobbin::log
