// ListGroups 0 to 5: the groups that this broker coordinates; a client asks every broker.
#include "protocol/messages/list_groups.h"
#include <algorithm>
#include <cctype>

#include "broker/groups/context.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::ListGroupsRequest;
using Response = protocol::ListGroupsResponse;
constexpr std::string_view classic = "classic";

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool is_wanted(const std::vector<std::string>& filter, std::string_view what) {
  return filter.empty() || std::any_of(filter.begin(), filter.end(),
                                       [&](const std::string& each) { return equal_ignoring_case(each, what); });
}

void answer(const Answer& to, Reply& reply, const RequestMessage& message,
            const Result<std::vector<group::Shard*>>& shards) {
  Response response;
  if (!shards) {
    response.error_code = wire_code(shards.error().code);
    return reply.send(to.frame(response));
  }
  if (is_wanted(message.types_filter, classic))
    for (const group::Shard* shard : *shards)
      for (const group::Group* group : shard->groups()) {
        const auto state = group::name_of(group->standing().state);
        if (!is_wanted(message.states_filter, state)) continue;
        response.groups.push_back(
            {group->id(), group->standing().protocol_type, std::string(state), std::string(classic)});
      }
  reply.send(to.frame(response));
}

void list_groups(GroupsContext& groups, const Request& request, RequestMessage message, Reply reply) {
  auto kept = std::make_shared<Reply>(std::move(reply));
  groups.coordinators.with_all(
      [to = answer_to(request), message = std::move(message), kept](const Result<std::vector<group::Shard*>>& shards) {
        answer(to, *kept, message, shards);
      });
}

}  // namespace

extern constinit const ServedApi list_groups_api = served<list_groups>();

}  // namespace bobbin::broker
