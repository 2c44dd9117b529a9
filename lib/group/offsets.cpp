#include "group/offsets.h"

#include <algorithm>

namespace bobbin::group {

size_t Offsets::bytes_of(const TopicAndPartition& at, const Value& value) {
  if (!value) return 0;
  return sizeof(decltype(all_)::value_type) + at.first.size() + value->metadata.size();
}

size_t Offsets::growth(const TopicAndPartition& at, const StoredOffset& value) const {
  const auto it = all_.find(at);
  const size_t before = it == all_.end() ? 0 : bytes_of(at, it->second.written());
  const size_t after = bytes_of(at, value);
  return after - std::min(before, after);
}

Kept<Offsets::Value>& Offsets::begin_change(const TopicAndPartition& at) {
  Kept<Value>& kept = all_[at];
  bytes_ -= bytes_of(at, kept.written());
  return kept;
}

void Offsets::end_change(const TopicAndPartition& at) {
  const auto it = all_.find(at);
  bytes_ += bytes_of(at, it->second.written());
  if (!it->second.is_under_way() && !it->second.promised()) all_.erase(it);
}

void Offsets::restore(const TopicAndPartition& at, Value value) {
  begin_change(at).restore(std::move(value));
  end_change(at);
}

uint64_t Offsets::write(const TopicAndPartition& at, Value value) {
  const uint64_t number = begin_change(at).write(std::move(value));
  end_change(at);
  return number;
}

void Offsets::promise(const TopicAndPartition& at, uint64_t number) {
  begin_change(at).promise(number);
  end_change(at);
}

void Offsets::lose(const TopicAndPartition& at, uint64_t number) {
  begin_change(at).lose(number);
  end_change(at);
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
