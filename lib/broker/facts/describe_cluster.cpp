// DescribeCluster 0 to 2. The controller is, to clients, the lowest living broker: any broker serves any request.
#include "protocol/messages/describe_cluster.h"
#include "base/ids.h"
#include "broker/addresses.h"
#include "broker/facts/context.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

constexpr int8_t brokers = 1, controllers = 2;  // kinds of endpoints

void describe_cluster(FactsContext& facts, const Request& request, protocol::DescribeClusterRequest message,
                      Reply reply) {
  protocol::DescribeClusterResponse response;
  response.endpoint_type = brokers;
  if (message.endpoint_type != brokers) {
    const bool is_known = message.endpoint_type == controllers;
    response.error_code = wire_code(is_known ? Errc::mismatched_endpoint_type : Errc::unsupported_endpoint_type);
    response.error_message = "there are no controllers apart from the brokers: ask for brokers (1)";
    return reply.send(answer_to(request).frame(response));
  }
  response.cluster_id = facts.cluster_id;
  if (message.include_cluster_authorized_operations) response.cluster_authorized_operations = every_cluster_operation;
  std::vector<BrokerId> live = facts.metadata.live_brokers();
  response.controller_id = live.empty() ? -1 : live.front().value;
  for (const auto& [id, known] : facts.metadata.image().brokers()) {
    bool is_live = holds(live, id);
    if (!is_live && !message.include_fenced_brokers) continue;
    HostPort at = address_for(facts.connections, facts.metadata, request.connection, id);
    response.brokers.push_back({id.value, at.host, at.port, known.rack, !is_live});
  }
  reply.send(answer_to(request).frame(response));
}

// A broker that has come a moment ago would be denied by leaving it out.
Needs needs_of(FactsContext&, const protocol::DescribeClusterRequest&, int16_t) { return {true}; }

}  // namespace

extern constinit const ServedApi describe_cluster_api = served<describe_cluster, needs_of>();

}  // namespace bobbin::broker
