// FindCoordinator 0 to 6, of groups. Asked for the first time it makes __consumer_offsets. There are no transactions and no
// share groups to coordinate yet, and the answer says so: INVALID_REQUEST, which no client repeats.
#include "protocol/messages/find_coordinator.h"
#include "broker/addresses.h"
#include "broker/groups/context.h"
#include "broker/groups/offsets_topic.h"
#include "broker/named_once.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

using Response = protocol::FindCoordinatorResponse;
using RequestMessage = protocol::FindCoordinatorRequest;

constexpr int8_t of_groups = 0;
constexpr int16_t first_of_several = 4;

struct Finding {
  Answer answer;
  ConnectionId connection;
  RequestMessage message;
  Reply reply;
};

Response::Coordinator refused(Errc code, std::string why) {
  Response::Coordinator told;
  told.node_id = -1;
  told.port = -1;
  told.error_code = wire_code(code);
  told.error_message = std::move(why);
  return told;
}

Response::Coordinator find(const GroupsContext& groups, const Finding& finding, const std::string& key) {
  const metadata::Topic* topic = groups.metadata.image().topic(offsets_topic_name);
  if (!topic) return refused(Errc::coordinator_not_available, "there is no __consumer_offsets");
  const auto count = static_cast<int32_t>(topic->partitions.size());
  const BrokerId leader = topic->partitions[static_cast<size_t>(partition_for(key, count))].leader;
  if (leader == broker_none || !groups.metadata.is_live(leader))
    return refused(Errc::coordinator_not_available, "nobody leads its partition of __consumer_offsets now");
  const HostPort at = address_for(groups.connections, groups.metadata, finding.connection, leader);
  Response::Coordinator told;
  told.node_id = leader.value;
  told.host = at.host;
  told.port = at.port;
  // As Kafka: a word up to version 3, none in the list of later ones.
  told.error_message = finding.answer.version >= first_of_several ? "" : "NONE";
  return told;
}

void answer(const GroupsContext& groups, Finding& finding, const std::optional<Error>& failed) {
  const auto look = [&](const std::string& key) {
    return failed ? refused(failed->code, failed->message) : find(groups, finding, key);
  };
  Response response;
  if (finding.answer.version < first_of_several) {
    Response::Coordinator told = look(finding.message.key);
    response.error_code = told.error_code;
    response.error_message = std::move(told.error_message);
    response.node_id = told.node_id;
    response.host = std::move(told.host);
    response.port = told.port;
    return finding.reply.send(finding.answer.frame(response));
  }
  auto& keys = finding.message.coordinator_keys;
  const auto named = named_once(keys.size(), [&](size_t i) { return std::string_view(keys[i]); });
  for (size_t i : named.first) {
    auto& told = response.coordinators.emplace_back(look(keys[i]));
    told.key = std::move(keys[i]);
    protocol::encode_ahead<Response>(response.coordinators, finding.answer.version);
  }
  finding.reply.send_pieces(finding.answer.pieces_of(response, response.coordinators));
}

void find_coordinator(GroupsContext& groups, const Request& request, RequestMessage message, Reply reply) {
  auto finding =
      std::make_shared<Finding>(Finding{answer_to(request), request.connection, std::move(message), std::move(reply)});
  if (finding->message.key_type != of_groups)
    return answer(groups, *finding,
                  error(Errc::invalid_request, "there are no transactions and no share groups here yet"));
  if (groups.metadata.image().topic(offsets_topic_name)) return answer(groups, *finding, std::nullopt);
  make_offsets_topic(groups.admin, [&groups, finding](Status made) {
    if (made) return answer(groups, *finding, std::nullopt);
    answer(groups, *finding,
           error(Errc::coordinator_not_available, "__consumer_offsets cannot be made: " + made.error().message));
  });
}

// Another broker may just have made the topic, or lead it.
Needs needs_of(GroupsContext& groups, const RequestMessage& message, int16_t) {
  return {message.key_type == of_groups && !groups.metadata.image().topic(offsets_topic_name)};
}

}  // namespace

extern constinit const ServedApi find_coordinator_api = served<find_coordinator, needs_of>();

}  // namespace bobbin::broker
