#include "client/admin/cluster.h"

#include <algorithm>

#include "client/admin/asking.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/unregister_broker.h"

namespace bobbin::client {

Result<ClusterDescription> describe_cluster(Session& session) {
  BOBBIN_TRY_ASSIGN(answer, (ask_until_answered<protocol::DescribeClusterRequest, protocol::DescribeClusterResponse>(
                                session, {}, {})));
  BOBBIN_TRY(outcome(answer.body.error_code, answer.body.error_message, "the cluster"));
  ClusterDescription cluster;
  cluster.cluster_id = answer.body.cluster_id;
  cluster.controller = BrokerId(answer.body.controller_id);
  for (auto& b : answer.body.brokers) cluster.nodes.push_back({BrokerId(b.broker_id), b.host, b.port, b.rack});
  std::sort(cluster.nodes.begin(), cluster.nodes.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return cluster;
}

Status unregister_broker(Session& session, BrokerId id) {
  protocol::UnregisterBrokerRequest request;
  request.broker_id = id.value;
  BOBBIN_TRY_ASSIGN(answer, (ask_controller<protocol::UnregisterBrokerRequest, protocol::UnregisterBrokerResponse>(
                                session, request)));
  return outcome(answer.body.error_code, answer.body.error_message, "broker " + to_string(id));
}

}  // namespace bobbin::client
