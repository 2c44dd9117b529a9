#include "broker/purgatory.h"

#include <algorithm>

namespace bobbin::broker {

void Purgatory::park(int64_t deadline_ms, std::vector<cluster::TopicPartition> watched, Try try_complete) {
  uint64_t id = next_id_++;
  for (const auto& w : watched) watchers_[w].insert(id);
  deadlines_.emplace(deadline_ms, id);
  parked_.emplace(id, Parked{deadline_ms, std::move(watched), std::move(try_complete)});
}

void Purgatory::moved(const cluster::TopicPartition& which) {
  auto it = watchers_.find(which);
  if (it != watchers_.end()) moved_.insert(it->second.begin(), it->second.end());
}

void Purgatory::moved_all() {
  for (const auto& [id, parked] : parked_) moved_.insert(id);
}

void Purgatory::forget(uint64_t id) {
  auto it = parked_.find(id);
  for (const auto& w : it->second.watched) {
    auto at = watchers_.find(w);
    if (at == watchers_.end()) continue;
    at->second.erase(id);
    if (at->second.empty()) watchers_.erase(at);
  }
  auto [from, to] = deadlines_.equal_range(it->second.deadline_ms);
  deadlines_.erase(std::find_if(from, to, [&](const auto& d) { return d.second == id; }));
  parked_.erase(it);
}

void Purgatory::run(int64_t now_ms) {
  // In the order in which they were parked: who asked first is answered first, and a seed repeats.
  std::vector<uint64_t> ids(moved_.begin(), moved_.end());
  std::sort(ids.begin(), ids.end());
  moved_.clear();
  for (uint64_t id : ids) {
    auto it = parked_.find(id);
    if (it != parked_.end() && it->second.try_complete(false)) forget(id);
  }
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_ms) {
    uint64_t id = deadlines_.begin()->second;
    parked_.at(id).try_complete(true);
    forget(id);
  }
}

std::optional<int64_t> Purgatory::next_deadline_ms() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

}  // namespace bobbin::broker
