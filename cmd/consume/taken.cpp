#include "cmd/consume/taken.h"

#include <algorithm>

namespace bobbin::cmd {

const client::Place* Taken::place_of(std::string_view topic, PartitionId partition) {
  if (last_ && last_->first == topic && last_->second == partition) return last_;
  last_ = &*places_.emplace(std::string(topic), partition).first;
  return last_;
}

void Taken::note(std::string_view topic, PartitionId partition, Offset next, uint64_t end_byte) {
  marks_.push_back({place_of(topic, partition), next, end_byte});
}

void Taken::take_to(uint64_t byte) {
  for (; !marks_.empty() && marks_.front().end_byte <= byte; marks_.pop_front())
    positions_[*marks_.front().place] = marks_.front().next;
}

void Taken::give_back(const client::Positions& positions) {
  for (const auto& [place, next] : positions) positions_.try_emplace(place, next);
}

void Taken::forget() {
  marks_.clear();
  positions_.clear();
}

}  // namespace bobbin::cmd
