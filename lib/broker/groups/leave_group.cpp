// LeaveGroup 0 to 5.
#include "protocol/messages/leave_group.h"
#include "broker/groups/context.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::LeaveGroupRequest;
using Response = protocol::LeaveGroupResponse;
constexpr int16_t first_of_several = 3;

struct Leaving {
  Answer answer;
  RequestMessage message;
  std::vector<group::Caller> callers;
  Reply reply;
};

void refuse(Leaving& leaving, Errc why) {
  Response response;
  response.error_code = wire_code(why);
  leaving.reply.send(leaving.answer.frame(response));
}

void leave(Leaving& leaving, group::Shard& shard) {
  Response response;
  for (const group::Caller& caller : leaving.callers) {
    const Errc left = shard.leave(leaving.message.group_id, caller);
    if (leaving.answer.version < first_of_several) response.error_code = wire_code(left);
    else response.members.push_back({caller.member_id, caller.instance_id, wire_code(left)});
  }
  leaving.reply.send(leaving.answer.frame(response));
}

void leave_group(GroupsContext& groups, const Request& request, RequestMessage message, Reply reply) {
  auto leaving = std::make_shared<Leaving>(Leaving{answer_to(request), std::move(message), {}, std::move(reply)});
  const auto add = [&](const std::string& member_id, const std::optional<std::string>& instance_id) {
    leaving->callers.push_back({.member_id = member_id, .instance_id = instance_id});
  };
  if (request.version < first_of_several) add(leaving->message.member_id, std::nullopt);
  else
    for (const auto& each : leaving->message.members) add(each.member_id, each.group_instance_id);
  if (!is_group_id(leaving->message.group_id)) return refuse(*leaving, Errc::invalid_group_id);
  groups.coordinators.with(leaving->message.group_id, [leaving](Result<group::Shard*> shard) {
    if (!shard) return refuse(*leaving, shard.error().code);
    leave(*leaving, **shard);
  });
}

}  // namespace

extern constinit const ServedApi leave_group_api = served<leave_group>();

}  // namespace bobbin::broker
