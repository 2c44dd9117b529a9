#include "cmd/topic/loss.h"

#include <algorithm>

namespace bobbin::cmd {
namespace {

// How many replicas are on each disk, the most first.
std::vector<size_t> by_disk(const std::vector<BrokerId>& replicas, const Devices& devices) {
  std::vector<size_t> counts;
  std::map<uint64_t, size_t> shared;
  for (BrokerId id : replicas) {
    auto found = devices.find(id);
    if (found == devices.end()) counts.push_back(1);
    else shared[found->second]++;
  }
  for (const auto& [device, count] : shared) counts.push_back(count);
  std::sort(counts.rbegin(), counts.rend());
  return counts;
}

}  // namespace

size_t fewest_disks(const std::vector<BrokerId>& replicas, size_t copies, const Devices& devices) {
  size_t disks = 0, covered = 0;
  for (size_t count : by_disk(replicas, devices)) {
    if (covered >= copies) break;
    covered += count;
    disks++;
  }
  return disks;
}

size_t disks_of(const std::vector<client::PartitionView>& partitions, const Devices& devices) {
  size_t fewest = SIZE_MAX;
  for (const client::PartitionView& p : partitions)
    fewest = std::min(fewest, fewest_disks(p.replicas, p.replicas.size(), devices));
  return fewest;
}

std::string loss_text(const Keeping& topic, const Devices& devices) {
  const size_t replicas = topic.partitions.front().replicas.size();
  const size_t copies = std::min(topic.min_isr, replicas);
  std::string out = replicas == 1 ? "one copy: " : "acks=all: ";
  if (!topic.flushes) out += "a power cut takes what was not flushed yet; ";
  if (replicas == 1) return out + "the loss of its disk takes everything";
  if (disks_of(topic.partitions, devices) == 1) return out + "all copies lie on one disk, whose loss takes everything";
  if (copies == 1) return out + "the loss of one disk may take records, while no other broker is in sync";
  size_t sure = copies;
  for (const client::PartitionView& p : topic.partitions)
    sure = std::min(sure, fewest_disks(p.replicas, copies, devices));
  if (sure == 1) return out + "the loss of one disk may take records, as several copies lie on it";
  return out + "kept while fewer than " + std::to_string(sure) + " disks are lost";
}

}  // namespace bobbin::cmd
