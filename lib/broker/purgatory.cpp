#include "broker/purgatory.h"

#include <algorithm>

namespace bobbin::broker {

void Purgatory::park(int64_t deadline_ms, std::vector<cluster::TopicPartition> watched, Try try_complete,
                     bool names_unknown) {
  uint64_t id = next_id_++;
  for (const auto& w : watched) watchers_[w].insert(id);
  deadlines_.emplace(deadline_ms, id);
  parked_.emplace(id, Parked{deadline_ms, std::move(watched), std::move(try_complete), names_unknown});
}

void Purgatory::moved(const cluster::TopicPartition& which) {
  auto it = watchers_.find(which);
  if (it == watchers_.end()) return;
  for (uint64_t id : it->second) {
    Moved& moved = moved_[id];
    if (!moved.any && (moved.partitions.empty() || moved.partitions.back() != which)) moved.partitions.push_back(which);
  }
}

void Purgatory::moved(const std::set<TopicId>& topics) {
  if (topics.empty()) return;
  for (const auto& [which, ids] : watchers_)
    if (topics.contains(which.topic))
      for (uint64_t id : ids) moved_[id].any = true;
  for (const auto& [id, parked] : parked_)
    if (parked.names_unknown) moved_[id].any = true;
}

void Purgatory::moved_all() {
  for (const auto& [id, parked] : parked_) moved_[id].any = true;
}

void Purgatory::forget(uint64_t id) {
  auto it = parked_.find(id);
  for (const auto& w : it->second.watched) {
    auto at = watchers_.find(w);
    if (at == watchers_.end()) continue;
    at->second.erase(id);
    if (at->second.empty()) watchers_.erase(at);
  }
  forget_deadline(id, it->second.deadline_ms);
  parked_.erase(it);
}

void Purgatory::forget_deadline(uint64_t id, int64_t deadline_ms) {
  auto [from, to] = deadlines_.equal_range(deadline_ms);
  deadlines_.erase(std::find_if(from, to, [&](const auto& d) { return d.second == id; }));
}

void Purgatory::run(int64_t now_ms) {
  for (auto& [id, moved] : std::exchange(moved_, {})) {
    auto it = parked_.find(id);
    if (it != parked_.end() && it->second.try_complete(moved, false)) forget(id);
  }
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_ms) {
    uint64_t id = deadlines_.begin()->second;
    Parked& parked = parked_.at(id);
    if (parked.try_complete({.any = true}, true)) {
      forget(id);
      continue;
    }
    forget_deadline(id, parked.deadline_ms);
    parked.deadline_ms = now_ms + late_ms;
    deadlines_.emplace(parked.deadline_ms, id);
  }
}

std::optional<int64_t> Purgatory::next_deadline_ms() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

}  // namespace bobbin::broker
