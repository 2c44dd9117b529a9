// JoinGroup 0 to 9. A member of this machine that came over the unix socket is taken for dead when that closes.
#include "protocol/messages/join_group.h"
#include "broker/groups/context.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::JoinGroupRequest;
using Response = protocol::JoinGroupResponse;

// "/127.0.0.1", as Kafka tells it.
std::string host_of(const Peer& peer) {
  return "/" + (peer.unix ? peer.address : peer.address.substr(0, peer.address.rfind(':')));
}

group::Join to_join(const GroupsContext& groups, const Request& request, RequestMessage& message) {
  group::Join join;
  join.caller = caller_of(groups, request.connection, message.member_id, message.group_instance_id, -1);
  join.client_id = request.client_id;
  if (const Peer* peer = groups.connections.peer(request.connection)) {
    join.client_host = host_of(*peer);
    join.is_near = peer->is_of_this_machine;
  }
  join.session_timeout_ms = message.session_timeout_ms;
  join.rebalance_timeout_ms =
      request.version == 0 ? message.session_timeout_ms : std::max(message.rebalance_timeout_ms, 0);
  join.protocol_type = message.protocol_type;
  for (const auto& each : message.protocols) join.protocols.push_back({each.name, std::string(each.metadata)});
  join.needs_known_id = request.version >= 4;
  join.can_skip_assignment = request.version >= 9;
  return join;
}

void answer(const Answer& to, Reply& reply, const group::Joined& joined) {
  Response response;
  response.error_code = wire_code(joined.error);
  response.generation_id = joined.generation;
  response.protocol_type = joined.protocol_type;
  response.protocol_name = joined.protocol;
  if (to.version < 7 && !response.protocol_name) response.protocol_name = "";
  response.leader = joined.leader;
  response.skip_assignment = joined.skip_assignment;
  response.member_id = joined.member_id;
  for (const auto& each : joined.members) response.members.push_back({each.member_id, each.instance_id, each.metadata});
  reply.send(to.frame(response));
}

void join_group(GroupsContext& groups, const Request& request, RequestMessage message, Reply reply) {
  struct Joining {
    Answer answer;
    std::string group_id;
    group::Join join;
    Reply reply;
  };
  auto joining = std::make_shared<Joining>(
      Joining{answer_to(request), message.group_id, to_join(groups, request, message), std::move(reply)});
  const auto refuse = [joining](Errc why) {
    group::Joined told;
    told.error = why;
    told.member_id = joining->join.caller.member_id;
    answer(joining->answer, joining->reply, told);
  };
  if (!is_group_id(joining->group_id)) return refuse(Errc::invalid_group_id);
  const auto settings = groups.metadata.settings();
  const int32_t session = joining->join.session_timeout_ms;
  if (session < settings.group_session_ms_min || session > settings.group_session_ms_max)
    return refuse(Errc::invalid_session_timeout);
  groups.coordinators.with(joining->group_id, [joining, refuse](Result<group::Shard*> shard) {
    if (!shard) return refuse(shard.error().code);
    (*shard)->join(joining->group_id, joining->join,
                   [joining](group::Joined told) { answer(joining->answer, joining->reply, told); });
  });
}

}  // namespace

extern constinit const ServedApi join_group_api = served<join_group>();

}  // namespace bobbin::broker
