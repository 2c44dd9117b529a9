#include "client/admin/leader_offsets.h"

#include <algorithm>
#include <map>
#include <set>

#include "client/admin/asking.h"
#include "protocol/messages/list_offsets.h"

namespace bobbin::client {

namespace {

int64_t timestamp_of(At query) {
  switch (query.kind) {
    case At::Kind::earliest:
      return -2;
    case At::Kind::latest:
      return -1;
    case At::Kind::max_timestamp:
      return -3;
    case At::Kind::time:
      return time_of(query).value;
  }
  return -1;
}

// One question to every leader, asked again for what could not be answered.
class OffsetSearch {
 public:
  OffsetSearch(Session& session, const std::string& topic, At query)
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
    // One may be named twice, and is told twice.
    for (PartitionId p : partitions) all.push_back(answers_.at(p));
    return all;
  }

 private:
  Error unanswered(PartitionId p, Errc code) const {
    std::string where = topic_ + "-" + to_string(p);
    const PartitionView* view = session_.topology().partition(topic_, p);
    if (view && view->leader == broker_none) return error(Errc::no_answer, where + ": it has no leader now");
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
      if (!view || view->leader == broker_none || !is_connected(session_, view->leader)) {
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

  Status ask_leader(BrokerId node, const protocol::ListOffsetsRequest& request) {
    CallOptions options;
    options.node = node;
    if (query_.kind == At::Kind::max_timestamp) options.version_min = 7;
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
    std::string where = topic_ + "-" + to_string(id);
    Status status = outcome(p.error_code, p.damage, where);
    // Only a time may have no offset.
    bool may_be_none = query_.kind == At::Kind::time || query_.kind == At::Kind::max_timestamp;
    if (status && p.offset < 0 && !(may_be_none && p.offset == offset_none.value))
      status = error(Errc::malformed,
                     where + ": its leader tells an offset of " + std::to_string(p.offset) + ", which cannot be");
    answers_[id] = {id, std::move(status), Offset(p.offset), Timestamp(p.timestamp), LeaderEpoch(p.leader_epoch)};
    open_.erase(it);
  }

  Session& session_;
  std::string topic_;
  At query_;
  std::map<PartitionId, Errc> open_;  // with the last error
  std::map<PartitionId, PartitionOffset> answers_;
};

}  // namespace

Result<std::vector<PartitionOffset>> ask_leaders(Session& session, const std::string& topic, At query,
                                                 const std::vector<PartitionId>& partitions) {
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
      return error(Errc::unknown_topic_or_partition, "topic " + topic + " has no partition " + to_string(p));
  return OffsetSearch(session, topic, query).run(wanted);
}

Result<std::vector<Offset>> offsets_alone(Result<std::vector<PartitionOffset>> told) {
  if (!told) return std::move(told).error();
  std::vector<Offset> offsets;
  for (PartitionOffset& one : *told) {
    BOBBIN_TRY(std::move(one.status));
    offsets.push_back(one.offset);
  }
  return offsets;
}

}  // namespace bobbin::client
