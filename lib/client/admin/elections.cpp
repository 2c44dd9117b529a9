#include "client/admin/elections.h"

#include "client/admin/asking.h"
#include "protocol/messages/elect_leaders.h"

namespace bobbin::client {

Result<std::vector<Election>> elect_leaders(Session& session, ElectionType type,
                                            const std::optional<std::vector<PartitionsOf>>& which) {
  protocol::ElectLeadersRequest request;
  request.election_type = static_cast<int8_t>(type);
  request.timeout_ms = wait_ms(session);
  PartitionOutcomes<Election> outcomes;
  if (which) request.topic_partitions.emplace();
  else outcomes.expect_any();
  for (const PartitionsOf& of : which ? *which : std::vector<PartitionsOf>()) {
    auto& to = request.topic_partitions->emplace_back();
    to.topic = of.topic;
    for (PartitionId p : of.partitions)
      if (outcomes.expect(of.topic, p)) to.partitions.push_back(p.value);
  }
  BOBBIN_TRY_ASSIGN(answer,
                    (ask_controller<protocol::ElectLeadersRequest, protocol::ElectLeadersResponse>(session, request)));
  if (answer.body.error_code != 0 && answer.body.replica_election_results.empty())
    return kafka_error(answer.body.error_code, std::nullopt, "the election of leaders");
  for (const auto& topic : answer.body.replica_election_results)
    for (const auto& p : topic.partition_result)
      outcomes.tell(topic.topic, p.partition_id, p.error_code, p.error_message);
  return outcomes.take();
}

}  // namespace bobbin::client
