#include "client/admin/topics.h"

#include <algorithm>
#include <map>
#include <set>

#include "client/admin/asking.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"

namespace bobbin::client {

Result<std::vector<CreatedTopic>> create_topics(Session& session, const std::vector<NewTopic>& topics,
                                                bool validate_only) {
  protocol::CreateTopicsRequest request;
  request.timeout_ms = wait_ms(session);
  request.validate_only = validate_only;
  for (const auto& topic : topics) {
    auto& to = request.topics.emplace_back();
    to.name = topic.name;
    to.num_partitions = topic.partitions;
    to.replication_factor = topic.replication_factor;
    for (const auto& [key, value] : topic.configs) to.configs.push_back({key, value});
  }
  BOBBIN_TRY_ASSIGN(answer,
                    (ask_controller<protocol::CreateTopicsRequest, protocol::CreateTopicsResponse>(session, request)));
  std::vector<CreatedTopic> created;
  std::set<std::string> open;
  for (const auto& topic : topics) open.insert(topic.name);
  for (auto& result : answer.body.topics) {
    if (open.erase(result.name) == 0) continue;  // not asked for, or told before
    auto& to = created.emplace_back();
    to.name = result.name;
    to.status = outcome(result.error_code, result.error_message, "topic " + result.name);
    to.id = result.topic_id;
    to.partitions = result.num_partitions;
    to.replication_factor = result.replication_factor;
    if (result.configs)
      for (auto& config : *result.configs)
        if (config.value) to.configs.push_back({config.name, *config.value});
  }
  for (const std::string& name : open)
    created.push_back({.name = name, .status = left_out("topic " + name), .id = {}, .configs = {}});
  return created;
}

Result<bool> ensure_topic(Session& session, const NewTopic& topic) {
  int64_t give_up_at = session.now_ms() + session.target().timeout_ms;
  bool made = false;
  for (bool asked = false;;) {
    BOBBIN_TRY(session.fetch_metadata({topic.name}));
    const TopicView* view = session.topology().topic(topic.name);
    bool missing = !view || view->error == Errc::unknown_topic_or_partition;
    if (view && view->error == Errc::none && !view->partitions.empty() &&
        std::all_of(view->partitions.begin(), view->partitions.end(),
                    [](const auto& p) { return p.leader != broker_none; }))
      return made;
    if (view && !missing && view->error != Errc::none && !is_retriable(view->error))
      return kafka_error(static_cast<int16_t>(view->error), std::nullopt, "topic " + topic.name);
    if (missing && !asked) {
      asked = true;
      BOBBIN_TRY_ASSIGN(created, create_topics(session, {topic}));
      Status& status = created.front().status;
      made = status.ok();
      // Somebody else was faster.
      if (!made && status.error().code != Errc::topic_already_exists) return std::move(status).error();
      continue;
    }
    // A topic whose leaders are dead is there all the same: whoever writes to it has them started.
    if (!missing && !made) return false;
    if (session.now_ms() >= give_up_at)
      return error(Errc::no_answer, "topic " + topic.name + " was made but has no leaders yet");
    BOBBIN_TRY(session.wait({}, retry_pause_ms));
  }
}

Result<std::vector<Outcome>> delete_topics(Session& session, const std::vector<std::string>& names) {
  protocol::DeleteTopicsRequest request;
  request.timeout_ms = wait_ms(session);
  request.topic_names = names;
  for (const auto& topic : names) request.topics.push_back({topic, {}});
  BOBBIN_TRY_ASSIGN(answer,
                    (ask_controller<protocol::DeleteTopicsRequest, protocol::DeleteTopicsResponse>(session, request)));
  std::vector<Outcome> outcomes;
  std::set<std::string> open(names.begin(), names.end());
  for (auto& result : answer.body.responses) {
    std::string topic = result.name.value_or("");
    if (open.erase(topic) == 0) continue;
    outcomes.push_back({topic, outcome(result.error_code, result.error_message, "topic " + topic)});
  }
  for (const std::string& topic : open) outcomes.push_back({topic, left_out("topic " + topic)});
  return outcomes;
}

Status create_partitions(Session& session, const std::string& topic, int32_t total, bool validate_only) {
  protocol::CreatePartitionsRequest request;
  request.timeout_ms = wait_ms(session);
  request.validate_only = validate_only;
  request.topics.push_back({topic, total, std::nullopt});
  BOBBIN_TRY_ASSIGN(answer, (ask_controller<protocol::CreatePartitionsRequest, protocol::CreatePartitionsResponse>(
                                session, request)));
  const auto* result = find_result(answer.body.results, [&](const auto& r) { return r.name == topic; });
  return result ? outcome(result->error_code, result->error_message, "topic " + topic) : left_out("topic " + topic);
}

Result<std::vector<TopicView>> describe_topics(Session& session, const std::vector<std::string>& names) {
  BOBBIN_TRY(session.fetch_metadata(names));
  std::vector<TopicView> views;
  for (const auto& topic : names) {
    const TopicView* view = session.topology().topic(topic);
    views.push_back(view ? *view : TopicView{topic, {}, Errc::unknown_topic_or_partition, false, {}});
  }
  return views;
}

Result<std::vector<TopicView>> list_topics(Session& session) {
  auto answer = std::make_shared<std::optional<Result<RawAnswer>>>();
  Call call = ClusterView::ask_for_all(session.target().client_id);
  call.done = [answer](Result<RawAnswer> raw) { answer->emplace(std::move(raw)); };
  session.send(std::move(call));
  while (!*answer) BOBBIN_TRY(session.wait({}, -1));
  return ClusterView::all_of(std::move(**answer));
}

}  // namespace bobbin::client
