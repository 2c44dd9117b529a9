#include "metadata/placement.h"

#include <algorithm>
#include <map>
#include <set>

#include "metadata/partition_change.h"

namespace bobbin::metadata {
namespace {

// How many partitions a broker leads, of one topic (or none) and of all.
struct Load {
  size_t of_topic = 0;
  size_t of_all = 0;
  size_t turn = 0;  // who is next when all else is equal
  auto operator<=>(const Load&) const = default;
};

// Sorted.
std::vector<BrokerId> usable(const Image& image, const Placement& placement) {
  std::vector<BrokerId> out;
  for (BrokerId id : placement.brokers)
    if (const Broker* broker = image.broker(id); broker && !broker->fenced) out.push_back(id);
  std::sort(out.begin(), out.end());
  return out;
}

std::map<BrokerId, Load> loads_of(const Image& image, const Topic* topic, const std::vector<BrokerId>& brokers,
                                  uint64_t start) {
  std::map<BrokerId, Load> loads;
  for (size_t i = 0; i < brokers.size(); i++) {
    Load& load = loads[brokers[i]];
    load.turn = (i + brokers.size() - start % brokers.size()) % brokers.size();
    load.of_all = image.led_by(brokers[i]);
  }
  if (topic)
    for (const Partition& p : topic->partitions)
      if (auto found = loads.find(p.leader); found != loads.end()) found->second.of_topic++;
  return loads;
}

Error too_few(size_t replicas, size_t brokers) {
  if (brokers == 0) return error(Errc::invalid_replication_factor, "no broker is there to hold a partition; start one");
  return error(Errc::invalid_replication_factor, "replication factor " + std::to_string(replicas) + " needs " +
                                                     std::to_string(replicas) + " brokers, and " +
                                                     std::to_string(brokers) + (brokers == 1 ? " is" : " are") +
                                                     " there; `bobbin broker start` starts more");
}

}  // namespace

Result<ReplicaLists> place(const Image& image, const Topic* topic, size_t partitions, size_t replicas,
                           const Placement& placement) {
  const std::vector<BrokerId> brokers = usable(image, placement);
  const size_t n = brokers.size();
  if (n < std::max<size_t>(replicas, 1)) return too_few(replicas, n);
  auto loads = loads_of(image, topic, brokers, placement.start);
  ReplicaLists out;
  for (size_t i = 0; i < partitions; i++) {
    auto least =
        std::min_element(loads.begin(), loads.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    const auto leader = static_cast<size_t>(std::distance(loads.begin(), least));
    const size_t shift = least->second.of_topic++;
    least->second.of_all++;
    std::vector<BrokerId>& list = out.emplace_back();
    list.push_back(brokers[leader]);
    for (size_t k = 0; k + 1 < replicas; k++) list.push_back(brokers[(leader + 1 + (shift + k) % (n - 1)) % n]);
  }
  return out;
}

Status check_replicas(const Image& image, int32_t partition, const std::vector<BrokerId>& replicas,
                      const Placement& placement) {
  auto refuse = [&](const std::string& why) {
    return error(Errc::invalid_replica_assignment, "partition " + std::to_string(partition) + ": " + why);
  };
  if (replicas.empty()) return refuse("no replica is named");
  std::set<BrokerId> seen;
  for (BrokerId id : replicas) {
    if (!seen.insert(id).second) return refuse("broker " + to_string(id) + " is named twice");
    if (!image.broker(id)) return refuse("there is no broker " + to_string(id));
  }
  for (BrokerId id : usable(image, placement))
    if (seen.contains(id)) return {};
  return refuse("none of the brokers that are named is running");
}

Result<ReplicaLists> checked_assignments(const Image& image, const std::vector<Assignment>& assignments,
                                         const Placement& placement) {
  std::map<PartitionId, std::vector<BrokerId>> sorted;
  for (const Assignment& a : assignments) {
    if (!sorted.emplace(a.partition, a.replicas).second)
      return error(Errc::invalid_replica_assignment, "partition " + to_string(a.partition) + " is assigned twice");
    BOBBIN_TRY(check_replicas(image, a.partition.value, a.replicas, placement));
    if (a.replicas.size() != assignments.front().replicas.size())
      return error(Errc::invalid_replica_assignment,
                   "partition " + to_string(a.partition) + " has " + std::to_string(a.replicas.size()) +
                       " replicas, and partition " + to_string(assignments.front().partition) + " has " +
                       std::to_string(assignments.front().replicas.size()) + ": all of a topic have the same number");
  }
  if (sorted.begin()->first.value != 0 || sorted.rbegin()->first.value != static_cast<int32_t>(sorted.size()) - 1)
    return error(Errc::invalid_replica_assignment,
                 "assigned partitions must be numbered 0 to " + std::to_string(sorted.size() - 1));
  ReplicaLists out;
  for (auto& [number, replicas] : sorted) out.push_back(std::move(replicas));
  return out;
}

PartitionRecord first_reign(const Image& image, const TopicId& topic, size_t number,
                            const std::vector<BrokerId>& replicas, const Placement& placement) {
  const std::vector<BrokerId> alive = usable(image, placement);
  PartitionRecord r;
  r.partition_id = static_cast<int32_t>(number);
  r.topic_id = topic;
  for (BrokerId id : replicas) {
    r.replicas.push_back(id.value);
    if (std::binary_search(alive.begin(), alive.end(), id)) r.isr.push_back(id.value);
    r.directories.push_back(directory_of(image, id));
  }
  r.leader = r.isr.front();
  r.leader_epoch = 0;
  r.partition_epoch = 0;
  return r;
}

}  // namespace bobbin::metadata
