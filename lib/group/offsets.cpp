#include "group/offsets.h"

#include <algorithm>

namespace bobbin::group {

void Offsets::restore(const TopicAndPartition& at, Value value) {
  all_[at].restore(std::move(value));
  drop_if_none(at);
}

uint64_t Offsets::write(const TopicAndPartition& at, Value value) { return all_[at].write(std::move(value)); }

void Offsets::promise(const TopicAndPartition& at, uint64_t number) {
  all_[at].promise(number);
  drop_if_none(at);
}

void Offsets::lose(const TopicAndPartition& at, uint64_t number) {
  all_[at].lose(number);
  drop_if_none(at);
}

void Offsets::drop_if_none(const TopicAndPartition& at) {
  auto it = all_.find(at);
  if (!it->second.is_under_way() && !it->second.promised()) all_.erase(it);
}

const StoredOffset* Offsets::find(const TopicAndPartition& at) const {
  auto it = all_.find(at);
  return it == all_.end() || !it->second.promised() ? nullptr : &*it->second.promised();
}

std::vector<std::pair<TopicAndPartition, const StoredOffset*>> Offsets::promised() const {
  std::vector<std::pair<TopicAndPartition, const StoredOffset*>> all;
  for (const auto& [at, kept] : all_)
    if (kept.promised()) all.emplace_back(at, &*kept.promised());
  return all;
}

std::vector<std::pair<TopicAndPartition, StoredOffset>> Offsets::written() const {
  std::vector<std::pair<TopicAndPartition, StoredOffset>> all;
  for (const auto& [at, kept] : all_)
    if (kept.written()) all.emplace_back(at, *kept.written());
  return all;
}

std::vector<TopicAndPartition> Offsets::expired(const Expiry& expiry) const {
  std::vector<TopicAndPartition> over;
  for (const auto& [at, kept] : all_) {
    if (!kept.promised() || kept.is_under_way() || expiry.kept.contains(at.first)) continue;
    const StoredOffset& stored = *kept.promised();
    const int64_t from = std::max(stored.commit_timestamp.value, expiry.since.value);
    const bool is_over = stored.expire_timestamp.value >= 0 ? stored.expire_timestamp <= expiry.now
                                                            : expiry.now.value - from >= expiry.retention_ms;
    if (is_over) over.push_back(at);
  }
  return over;
}

}  // namespace bobbin::group
