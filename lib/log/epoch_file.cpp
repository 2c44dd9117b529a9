#include "log/epoch_file.h"

#include <algorithm>
#include <utility>

namespace bobbin::log {

void EpochFile::assign(LeaderEpoch epoch, Offset start) {
  if (epochs_.assign(epoch, start)) note(start);
}

void EpochFile::cut(Offset end) {
  if (epochs_.truncate_from_end(end)) note(end);
}

// What it forgets is below the start.
void EpochFile::begin_at(Offset start, Offset end) {
  if (epochs_.truncate_from_start(start)) note(end);
}

void EpochFile::note(Offset changed_from) {
  known_to_ = is_changed_ || is_in_flight_ ? std::min(known_to_, changed_from) : changed_from;
  is_changed_ = true;
}

std::optional<std::string> EpochFile::begin() {
  bool is_wanted = is_due();
  is_due_ = false;
  if (!is_wanted) return std::nullopt;
  is_changed_ = false;
  is_in_flight_ = true;
  return epochs_.encode();
}

void EpochFile::done(bool was_written) {
  is_in_flight_ = false;
  if (!was_written) is_changed_ = is_due_ = true;
}

Offset EpochFile::known_below(Offset durable_end) const {
  return is_changed_ || is_in_flight_ ? std::min(durable_end, known_to_) : durable_end;
}

}  // namespace bobbin::log
