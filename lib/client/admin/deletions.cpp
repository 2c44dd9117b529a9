#include "client/admin/deletions.h"

#include <map>

#include "client/admin/asking.h"
#include "protocol/messages/delete_records.h"

namespace bobbin::client {

namespace {

using Request = protocol::DeleteRecordsRequest;
using Response = protocol::DeleteRecordsResponse;

// One request to every leader, sent again for what could not be done.
class Deleting {
 public:
  Deleting(Session& session, const std::string& topic) : session_(session), topic_(topic) {}

  Result<std::vector<Deleted>> run(const std::vector<Deletion>& what) {
    for (const Deletion& one : what) open_[one.partition] = {one.below, Errc::none};
    const int64_t give_up_at = session_.now_ms() + session_.target().timeout_ms;
    while (!open_.empty() && session_.now_ms() < give_up_at) {
      BOBBIN_TRY(round(give_up_at));
      if (open_.empty()) break;
      session_.refresh_metadata();
      BOBBIN_TRY(session_.wait({}, retry_pause_ms));
    }
    std::vector<Deleted> all;
    for (const Deletion& one : what) {
      auto done = done_.find(one.partition);
      all.push_back(done != done_.end() ? done->second
                                        : Deleted{one.partition, unanswered(one.partition), offset_none});
    }
    return all;
  }

 private:
  struct Open {
    Offset below;
    Errc last_error;
  };

  std::string name(PartitionId p) const { return topic_ + "-" + to_string(p); }

  Status unanswered(PartitionId p) const {
    const Errc code = open_.at(p).last_error;
    if (code == Errc::none || code == Errc::disconnected)
      return error(Errc::no_answer, name(p) + ": its leader did not answer in time");
    return refusal(p, code);
  }
  Error refusal(PartitionId p, Errc code) const {
    if (code == Errc::request_timed_out)
      return error(code,
                   name(p) +
                       ": its leader has deleted them, but not every replica has said in time that it follows; try "
                       "again to be sure");
    if (code == Errc::policy_violation)
      return error(code, name(p) + ": the topic keeps all of its records (its cleanup.policy is not delete)");
    return kafka_error(static_cast<int16_t>(code), std::nullopt, name(p));
  }

  Status round(int64_t give_up_at) {
    std::map<BrokerId, Request> requests;
    for (const auto& [p, open] : open_) {
      const PartitionView* known = session_.topology().partition(topic_, p);
      // Waiting for a connection lets newer metadata in.
      const BrokerId leader = known ? known->leader : broker_none;
      if (leader == broker_none || !is_connected(session_, leader)) {
        BOBBIN_TRY(session_.need(topic_, p));
        continue;
      }
      Request& request = requests[leader];
      // So that the leader says what it waited for before nobody listens any more.
      const int64_t left_ms = (give_up_at - session_.now_ms()) * 3 / 4;
      request.timeout_ms = static_cast<int32_t>(std::clamp<int64_t>(left_ms, 1, wait_ms(session_)));
      if (request.topics.empty()) request.topics.push_back({topic_, {}});
      request.topics[0].partitions.push_back({p.value, open.below.value});
    }
    for (const auto& [leader, request] : requests) BOBBIN_TRY(ask_leader(leader, request));
    return {};
  }

  Status ask_leader(BrokerId leader, const Request& request) {
    CallOptions options;
    options.node = leader;
    auto answer = ask<Request, Response>(session_, options, request);
    if (!answer) {
      const Errc code = answer.error().code;
      return code == Errc::disconnected || code == Errc::no_answer ? Status() : Status(std::move(answer).error());
    }
    for (const auto& topic : answer->body.topics)
      for (const auto& told : topic.partitions)
        if (topic.name == topic_) take(told);
    return {};
  }

  void take(const Response::DeleteRecordsPartitionResult& told) {
    const PartitionId p(told.partition_index);
    auto it = open_.find(p);
    if (it == open_.end()) return;
    const Errc code = it->second.last_error = errc_from_wire(told.error_code);
    if (code != Errc::none && code != Errc::request_timed_out && is_retriable(code)) return;
    Deleted& done =
        done_[p] = {p, code == Errc::none ? Status() : Status(refusal(p, code)), Offset(told.low_watermark)};
    if (done.status && done.start < it->second.below)
      done.status = error(Errc::malformed, name(p) + ": its leader tells a start of " + to_string(done.start) +
                                               ", which is below what was asked for");
    open_.erase(it);
  }

  Session& session_;
  std::string topic_;
  std::map<PartitionId, Open> open_;
  std::map<PartitionId, Deleted> done_;
};

}  // namespace

Result<std::vector<Deleted>> delete_records(Session& session, const std::string& topic,
                                            const std::vector<Deletion>& what) {
  BOBBIN_TRY(session.fetch_metadata({topic}));
  const TopicView* view = session.topology().topic(topic);
  if (!view || view->error == Errc::unknown_topic_or_partition)
    return error(Errc::unknown_topic_or_partition, "there is no topic " + topic);
  if (view->error != Errc::none && !is_retriable(view->error))
    return kafka_error(static_cast<int16_t>(view->error), std::nullopt, "topic " + topic);
  for (const Deletion& one : what)
    if (one.partition.value < 0 || static_cast<size_t>(one.partition.value) >= view->partitions.size())
      return error(Errc::unknown_topic_or_partition,
                   "topic " + topic + " has no partition " + to_string(one.partition));
  return Deleting(session, topic).run(what);
}

}  // namespace bobbin::client
