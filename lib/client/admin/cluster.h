// What a cluster says of itself. All block until answered or nobody answered for the target's time-out. A Result
// that failed says that the question did not get through; what the cluster said of one item is in that item's status,
// Kafka's error turned into a sentence (sentences.h).
#pragma once

#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/topology.h"

namespace bobbin::client {

class Session;

struct ClusterDescription {
  std::string cluster_id;
  BrokerId controller = broker_none;
  std::vector<Node> nodes;  // by id
};
Result<ClusterDescription> describe_cluster(Session&);

// The cluster forgets a broker that does not run and keeps nothing. broker_id_not_registered; invalid_request: it does.
Status unregister_broker(Session&, BrokerId);

}  // namespace bobbin::client
