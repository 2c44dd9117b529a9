#include "client/topology.h"

namespace bobbin::client {

const TopicView* Topology::topic(std::string_view name) const {
  auto it = topics.find(name);
  return it == topics.end() ? nullptr : &it->second;
}

const PartitionView* Topology::partition(std::string_view name, PartitionId number) const {
  const TopicView* found = topic(name);
  if (!found || number.value < 0 || static_cast<size_t>(number.value) >= found->partitions.size()) return nullptr;
  return &found->partitions[static_cast<size_t>(number.value)];
}

}  // namespace bobbin::client
