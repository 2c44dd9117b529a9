#include "assignor/roster.h"

#include <algorithm>
#include <string>

namespace bobbin::assignor {

namespace {

std::vector<std::string_view> topics_of(const Member& member) {
  std::vector<std::string_view> names(member.subscription.topics.begin(), member.subscription.topics.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

Roster::Roster(const Group& group, Before before) {
  for (const Member& each : group.members) members_.push_back(&each);
  std::sort(members_.begin(), members_.end(), [&](const Member* a, const Member* b) { return before(*a, *b); });

  for (const auto& [name, partitions] : group.partition_counts)
    if (partitions > 0) topics_.push_back({name, 0, static_cast<size_t>(partitions), {}});
  number_topics();
  for (size_t i = 0; i < members(); i++) {
    for (std::string_view name : member(i).subscription.topics) {
      const auto found = topic(name);
      if (!found) continue;
      std::vector<size_t>& subscribers = topics_[*found].subscribers;
      if (subscribers.empty() || subscribers.back() != i) subscribers.push_back(i);
    }
  }
  std::erase_if(topics_, [](const Topic& each) { return each.subscribers.empty(); });
  number_topics();
}

void Roster::number_topics() {
  by_name_.clear();
  size_t first = 0;
  for (size_t i = 0; i < topics(); i++) {
    topics_[i].first = first;
    first = end(i);
    by_name_[topics_[i].name] = i;
  }
}

bool Roster::is_subscribed(size_t member, size_t topic) const {
  return std::binary_search(subscribers(topic).begin(), subscribers(topic).end(), member);
}

bool Roster::all_subscribed_alike() const {
  if (members_.empty()) return true;
  const Member& first = member(0);
  const std::vector<std::string_view> theirs = topics_of(first);
  return std::all_of(members_.begin(), members_.end(), [&](const Member* each) {
    return each->subscription.topics == first.subscription.topics || topics_of(*each) == theirs;
  });
}

std::optional<size_t> Roster::topic(std::string_view name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

Assignments Roster::assignments(const std::vector<size_t>& owners) const {
  std::vector<std::vector<TopicPartitions>> of_member(members());
  for (const Topic& topic : topics_) {
    for (size_t i = 0; i < topic.partitions; i++) {
      const size_t owner = owners[topic.first + i];
      if (owner == nobody) continue;
      std::vector<TopicPartitions>& to = of_member[owner];
      if (to.empty() || to.back().topic != topic.name) to.push_back({std::string(topic.name), {}});
      to.back().partitions.emplace_back(static_cast<int32_t>(i));
    }
  }
  Assignments all;
  for (size_t i = 0; i < members(); i++) all.emplace(member(i).id, std::move(of_member[i]));
  return all;
}

}  // namespace bobbin::assignor
