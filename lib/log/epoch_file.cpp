#include "log/epoch_file.h"

#include <algorithm>
#include <utility>

namespace bobbin::log {

// The log began where it did, also where a lower epoch than before takes the place of all that are known.
void EpochFile::assign(LeaderEpoch epoch, Offset start) {
  const Offset began = epochs_.entries().empty() ? start : epochs_.entries().front().start;
  if (!epochs_.assign(epoch, start)) return;
  epochs_.reach_back_to(began);
  note(epochs_.entries().size() == 1 ? epochs_.entries().front().start : start);
}

void EpochFile::cut(Offset end) {
  if (epochs_.truncate_from_end(end)) note(end);
}

// What it forgets is below the start.
void EpochFile::begin_at(Offset start, Offset end) {
  if (!epochs_.truncate_from_start(start)) return;
  note(end);
  start_ = Start::moved;
}

void EpochFile::note(Offset changed_from) {
  known_to_ = is_changed_ || is_in_flight_ ? std::min(known_to_, changed_from) : changed_from;
  is_changed_ = true;
}

std::optional<EpochFile::ToWrite> EpochFile::begin() {
  bool is_wanted = is_due();
  is_due_ = false;
  if (!is_wanted) return std::nullopt;
  is_changed_ = false;
  is_in_flight_ = true;
  const bool moves_start = start_ == Start::moved;
  if (moves_start) start_ = Start::in_flight;
  return ToWrite{epochs_.encode(), moves_start};
}

void EpochFile::done(Outcome outcome) {
  is_in_flight_ = false;
  if (outcome != Outcome::written) is_changed_ = is_due_ = true;
  if (start_ == Start::in_flight) start_ = outcome == Outcome::not_written ? Start::moved : Start::told;
}

void EpochFile::written() {
  check(!is_in_flight_, "one writes the file of epochs at a time");
  is_changed_ = is_due_ = false;
  start_ = Start::told;
}

Offset EpochFile::known_below(Offset durable_end) const {
  return is_changed_ || is_in_flight_ ? std::min(durable_end, known_to_) : durable_end;
}

}  // namespace bobbin::log
