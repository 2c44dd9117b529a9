#include "client/admin/replica_ends.h"

#include "base/ids.h"
#include "client/admin/asking.h"
#include "protocol/messages/list_offsets.h"

namespace bobbin::client {

namespace {

constexpr int32_t debugging_replica = -2;
constexpr int64_t latest = -1;

using Request = protocol::ListOffsetsRequest;
using Response = protocol::ListOffsetsResponse;

std::map<BrokerId, Request> requests_for(const TopicView& topic) {
  std::map<BrokerId, Request> requests;
  for (size_t i = 0; i < topic.partitions.size(); i++) {
    const PartitionView& p = topic.partitions[i];
    for (BrokerId id : p.replicas) {
      if (p.replicas.size() < 2) continue;
      if (holds(p.offline, id)) continue;
      Request& request = requests[id];
      request.replica_id = debugging_replica;
      if (request.topics.empty()) request.topics.push_back({topic.name, {}});
      request.topics[0].partitions.push_back({static_cast<int32_t>(i), leader_epoch_none.value, latest});
    }
  }
  return requests;
}

}  // namespace

ReplicaEnds replica_ends(Session& session, const TopicView& topic, int64_t patience_ms) {
  auto ends = std::make_shared<ReplicaEnds>();
  auto left = std::make_shared<size_t>(0);
  for (auto& [id, message] : requests_for(topic)) {
    CallOptions options;
    options.node = id;
    options.timeout_ms = patience_ms;
    ++*left;
    request<Request, Response>(session, options, std::move(message),
                               [ends, left, id = id](Result<Answer<Response>> answer) {
                                 --*left;
                                 if (!answer) return;
                                 for (const auto& told : answer->body.topics)
                                   for (const auto& p : told.partitions)
                                     if (p.error_code == 0 && p.offset >= 0)
                                       (*ends)[{PartitionId(p.partition_index), id}] = Offset(p.offset);
                               });
  }
  const int64_t give_up_at = session.now_ms() + 2 * patience_ms;
  while (*left > 0 && session.now_ms() < give_up_at)
    if (!session.wait({}, patience_ms)) break;
  return *ends;
}

}  // namespace bobbin::client
