#include "client/admin/reassignments.h"

#include <map>
#include <tuple>

#include "client/admin/asking.h"
#include "protocol/messages/alter_partition_reassignments.h"
#include "protocol/messages/list_partition_reassignments.h"

namespace bobbin::client {

namespace {

using Request = protocol::AlterPartitionReassignmentsRequest;
using Response = protocol::AlterPartitionReassignmentsResponse;
using ListRequest = protocol::ListPartitionReassignmentsRequest;
using ListResponse = protocol::ListPartitionReassignmentsResponse;

std::optional<std::vector<int32_t>> numbers(const std::optional<std::vector<BrokerId>>& ids) {
  if (!ids) return std::nullopt;
  std::vector<int32_t> out;
  for (BrokerId id : *ids) out.push_back(id.value);
  return out;
}

std::vector<BrokerId> ids(const std::vector<int32_t>& numbers) { return {numbers.begin(), numbers.end()}; }

Request request_for(const Session& session, const std::vector<Reassignment>& which) {
  Request request;
  request.timeout_ms = wait_ms(session);
  std::map<std::string, size_t> places;
  for (const Reassignment& one : which) {
    auto [place, is_new] = places.emplace(one.topic, request.topics.size());
    if (is_new) request.topics.push_back({one.topic, {}});
    request.topics[place->second].partitions.push_back({one.partition.value, numbers(one.replicas)});
  }
  return request;
}

}  // namespace

Result<std::vector<Reassigned>> reassign(Session& session, const std::vector<Reassignment>& which) {
  BOBBIN_TRY_ASSIGN(answer, (ask_controller<Request, Response>(session, request_for(session, which))));
  if (answer.body.error_code != 0)
    return kafka_error(answer.body.error_code, answer.body.error_message, "the move of partitions");
  PartitionOutcomes<Reassigned> outcomes;
  for (const Reassignment& one : which) outcomes.expect(one.topic, one.partition);
  for (const auto& topic : answer.body.responses)
    for (const auto& p : topic.partitions) outcomes.tell(topic.name, p.partition_index, p.error_code, p.error_message);
  return outcomes.take();
}

Result<std::vector<MoveUnderWay>> moves_under_way(Session& session) {
  ListRequest request;
  request.timeout_ms = wait_ms(session);
  BOBBIN_TRY_ASSIGN(answer, (ask_until_answered<ListRequest, ListResponse>(session, to_controller(session), request)));
  if (answer.body.error_code != 0)
    return kafka_error(answer.body.error_code, answer.body.error_message, "the list of moves");
  std::vector<MoveUnderWay> out;
  for (const auto& topic : answer.body.topics)
    for (const auto& p : topic.partitions)
      out.push_back({topic.name, PartitionId(p.partition_index), ids(p.replicas), ids(p.adding_replicas),
                     ids(p.removing_replicas)});
  std::sort(out.begin(), out.end(), [](const MoveUnderWay& a, const MoveUnderWay& b) {
    return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition);
  });
  return out;
}

}  // namespace bobbin::client
