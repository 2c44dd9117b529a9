// MovePlan: which brokers are to have the copies of some partitions: what can stay stays, and what is missing, or too
// much, is spread. Pure functions: they know what Metadata says of a cluster, and change nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/admin/reassignments.h"
#include "client/topology.h"

namespace bobbin::cmd {

struct PlannedMove {
  std::string topic;
  PartitionId partition;
  std::vector<BrokerId> now;     // its replicas
  std::vector<BrokerId> wanted;  // the preferred leader first
  bool is_moving = false;        // to `now`, which is not reached yet, from
  std::vector<BrokerId> before = {};
  bool operator==(const PlannedMove&) const = default;
};

// What is asked for. Copies that must be made go to whoever has the fewest of these topics, then of all.
struct Spread {
  std::vector<BrokerId> brokers;   // that may have new copies
  std::optional<size_t> replicas;  // of each partition; none: as many as it has
  // Nobody else keeps a copy either, and also what could stay moves, until each of the brokers has the same number of
  // copies, or one less, and leads the same number, or one less, if their replicas let it. Else only what must move
  // does.
  bool evenly = false;
};

// `of`: what moves, of `topics`, which are all that there are; its wanted replicas are those that there are now.
// Errc::invalid_replication_factor: there are not so many brokers. All of `of` again, also what stays as it is.
Result<std::vector<PlannedMove>> spread(std::vector<PlannedMove> of, const std::map<BrokerId, size_t>& copies_of_all,
                                        const Spread& how);

// The partitions of these topics, or those of them that are named; none: all.
std::vector<PlannedMove> partitions_of(const std::vector<client::TopicView>& topics,
                                       const std::vector<PartitionId>& only);
// How many copies each broker has of all topics.
std::map<BrokerId, size_t> copies_by_broker(const std::vector<client::TopicView>& topics);

}  // namespace bobbin::cmd
