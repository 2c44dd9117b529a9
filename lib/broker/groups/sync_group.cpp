// SyncGroup 0 to 5: answered when the leader's shares are kept in the log.
#include "protocol/messages/sync_group.h"
#include "broker/groups/context.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

using Response = protocol::SyncGroupResponse;
constexpr int16_t first_with_protocol = 5;  // and none without it

void answer(const Answer& to, Reply& reply, const group::Synced& synced) {
  Response response;
  response.error_code = wire_code(synced.error);
  response.protocol_type = synced.protocol_type;
  response.protocol_name = synced.protocol;
  response.assignment = synced.assignment;
  reply.send(to.frame(response));
}

void sync_group(GroupsContext& groups, const Request& request, protocol::SyncGroupRequest message, Reply reply) {
  struct Syncing {
    Answer answer;
    std::string group_id;
    group::Sync sync;
    Reply reply;
  };
  auto syncing = std::make_shared<Syncing>(Syncing{answer_to(request), message.group_id, {}, std::move(reply)});
  syncing->sync.caller =
      caller_of(groups, request.connection, message.member_id, message.group_instance_id, message.generation_id);
  syncing->sync.protocol_type = message.protocol_type;
  syncing->sync.protocol = message.protocol_name;
  for (const auto& each : message.assignments)
    syncing->sync.assignments.emplace_back(each.member_id, std::string(each.assignment));
  const auto refuse = [syncing](Errc why) { answer(syncing->answer, syncing->reply, {.error = why}); };
  if (request.version >= first_with_protocol && (!message.protocol_type || !message.protocol_name))
    return refuse(Errc::inconsistent_group_protocol);
  if (!is_group_id(syncing->group_id)) return refuse(Errc::invalid_group_id);
  groups.coordinators.with(syncing->group_id, [syncing, refuse](Result<group::Shard*> shard) {
    if (!shard) return refuse(shard.error().code);
    (*shard)->sync(syncing->group_id, syncing->sync,
                   [syncing](group::Synced told) { answer(syncing->answer, syncing->reply, told); });
  });
}

}  // namespace

extern constinit const ServedApi sync_group_api = served<sync_group>();

}  // namespace bobbin::broker
