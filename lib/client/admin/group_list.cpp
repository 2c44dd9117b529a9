#include "client/admin/group_list.h"

#include <map>
#include <set>

#include "client/admin/asking.h"
#include "client/admin/cluster.h"
#include "protocol/messages/list_groups.h"

namespace bobbin::client {

namespace {

using Request = protocol::ListGroupsRequest;
using Response = protocol::ListGroupsResponse;

// A question to every broker. Where one of them went meanwhile, its groups went to others, and all are asked once more.
class GroupSearch {
 public:
  explicit GroupSearch(Session& session) : session_(session) {}

  Result<ListedGroups> run() {
    const int64_t give_up_at = session_.now_ms() + session_.target().timeout_ms;
    BOBBIN_TRY_ASSIGN(first, nodes());
    begin(first);
    for (;;) {
      BOBBIN_TRY(round(give_up_at - session_.now_ms()));
      if (open_.empty() || session_.now_ms() >= give_up_at) break;
      BOBBIN_TRY(session_.wait({}, retry_pause_ms));
      BOBBIN_TRY(session_.fetch_metadata({}));
      BOBBIN_TRY_ASSIGN(now, nodes());
      if (now != asked_) begin(now);
    }
    ListedGroups out;
    for (auto& [name, group] : groups_) out.groups.push_back(std::move(group));
    for (auto& [node, why] : open_) out.missing.push_back(std::move(why).in("broker " + to_string(node)));
    return out;
  }

 private:
  // Those that live. Metadata tells of none that has no address, as on this machine.
  Result<std::set<BrokerId>> nodes() {
    std::set<BrokerId> ids;
    for (const auto& [id, node] : session_.topology().nodes) ids.insert(id);
    if (!session_.is_local()) return ids;
    BOBBIN_TRY_ASSIGN(cluster, describe_cluster(session_));
    for (const Node& node : cluster.nodes) ids.insert(node.id);
    return ids;
  }

  void begin(const std::set<BrokerId>& nodes) {
    asked_ = nodes;
    groups_.clear();
    open_.clear();
    for (BrokerId id : asked_) open_[id] = error(Errc::no_answer, "no answer");
  }

  Status round(int64_t timeout_ms) {
    std::map<BrokerId, std::shared_ptr<std::optional<Result<Answer<Response>>>>> answers;
    for (const auto& [node, why] : open_) {
      auto slot = answers[node] = std::make_shared<std::optional<Result<Answer<Response>>>>();
      CallOptions options;
      options.node = node;
      options.timeout_ms = std::max<int64_t>(timeout_ms, 1);
      request<Request, Response>(session_, options, {},
                                 [slot](Result<Answer<Response>> answer) { slot->emplace(std::move(answer)); });
    }
    for (auto& [node, slot] : answers) {
      while (!*slot) BOBBIN_TRY(session_.wait({}, -1));
      BOBBIN_TRY(take(node, **slot));
    }
    return {};
  }

  Status take(BrokerId node, const Result<Answer<Response>>& answer) {
    const Errc code = answer ? errc_from_wire(answer->body.error_code) : answer.error().code;
    const bool passes = code == Errc::disconnected || code == Errc::no_answer ||
                        code == Errc::coordinator_load_in_progress || code == Errc::coordinator_not_available;
    if (code != Errc::none && !passes)
      return answer ? kafka_error(answer->body.error_code, std::nullopt, "the list of groups") : answer.error();
    if (passes) {
      open_[node] = answer ? kafka_error(answer->body.error_code, std::nullopt, "its groups") : answer.error();
      return {};
    }
    // One that is being moved may be told of twice.
    for (const auto& group : answer->body.groups)
      groups_.insert_or_assign(group.group_id,
                               ListedGroup{group.group_id, group.protocol_type, group.group_state, group.group_type});
    open_.erase(node);
    return {};
  }

  Session& session_;
  std::set<BrokerId> asked_;
  std::map<BrokerId, Error> open_;  // with the last trouble
  std::map<std::string, ListedGroup> groups_;
};

}  // namespace

Result<ListedGroups> list_groups(Session& session) { return GroupSearch(session).run(); }

}  // namespace bobbin::client
