#include "log/epochs.h"

#include "log/text_lines.h"
#include "record/batch.h"

namespace bobbin::log {

Result<Epochs> Epochs::parse(Bytes text) {
  Epochs out;
  BOBBIN_TRY(each_counted_line(text, [&](Bytes line) -> Status {
    size_t space = line.find(' ');
    auto epoch = number_in<int32_t>(line.substr(0, space));
    auto start = space == Bytes::npos ? std::nullopt : number_in<int64_t>(line.substr(space + 1));
    bool good = epoch && start && *epoch >= 0 && *start >= 0 && Offset(*start) <= record::log_end_max;
    if (good && !out.entries_.empty())
      good = out.entries_.back().epoch.value < *epoch && out.entries_.back().start.value <= *start;
    if (!good) return error(Errc::malformed, "not a line of leader epochs: " + quoted(line));
    out.entries_.push_back({LeaderEpoch(*epoch), Offset(*start)});
    return {};
  }));
  return out;
}

std::string Epochs::encode() const {
  std::string out = "0\n" + std::to_string(entries_.size()) + "\n";
  for (const EpochStart& e : entries_) out += to_string(e.epoch) + " " + to_string(e.start) + "\n";
  return out;
}

bool Epochs::assign(LeaderEpoch epoch, Offset start) {
  if (epoch < LeaderEpoch(0) || (epoch == latest() && start >= entries_.back().start)) return false;
  while (!entries_.empty() && (entries_.back().epoch >= epoch || entries_.back().start >= start)) entries_.pop_back();
  entries_.push_back({epoch, start});
  return true;
}

bool Epochs::truncate_from_end(Offset end) {
  size_t before = entries_.size();
  while (!entries_.empty() && entries_.back().start >= end) entries_.pop_back();
  return entries_.size() != before;
}

bool Epochs::truncate_from_start(Offset start) {
  size_t gone = 0;
  while (gone + 1 < entries_.size() && entries_[gone + 1].start <= start) gone++;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(gone));
  bool moved = !entries_.empty() && entries_.front().start < start;
  if (moved) entries_.front().start = start;
  return gone > 0 || moved;
}

LeaderEpoch Epochs::epoch_at(Offset offset) const {
  auto after = std::upper_bound(entries_.begin(), entries_.end(), offset,
                                [](Offset o, const EpochStart& e) { return o < e.start; });
  return after == entries_.begin() ? leader_epoch_none : std::prev(after)->epoch;
}

EpochEnd Epochs::end_of(LeaderEpoch epoch, Offset log_end) const {
  if (epoch < LeaderEpoch(0) || entries_.empty()) return {};
  if (epoch == latest()) return {epoch, log_end};
  auto higher = std::upper_bound(entries_.begin(), entries_.end(), epoch,
                                 [](LeaderEpoch e, const EpochStart& entry) { return e < entry.epoch; });
  if (higher == entries_.end()) return {};
  // An epoch before all that are known ended where the first of them began.
  if (higher == entries_.begin()) return {epoch, higher->start};
  return {std::prev(higher)->epoch, higher->start};
}

}  // namespace bobbin::log
