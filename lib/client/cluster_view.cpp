#include "client/cluster_view.h"

#include <algorithm>

#include "base/text.h"
#include "base/topic_name.h"
#include "client/answer.h"
#include "client/patience.h"
#include "protocol/messages/metadata.h"

namespace bobbin::client {

namespace {

constexpr int64_t pause_ms_max = 500;
constexpr int64_t answer_ms_max = 5000;
constexpr int32_t answer_bytes_max = 128 << 20;  // a million topics fit
constexpr size_t partitions_max = 100'000;       // of one topic: ten times what Kafka's brokers make at once

std::vector<BrokerId> broker_ids(const std::vector<int32_t>& numbers) {
  std::vector<BrokerId> ids;
  for (int32_t n : numbers) ids.emplace_back(n);
  return ids;
}

// A host that can be one, and a port that can be connected to.
bool is_address(const std::string& host, int32_t port) {
  constexpr size_t host_bytes_max = 255;  // RFC 1035
  auto is_odd = [](char c) { return c <= ' ' || c == '\x7f'; };
  return port > 0 && port <= 65535 && !host.empty() && host.size() <= host_bytes_max &&
         std::none_of(host.begin(), host.end(), is_odd);
}

// A server's word for a topic is checked like a person's: its name becomes a path, and text on a terminal.
Status check_topics(const protocol::MetadataResponse& answer) {
  for (const auto& topic : answer.topics) {
    if (topic.name && !check_topic_name(*topic.name))
      return error(Errc::malformed, "the broker tells of a topic that cannot be one: '" +
                                        escaped_for_line(topic.name->substr(0, topic_name_bytes_max)) + "'");
    if (topic.partitions.size() > partitions_max)
      return error(Errc::malformed, "the cluster tells of a topic with " + std::to_string(topic.partitions.size()) +
                                        " partitions; more than " + std::to_string(partitions_max) +
                                        " are not believed");
  }
  return {};
}

TopicView view_of(protocol::MetadataResponse::MetadataResponseTopic& topic) {
  TopicView view;
  view.name = topic.name.value_or("");
  view.id = topic.topic_id;
  view.error = errc_from_wire(topic.error_code);
  view.internal = topic.is_internal;
  for (auto& p : topic.partitions) {
    // Partitions are numbered from 0 without holes; what lies beyond the number of those told is not believed.
    if (p.partition_index < 0 || static_cast<size_t>(p.partition_index) >= topic.partitions.size()) continue;
    if (view.partitions.size() < topic.partitions.size()) view.partitions.resize(topic.partitions.size());
    auto& to = view.partitions[static_cast<size_t>(p.partition_index)];
    to.error = errc_from_wire(p.error_code);
    to.leader = BrokerId(p.leader_id);
    to.leader_epoch = LeaderEpoch(p.leader_epoch);
    to.replicas = broker_ids(p.replica_nodes);
    to.isr = broker_ids(p.isr_nodes);
    to.offline = broker_ids(p.offline_replicas);
  }
  return view;
}

protocol::MetadataRequest ask_for(const std::set<std::string>& topics) {
  protocol::MetadataRequest request;
  request.allow_auto_topic_creation = false;
  request.topics.emplace();
  for (const auto& name : topics) {
    request.topics->emplace_back();
    request.topics->back().name = name;
  }
  return request;
}

Call call_for(protocol::MetadataRequest request, const std::string& client_id) {
  Call call;
  call.api_key = static_cast<int16_t>(protocol::ApiKey::metadata);
  call.version_min = 1;
  call.version_max = protocol::MetadataRequest::versions.last;
  call.answer_bytes_max = answer_bytes_max;
  call.encode = [client_id, request = std::move(request)](int32_t correlation, int16_t version) {
    return protocol::encode_request(correlation, client_id, version, request);
  };
  return call;
}

}  // namespace

Call ClusterView::ask(int64_t now_ms, const std::string& client_id, int64_t timeout_ms_max,
                      std::function<void()> taken) {
  wanted_ = false;
  under_way_ = true;
  const bool again = now_ms - not_before_ <= pause_ms_ + retry_pause_ms;
  if (!again) begun_ms_ = now_ms;
  pause_ms_ = pause_after(now_ms - begun_ms_, pause_ms_max);
  not_before_ = now_ms + pause_ms_;
  Call call = call_for(ask_for(followed_), client_id);
  call.timeout_ms = std::min(answer_ms_max, timeout_ms_max);
  call.done = [this, taken = std::move(taken)](Result<RawAnswer> raw) {
    if (take(std::move(raw))) taken();
  };
  return call;
}

bool ClusterView::take(Result<RawAnswer> raw) {
  under_way_ = false;
  auto answer = decode_answer<protocol::MetadataResponse>(std::move(raw));
  Status good = answer ? check_topics(answer->body) : Status(answer.error());
  if (!good) {
    failures_++;
    error_ = good.error();
    wanted_ = error_.code == Errc::disconnected;
    return false;
  }
  auto& body = answer->body;
  topology_.cluster_id = body.cluster_id.value_or("");
  topology_.controller = BrokerId(body.controller_id);
  topology_.nodes.clear();
  for (auto& b : body.brokers)
    if (b.node_id >= 0 && is_address(b.host, b.port))
      topology_.nodes[BrokerId(b.node_id)] = {BrokerId(b.node_id), b.host, b.port, b.rack};
  // Others were not asked for, and would be kept for ever.
  for (auto& topic : body.topics)
    if (topic.name && followed_.contains(*topic.name)) topology_.topics[*topic.name] = view_of(topic);
  version_++;
  return true;
}

Call ClusterView::ask_for_all(const std::string& client_id) {
  protocol::MetadataRequest request;
  request.allow_auto_topic_creation = false;
  return call_for(std::move(request), client_id);
}

Result<std::vector<TopicView>> ClusterView::all_of(Result<RawAnswer> raw) {
  BOBBIN_TRY_ASSIGN(answer, decode_answer<protocol::MetadataResponse>(std::move(raw)));
  BOBBIN_TRY(check_topics(answer.body));
  std::vector<TopicView> topics;
  for (auto& topic : answer.body.topics)
    if (topic.name) topics.push_back(view_of(topic));
  std::sort(topics.begin(), topics.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return topics;
}

}  // namespace bobbin::client
