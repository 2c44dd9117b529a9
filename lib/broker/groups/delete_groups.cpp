// DeleteGroups 0 to 2, of groups without members.
#include "protocol/messages/delete_groups.h"
#include "broker/groups/context.h"
#include "broker/named_once.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::DeleteGroupsRequest;

struct Deleting {
  Answer answer;
  Reply reply;
  protocol::DeleteGroupsResponse response = {};
  size_t left = 0;

  void tell(size_t i, Errc what) {
    response.results[i].error_code = wire_code(what);
    if (--left == 0) reply.send(answer.frame(response));
  }
};

void delete_groups(GroupsContext& groups, const Request& request, RequestMessage message, Reply reply) {
  auto deleting = std::make_shared<Deleting>(Deleting{answer_to(request), std::move(reply)});
  const auto& names = message.groups_names;
  const auto named = named_once(names.size(), [&](size_t i) { return std::string_view(names[i]); });
  for (size_t i : named.first) deleting->response.results.push_back({names[i], 0});
  deleting->left = named.first.size();
  if (named.first.empty()) return deleting->reply.send(deleting->answer.frame(deleting->response));
  for (size_t i = 0; i < named.first.size(); i++) {
    const std::string id = deleting->response.results[i].group_id;
    groups.coordinators.with(id, [deleting, i, id](Result<group::Shard*> shard) {
      if (!shard) return deleting->tell(i, shard.error().code);
      (*shard)->remove(id, [deleting, i](Errc what) { deleting->tell(i, what); });
    });
  }
}

}  // namespace

extern constinit const ServedApi delete_groups_api = served<delete_groups>();

}  // namespace bobbin::broker
