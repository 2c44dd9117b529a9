#include "client/admin/elections.h"

#include <set>

#include "client/admin/asking.h"
#include "protocol/messages/elect_leaders.h"

namespace bobbin::client {

namespace {

using Name = std::pair<std::string, int32_t>;

std::string said(const Name& which) { return which.first + "-" + std::to_string(which.second); }

}  // namespace

Result<std::vector<Election>> elect_preferred_leaders(Session& session,
                                                      const std::optional<std::vector<PartitionsOf>>& which) {
  protocol::ElectLeadersRequest request;
  request.timeout_ms = wait_ms(session);
  std::set<Name> open;
  if (which) request.topic_partitions.emplace();
  for (const PartitionsOf& of : which ? *which : std::vector<PartitionsOf>()) {
    auto& to = request.topic_partitions->emplace_back();
    to.topic = of.topic;
    for (PartitionId p : of.partitions)
      if (open.emplace(of.topic, p.value).second) to.partitions.push_back(p.value);
  }
  BOBBIN_TRY_ASSIGN(answer,
                    (ask_controller<protocol::ElectLeadersRequest, protocol::ElectLeadersResponse>(session, request)));
  if (answer.body.error_code != 0 && answer.body.replica_election_results.empty())
    return kafka_error(answer.body.error_code, std::nullopt, "the election of leaders");
  std::vector<Election> elections;
  for (const auto& topic : answer.body.replica_election_results) {
    for (const auto& p : topic.partition_result) {
      const Name name(topic.topic, p.partition_id);
      if (which && open.erase(name) == 0) continue;  // not asked for, or told before
      elections.push_back({name.first, PartitionId(name.second), outcome(p.error_code, p.error_message, said(name))});
    }
  }
  for (const Name& name : open) elections.push_back({name.first, PartitionId(name.second), left_out(said(name))});
  return elections;
}

}  // namespace bobbin::client
