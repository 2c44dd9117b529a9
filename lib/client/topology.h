// Topology: the client's picture of a cluster, as its last Metadata answer painted it: brokers and their addresses,
// topics and their partitions' leaders. A plain value, always a little old; Session keeps it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/errc.h"
#include "base/id.h"

namespace bobbin::client {

struct Node {
  BrokerId id;
  std::string host;
  int32_t port = 0;
  std::optional<std::string> rack;
};

struct PartitionView {
  Errc error = Errc::none;
  BrokerId leader = broker_none;
  LeaderEpoch leader_epoch = leader_epoch_none;
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> isr;
  std::vector<BrokerId> offline;
};

struct TopicView {
  std::string name;
  TopicId id;               // zero: the cluster is too old to have ids
  Errc error = Errc::none;  // unknown_topic_or_partition: it is not there
  bool internal = false;
  std::vector<PartitionView> partitions;  // by number
};

struct Topology {
  std::string cluster_id;
  BrokerId controller = broker_none;
  std::map<BrokerId, Node> nodes;
  std::map<std::string, TopicView, std::less<>> topics;  // those that were asked for

  const TopicView* topic(std::string_view name) const;  // nullptr: never asked for
  const PartitionView* partition(std::string_view topic, PartitionId number) const;
};

}  // namespace bobbin::client
