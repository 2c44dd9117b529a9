// Which partition is meant: by topic id, so that a topic made anew under an old name is another one.
#pragma once

#include <functional>
#include <optional>

#include "base/id.h"
#include "metadata/image.h"

namespace bobbin::cluster {

struct TopicPartition {
  TopicId topic;
  PartitionId partition;
  auto operator<=>(const TopicPartition&) const = default;
};

// That of the metadata; nothing where there is no such topic (nullptr) or partition.
inline std::optional<TopicPartition> id_of(const metadata::Topic* topic, PartitionId partition) {
  if (!topic || !topic->partition(partition)) return std::nullopt;
  return TopicPartition{topic->id, partition};
}

}  // namespace bobbin::cluster

template <>
struct std::hash<bobbin::cluster::TopicPartition> {
  size_t operator()(const bobbin::cluster::TopicPartition& tp) const noexcept {
    return std::hash<bobbin::Uuid>()(tp.topic) * 31 + static_cast<size_t>(tp.partition.value);
  }
};
