#include "client/admin/admin.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "base/units.h"
#include "client/admin/early_times.h"
#include "client/patience.h"
#include "client/request.h"
#include "client/session.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/list_offsets.h"

namespace bobbin::client {

namespace {

std::string_view sentence(Errc code) {
  switch (code) {
    case Errc::unknown_topic_or_partition:
    case Errc::unknown_topic_id:
      return "is not there";
    case Errc::topic_already_exists:
      return "exists already";
    case Errc::invalid_topic_exception:
      return "cannot be a topic's name: 1 to 249 of letters, digits, '.', '_' and '-'";
    case Errc::invalid_partitions:
      return "the number of partitions is not possible";
    case Errc::invalid_replication_factor:
      return "that many replicas are not possible with these brokers";
    case Errc::leader_not_available:
      return "has no leader now";
    case Errc::not_leader_or_follower:
      return "is led by another broker by now";
    case Errc::topic_authorization_failed:
    case Errc::cluster_authorization_failed:
    case Errc::group_authorization_failed:
      return "you may not do this";
    case Errc::not_enough_replicas:
    case Errc::not_enough_replicas_after_append:
      return "too few replicas are in sync (min.insync.replicas)";
    case Errc::message_too_large:
    case Errc::record_list_too_large:
      return "a batch is larger than the topic's max.message.bytes";
    case Errc::kafka_storage_error:
      return "the broker's disk does not work; `bobbin broker logs` says more";
    case Errc::request_timed_out:
      return "the brokers did not finish in time";
    case Errc::offset_out_of_range:
      return "the offset lies outside the log";
    case Errc::corrupt_message:
      return "is damaged, on its way or on the broker's disk; `bobbin broker logs` names the file";
    case Errc::policy_violation:
      return "the cluster's policy forbids it";
    default:
      return "";
  }
}

// Only questions are asked again: who asked to change something and lost the connection does not know what was done.
template <class Request, class Response>
Result<Answer<Response>> ask_until_answered(Session& session, const CallOptions& options, const Request& request) {
  int64_t give_up_at = session.now_ms() + session.target().timeout_ms;
  for (;;) {
    auto answer = ask<Request, Response>(session, options, request);
    if (answer || answer.error().code != Errc::disconnected || session.now_ms() >= give_up_at) return answer;
    BOBBIN_TRY(session.wait({}, retry_pause_ms));
  }
}

// Changes go to the controller where that makes a difference: clusters with ZooKeeper know no other.
template <class Request, class Response>
Result<Answer<Response>> ask_controller(Session& session, const Request& request) {
  CallOptions options;
  if (!session.is_local() && session.topology().nodes.contains(session.topology().controller))
    options.node = session.topology().controller;
  auto answer = ask<Request, Response>(session, options, request);
  if (!answer && answer.error().code == Errc::disconnected)
    return error(Errc::no_answer,
                 "the connection was lost before the answer came; look whether it was done, and try again (" +
                     answer.error().message + ")");
  return answer;
}

int32_t wait_ms(const Session& session) {
  return static_cast<int32_t>(std::clamp<int64_t>(session.target().timeout_ms, 1, 60'000));
}

// What a cluster left out of its answer: it may have been done or not.
Error left_out(const std::string& what) {
  return error(Errc::malformed, "the cluster does not say what became of " + what);
}

Status outcome(int16_t code, const std::optional<std::string>& message, const std::string& what) {
  if (code == 0) return {};
  return kafka_error(code, message, what);
}

}  // namespace

Error kafka_error(int16_t code, const std::optional<std::string>& message, const std::string& what) {
  auto errc = errc_from_wire(code);
  std::string said = message && !message->empty() ? escaped_for_line(*message) : std::string(sentence(errc));
  if (said.empty()) return error(errc, what + ": the cluster says " + std::string(name(errc)));
  return error(errc, what + ": " + said);
}

// --- topics ---

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
        if (config.value) to.configs.emplace_back(config.name, *config.value);
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
  if (answer.body.results.empty()) return left_out("topic " + topic);
  auto& result = answer.body.results[0];
  return outcome(result.error_code, result.error_message, "topic " + topic);
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

Result<std::vector<TopicView>> list_topics(Session& session) { return session.list_topics(); }

// --- configs ---

Result<std::vector<ConfigEntry>> describe_configs(Session& session, ResourceType type, const std::string& name) {
  protocol::DescribeConfigsRequest request;
  request.include_documentation = true;
  request.resources.push_back({static_cast<int8_t>(type), name, std::nullopt});
  // Kafka's brokers tell each only of themselves, and ours know no other's --set.
  CallOptions options;
  auto id = parse_number(name, 0, INT32_MAX, "a broker's id");
  BrokerId broker = id ? BrokerId(static_cast<int32_t>(*id)) : broker_none;
  if (type == ResourceType::broker &&
      (session.is_local() ? session.is_alive(broker) : session.topology().nodes.contains(broker)))
    options.node = broker;
  BOBBIN_TRY_ASSIGN(answer, (ask_until_answered<protocol::DescribeConfigsRequest, protocol::DescribeConfigsResponse>(
                                session, options, request)));
  std::string what = (type == ResourceType::topic ? "topic " : "broker ") + name;
  if (answer.body.results.empty())
    return error(Errc::malformed, "the cluster does not say what the configs of " + what + " are");
  auto& result = answer.body.results[0];
  BOBBIN_TRY(outcome(result.error_code, result.error_message, what));
  std::vector<ConfigEntry> entries;
  for (auto& config : result.configs) {
    auto& entry = entries.emplace_back();
    entry.name = config.name;
    entry.value = config.is_sensitive ? std::nullopt : config.value;
    entry.source = config.config_source;
    entry.type = config.config_type;
    entry.read_only = config.read_only;
    entry.documentation = config.documentation.value_or("");
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

Result<std::vector<std::optional<std::string>>> read_configs(Session& session, BrokerId node,
                                                             const std::vector<ConfigQuestion>& questions) {
  protocol::DescribeConfigsRequest request;
  for (const auto& q : questions)
    request.resources.push_back({static_cast<int8_t>(q.type), q.resource, std::vector<std::string>{q.config}});
  CallOptions options;
  options.node = node;
  BOBBIN_TRY_ASSIGN(answer, (ask_until_answered<protocol::DescribeConfigsRequest, protocol::DescribeConfigsResponse>(
                                session, options, request)));
  std::vector<std::optional<std::string>> values(questions.size());
  for (size_t i = 0; i < questions.size(); i++)
    for (const auto& result : answer.body.results) {
      if (result.error_code != 0 || result.resource_type != static_cast<int8_t>(questions[i].type) ||
          result.resource_name != questions[i].resource)
        continue;
      for (const auto& config : result.configs)
        if (config.name == questions[i].config) values[i] = config.value;
    }
  return values;
}

Status alter_configs(Session& session, ResourceType type, const std::string& name,
                     const std::vector<ConfigChange>& changes, bool validate_only) {
  protocol::IncrementalAlterConfigsRequest request;
  request.validate_only = validate_only;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = static_cast<int8_t>(type);
  resource.resource_name = name;
  for (const auto& change : changes) {
    std::optional<std::string> value = change.value;
    if (change.operation == ConfigChange::Operation::unset) value.reset();
    resource.configs.push_back({change.name, static_cast<int8_t>(change.operation), value});
  }
  BOBBIN_TRY_ASSIGN(
      answer, (ask_controller<protocol::IncrementalAlterConfigsRequest, protocol::IncrementalAlterConfigsResponse>(
                  session, request)));
  std::string what = (type == ResourceType::topic ? "topic " : "broker ") + name;
  if (answer.body.responses.empty()) return left_out("the configs of " + what);
  auto& result = answer.body.responses[0];
  return outcome(result.error_code, result.error_message, what);
}

// --- cluster ---

Result<ClusterDescription> describe_cluster(Session& session) {
  BOBBIN_TRY_ASSIGN(answer, (ask_until_answered<protocol::DescribeClusterRequest, protocol::DescribeClusterResponse>(
                                session, {}, {})));
  BOBBIN_TRY(outcome(answer.body.error_code, answer.body.error_message, "the cluster"));
  ClusterDescription cluster;
  cluster.cluster_id = answer.body.cluster_id;
  cluster.controller = BrokerId(answer.body.controller_id);
  for (auto& b : answer.body.brokers) cluster.nodes.push_back({BrokerId(b.broker_id), b.host, b.port, b.rack});
  std::sort(cluster.nodes.begin(), cluster.nodes.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return cluster;
}

// --- offsets ---

namespace {

int64_t timestamp_of(OffsetQuery query) {
  switch (query.kind) {
    case OffsetQuery::Kind::earliest:
      return -2;
    case OffsetQuery::Kind::latest:
      return -1;
    case OffsetQuery::Kind::max_timestamp:
      return -3;
    case OffsetQuery::Kind::time:
      return query.time_ms;
  }
  return -1;
}

// One question to every leader, asked again for what could not be answered.
class OffsetSearch {
 public:
  OffsetSearch(Session& session, const std::string& topic, OffsetQuery query)
      : session_(session), topic_(topic), query_(query) {}

  Result<std::vector<PartitionOffset>> run(const std::vector<PartitionId>& partitions) {
    for (PartitionId p : partitions) open_.emplace(p, Errc::none);
    int64_t give_up_at = session_.now_ms() + session_.target().timeout_ms;
    while (!open_.empty() && session_.now_ms() < give_up_at) {
      BOBBIN_TRY(round());
      if (open_.empty()) break;
      session_.refresh_metadata();
      BOBBIN_TRY(session_.wait({}, retry_pause_ms));
    }
    for (auto& [p, code] : open_)
      answers_[p] = {p, unanswered(p, code), offset_none, timestamp_none, leader_epoch_none};
    std::vector<PartitionOffset> all;
    for (PartitionId p : partitions) all.push_back(std::move(answers_[p]));
    return all;
  }

 private:
  Error unanswered(PartitionId p, Errc code) const {
    std::string where = topic_ + "-" + std::to_string(p.value);
    if (code == Errc::none || code == Errc::disconnected)
      return error(Errc::no_answer, where + ": its leader did not answer in time");
    return kafka_error(static_cast<int16_t>(code), std::nullopt, where);
  }

  Status round() {
    std::map<BrokerId, protocol::ListOffsetsRequest> requests;
    for (auto& [p, code] : open_) {
      const PartitionView* known = session_.topology().partition(topic_, p);
      // A copy: waiting for a connection lets newer metadata in.
      std::optional<PartitionView> view = known ? std::optional(*known) : std::nullopt;
      if (!view || view->leader == broker_none || !is_connected(view->leader)) {
        BOBBIN_TRY(session_.need(topic_, p));
        continue;
      }
      auto& request = requests[view->leader];
      request.replica_id = -1;
      request.timeout_ms = wait_ms(session_);
      if (request.topics.empty()) request.topics.push_back({topic_, {}});
      request.topics[0].partitions.push_back({p.value, view->leader_epoch.value, timestamp_of(query_)});
    }
    for (auto& [node, request] : requests) BOBBIN_TRY(ask_leader(node, request));
    return {};
  }

  // A connection is given a moment before its broker counts as not there.
  bool is_connected(BrokerId node) {
    if (session_.is_ready(node)) return true;
    for (int i = 0; i < 20 && !session_.is_ready(node); i++)
      if (!session_.wait({}, 5)) return false;
    return session_.is_ready(node);
  }

  Status ask_leader(BrokerId node, const protocol::ListOffsetsRequest& request) {
    CallOptions options;
    options.node = node;
    if (query_.kind == OffsetQuery::Kind::max_timestamp) options.version_min = 7;
    auto answer = ask<protocol::ListOffsetsRequest, protocol::ListOffsetsResponse>(session_, options, request);
    if (!answer) {
      Errc code = answer.error().code;
      if (code != Errc::disconnected && code != Errc::no_answer) return std::move(answer).error();
      return {};
    }
    for (auto& topic : answer->body.topics)
      for (auto& p : topic.partitions) take(p);
    return {};
  }

  void take(const protocol::ListOffsetsResponse::ListOffsetsPartitionResponse& p) {
    PartitionId id(p.partition_index);
    auto it = open_.find(id);
    if (it == open_.end()) return;
    auto code = errc_from_wire(p.error_code);
    it->second = code;
    if (code != Errc::none && is_retriable(code) && code != Errc::corrupt_message) return;
    std::string where = topic_ + "-" + std::to_string(id.value);
    Status status = outcome(p.error_code, p.damage, where);
    // Only a time may have no offset.
    bool may_be_none = query_.kind == OffsetQuery::Kind::time || query_.kind == OffsetQuery::Kind::max_timestamp;
    if (status && p.offset < 0 && !(may_be_none && p.offset == offset_none.value))
      status = error(Errc::malformed,
                     where + ": its leader tells an offset of " + std::to_string(p.offset) + ", which cannot be");
    answers_[id] = {id, std::move(status), Offset(p.offset), Timestamp(p.timestamp), LeaderEpoch(p.leader_epoch)};
    open_.erase(it);
  }

  Session& session_;
  std::string topic_;
  OffsetQuery query_;
  std::map<PartitionId, Errc> open_;  // with the last error
  std::map<PartitionId, PartitionOffset> answers_;
};

}  // namespace

Result<std::vector<PartitionOffset>> list_offsets(Session& session, const std::string& topic, OffsetQuery query,
                                                  const std::vector<PartitionId>& partitions) {
  if (query.kind == OffsetQuery::Kind::time && query.time_ms < 0)
    return list_offsets_before_1970(session, topic, Timestamp(query.time_ms), partitions);
  const TopicView* view = session.topology().topic(topic);
  if (!view || view->error != Errc::none) {
    BOBBIN_TRY(session.fetch_metadata({topic}));
    view = session.topology().topic(topic);
  }
  if (!view || view->error == Errc::unknown_topic_or_partition)
    return error(Errc::unknown_topic_or_partition, "there is no topic " + topic);
  if (view->error != Errc::none && !is_retriable(view->error))
    return kafka_error(static_cast<int16_t>(view->error), std::nullopt, "topic " + topic);
  std::vector<PartitionId> wanted = partitions;
  if (wanted.empty())
    for (size_t i = 0; i < view->partitions.size(); i++) wanted.emplace_back(static_cast<int32_t>(i));
  for (PartitionId p : wanted)
    if (p.value < 0 || static_cast<size_t>(p.value) >= view->partitions.size())
      return error(Errc::unknown_topic_or_partition, "topic " + topic + " has no partition " + std::to_string(p.value));
  return OffsetSearch(session, topic, query).run(wanted);
}

}  // namespace bobbin::client
