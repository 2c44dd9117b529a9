// What can be lost of a topic's acknowledged records, in a sentence (bobbin-guarantees(7)). Copies on one disk are lost together:
// where it is known which brokers share one, that counts as one copy.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "client/topology.h"

namespace bobbin::cmd {

using Devices = std::map<BrokerId, uint64_t>;  // of brokers' folders; of one that is not in it, a disk of its own

// The fewest disks on which `copies` of a partition's replicas can lie.
size_t fewest_disks(const std::vector<BrokerId>& replicas, size_t copies, const Devices& devices);
// On how many disks the topic's partitions lie: the partition that has the fewest.
size_t disks_of(const std::vector<client::PartitionView>& partitions, const Devices& devices);

struct Keeping {
  const std::vector<client::PartitionView>& partitions;  // not none
  size_t min_isr;                                        // from 1 on
  bool flushes;                                          // flush.policy=ack
};
std::string loss_text(const Keeping& topic, const Devices& devices);

}  // namespace bobbin::cmd
