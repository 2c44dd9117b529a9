// Partitions by topic, as a group's members name them to each other.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/id.h"

namespace bobbin::assignor {

// Some partitions of one topic.
struct TopicPartitions {
  std::string topic;
  std::vector<PartitionId> partitions;
  bool operator==(const TopicPartitions&) const = default;
};

// By name, each topic once, and by number.
inline std::vector<TopicPartitions> sorted(std::vector<TopicPartitions> all) {
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.topic < b.topic; });
  std::vector<TopicPartitions> merged;
  for (TopicPartitions& each : all) {
    if (merged.empty() || merged.back().topic != each.topic) merged.push_back({std::move(each.topic), {}});
    std::vector<PartitionId>& to = merged.back().partitions;
    to.insert(to.end(), each.partitions.begin(), each.partitions.end());
  }
  for (TopicPartitions& each : merged) std::sort(each.partitions.begin(), each.partitions.end());
  return merged;
}

}  // namespace bobbin::assignor
