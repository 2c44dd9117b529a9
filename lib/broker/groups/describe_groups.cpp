// DescribeGroups 0 to 6. What members told each other is shown of a stable group, what they have of any.
#include "protocol/messages/describe_groups.h"
#include "broker/groups/context.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::DescribeGroupsRequest;
using Response = protocol::DescribeGroupsResponse;
constexpr int16_t first_that_denies = 6;
// Kafka's numbers: read, delete, describe, describe and alter configs.
constexpr int32_t every_operation = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;

struct Describing {
  Answer answer;
  RequestMessage message;
  Reply reply;
  Response response = {};
  size_t left = 0;
};

void describe(Response::DescribedGroup& told, const group::Group& group) {
  const group::Standing& now = group.standing();
  const bool is_stable = now.is<group::Stable>();
  told.group_state = group::name_of(now.state);
  told.protocol_type = now.protocol_type;
  if (is_stable) told.protocol_data = now.protocol.value_or("");
  for (const auto& [id, member] : now.members.all()) {
    auto& each = told.members.emplace_back();
    each.member_id = id;
    each.group_instance_id = member.instance_id;
    each.client_id = member.client_id;
    each.client_host = member.client_host;
    each.member_assignment = member.assignment;
    if (!is_stable) continue;
    if (const std::string* metadata = member.metadata_for(told.protocol_data)) each.member_metadata = *metadata;
  }
}

// Views into the group's members: the answer is made before anything else happens to them.
void answer(Describing& describing, const std::vector<const group::Group*>& found) {
  for (size_t i = 0; i < found.size(); i++) {
    auto& told = describing.response.groups[i];
    const bool is_denied = !found[i] && describing.answer.version >= first_that_denies;
    if (describing.message.include_authorized_operations && !is_denied) told.authorized_operations = every_operation;
    if (told.error_code != 0) continue;
    if (found[i]) {
      describe(told, *found[i]);
      continue;
    }
    told.group_state = "Dead";
    if (!is_denied) continue;
    told.error_code = wire_code(Errc::group_id_not_found);
    told.error_message = "Group " + told.group_id + " not found.";
  }
  describing.reply.send(describing.answer.frame(describing.response));
}

void describe_groups(GroupsContext& groups, const Request& request, RequestMessage message, Reply reply) {
  auto describing = std::make_shared<Describing>(Describing{answer_to(request), std::move(message), std::move(reply)});
  const auto& asked = describing->message.groups;
  for (const std::string& id : asked) describing->response.groups.emplace_back().group_id = id;
  describing->left = asked.size();
  if (asked.empty()) return answer(*describing, {});
  for (size_t i = 0; i < asked.size(); i++)
    groups.coordinators.with(asked[i], [&groups, describing, i](Result<group::Shard*> shard) {
      if (!shard) describing->response.groups[i].error_code = wire_code(shard.error().code);
      if (--describing->left > 0) return;
      std::vector<const group::Group*> found;
      for (const std::string& id : describing->message.groups) found.push_back(groups.coordinators.find(id));
      answer(*describing, found);
    });
}

}  // namespace

extern constinit const ServedApi describe_groups_api = served<describe_groups>();

}  // namespace bobbin::broker
