// Which partition is meant: by topic id, so that a topic made anew under an old name is another one.
#pragma once

#include <functional>

#include "base/id.h"

namespace bobbin::cluster {

struct TopicPartition {
  TopicId topic;
  PartitionId partition;
  auto operator<=>(const TopicPartition&) const = default;
};

}  // namespace bobbin::cluster

template <>
struct std::hash<bobbin::cluster::TopicPartition> {
  size_t operator()(const bobbin::cluster::TopicPartition& tp) const noexcept {
    return std::hash<bobbin::Uuid>()(tp.topic) * 31 + static_cast<size_t>(tp.partition.value);
  }
};
