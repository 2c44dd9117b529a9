#include "client/producer/exchange.h"

#include <algorithm>
#include <map>

#include "client/patience.h"
#include "client/request.h"
#include "client/session.h"

namespace bobbin::client {

using protocol::ProduceRequest;
using protocol::ProduceResponse;

namespace {
constexpr int64_t request_timeout_ms = 30'000;  // a broker that does not answer one Produce for so long is left
}  // namespace

Exchange::Exchange(const Parts& parts, TopicId topic_id, size_t request_bytes_max)
    : session_(parts.session), topic_(parts.topic), options_(parts.options), accumulator_(parts.accumulator),
      tally_(parts.tally), progress_(parts.progress), topic_watch_(topic_, topic_id),
      request_bytes_max_(request_bytes_max), self_(std::make_shared<Exchange*>(this)) {}

Exchange::~Exchange() { *self_ = nullptr; }

// --- sending ---

Status Exchange::watch() {
  if (topology_seen_ == session_.topology_version()) return {};
  topology_seen_ = session_.topology_version();
  BOBBIN_TRY(topic_watch_.check(session_));
  accumulator_.adopt_partitions();
  return {};
}

Result<bool> Exchange::send() {
  BOBBIN_TRY(watch());
  bool sent = false;
  for (;;) {
    BOBBIN_TRY_ASSIGN(more, send_round());
    if (!more) return sent;
    sent = true;
  }
}

bool Exchange::has_work(const PartitionQueue& queue, int64_t now) const {
  if (!queue.may_send(now)) return false;
  if (queue.has_waiting() || queue.open().is_pushed()) return true;
  return !queue.open().is_empty() && now - queue.open().opened_at() >= options_.linger_ms;
}

// At most one batch of each partition, those of one leader together.
Result<bool> Exchange::send_round() {
  int64_t now = session_.now_ms();
  std::map<BrokerId, std::vector<PartitionQueue*>> by_leader;
  bool blocked = false;
  for (auto& queue : accumulator_.queues()) {
    if (!has_work(*queue, now)) continue;
    const PartitionView* view = session_.topology().partition(topic_, queue->id());
    if (view && view->leader != broker_none && session_.is_ready(view->leader)) {
      by_leader[view->leader].push_back(queue.get());
      continue;
    }
    blocked = true;
    BOBBIN_TRY(find_leader(*queue));
  }
  if (!blocked) blocked_since_ = 0;
  for (auto& [node, queues] : by_leader) {
    std::vector<PartitionQueue*> together;
    for (auto* queue : queues) {
      if (!queue->has_waiting()) BOBBIN_TRY(accumulator_.seal(*queue));
      // What lies in shared memory has room around it for a frame of its own.
      if (queue->next_is_in_memory()) send_to(node, {queue});
      else together.push_back(queue);
    }
    if (!together.empty()) send_to(node, together);
  }
  return !by_leader.empty();
}

Status Exchange::find_leader(const PartitionQueue& queue) {
  int64_t now = session_.now_ms();
  if (blocked_since_ == 0) blocked_since_ = now;
  const PartitionView* view = session_.topology().partition(topic_, queue.id());
  const bool is_awaited = view && view->leader != broker_none && !session_.is_lost(view->leader);
  if (is_awaited && now - blocked_since_ < leader_grace_ms) return {};
  return session_.need(topic_, queue.id());
}

void Exchange::send_to(BrokerId node, const std::vector<PartitionQueue*>& queues) {
  std::vector<Sent> sent;
  ProduceRequest request;
  request.acks = static_cast<int16_t>(options_.acks);
  request.timeout_ms = static_cast<int32_t>(std::min(options_.timeout_ms, request_timeout_ms));
  auto& topic = request.topic_data.emplace_back();
  topic.name = topic_;
  topic.topic_id = topic_watch_.id();
  size_t bytes = 0;
  for (auto* queue : queues) {
    if (bytes > 0 && bytes + queue->next_bytes() > request_bytes_max_) continue;  // it goes with the next round
    const OutBatch* batch = queue->take();
    sent.push_back({queue, batch->serial});
    topic.partition_data.push_back({queue->id().value, batch->bytes()});
    bytes += batch->bytes().size();
  }
  post(node, request, std::move(sent));
}

// The leader is connected: the request is encoded before this returns, while the batches are where they are.
void Exchange::post(BrokerId node, const ProduceRequest& request, std::vector<Sent> sent) {
  const bool ids_known = !topic_watch_.id().is_zero();
  Call call;
  call.node = node;
  call.api_key = static_cast<int16_t>(protocol::ApiKey::produce);
  call.version_min = ProduceRequest::versions.first;
  call.version_max = ids_known ? ProduceRequest::versions.last : ProduceRequest::last_with_names;
  call.timeout_ms = request_timeout_ms;
  call.answered = options_.acks != Acks::none;
  call.encode = [&request, this](int32_t correlation, int16_t version) {
    return protocol::encode_request(correlation, session_.target().client_id, version, request);
  };
  call.encode_parts = [&request, this](int32_t correlation, int16_t version) {
    return protocol::encode_request_parts(correlation, session_.target().client_id, version, request);
  };
  call.done = [self = self_, sent = std::move(sent)](Result<RawAnswer> raw) {
    if (*self) (*self)->take_answer(sent, std::move(raw));
  };
  session_.send(std::move(call));
}

int64_t Exchange::due_ms() const {
  int64_t now = session_.now_ms();
  int64_t first = blocked_since_ != 0 ? now + leader_grace_ms : INT64_MAX;
  for (const auto& queue : accumulator_.queues()) {
    if (queue->has_failed() || queue->is_idle()) continue;
    if (auto t = queue->not_before(); t && *t > now && queue->has_waiting()) first = std::min(first, *t);
    if (blocked_since_ == 0 && !queue->open().is_empty() && queue->may_send(now))
      first = std::min(first, queue->open().opened_at() + options_.linger_ms);
  }
  return first;
}

std::string Exchange::awaited() const {
  for (const auto& queue : accumulator_.queues()) {
    if (queue->is_idle()) continue;
    const PartitionView* view = session_.topology().partition(topic_, queue->id());
    if (!view || view->leader == broker_none) return "a leader of " + name_of(*queue);
    if (last_refusal_ == Errc::not_enough_replicas)
      return "brokers in sync with " + name_of(*queue) +
             ", which are fewer than min.insync.replicas asks for (bobbin topic describe)";
    return "broker " + to_string(view->leader) + ", which leads " + name_of(*queue);
  }
  return {};
}

// --- answers ---

void Exchange::take_answer(const std::vector<Sent>& sent, Result<RawAnswer> raw) {
  if (raw && options_.acks == Acks::none) {
    for (const auto& s : sent) acknowledge(s, offset_none);
    return;
  }
  auto answer = decode_answer<ProduceResponse>(std::move(raw));
  if (!answer) {
    session_.refresh_metadata();
    for (const auto& s : sent) refuse(s, {answer.error().code, answer.error()});
    return;
  }
  std::map<int32_t, const ProduceResponse::PartitionProduceResponse*> by_partition;
  for (const auto& topic : answer->body.responses)
    for (const auto& partition : topic.partition_responses) by_partition[partition.index] = &partition;
  for (const auto& s : sent) {
    auto it = by_partition.find(s.queue->id().value);
    if (it == by_partition.end()) {
      refuse(s, {Errc::network_exception,
                 error(Errc::malformed, "the broker's answer leaves out partition " + to_string(s.queue->id()))});
      continue;
    }
    auto code = it->second->is_damaged ? Errc::damaged : errc_from_wire(it->second->error_code);
    if (code == Errc::none || code == Errc::duplicate_sequence_number) acknowledge(s, Offset(it->second->base_offset));
    else refuse(s, refusal_of(*it->second, name_of(*s.queue)));
  }
}

void Exchange::acknowledge(const Sent& sent, Offset first_offset) {
  last_refusal_ = Errc::none;
  tally_.settle(sent.queue->id(), sent.queue->acknowledge(sent.serial), nullptr, first_offset);
  progress_.acknowledged(session_.now_ms());
}

void Exchange::refuse(const Sent& sent, Refusal why) {
  PartitionQueue& queue = *sent.queue;
  last_refusal_ = why.code;
  if (why.code == Errc::kafka_storage_error) progress_.disk_refused(why.error, session_.now_ms());
  if (refreshes_metadata(why.code)) session_.refresh_metadata();
  bool lost = why.code == Errc::disconnected || why.code == Errc::no_answer;
  bool explained = why.code == Errc::out_of_order_sequence_number && !queue.is_oldest(sent.serial);
  if (!queue.has_failed() && (lost || explained || is_retriable(why.code))) {
    // What acks=0 gave to a connection that broke is not sent twice.
    if (options_.acks != Acks::none || !lost) return queue.retry(sent.serial, session_.now_ms());
  }
  if (why.code == Errc::message_too_large && !queue.has_failed() && accumulator_.split(queue, sent.serial)) return;
  tally_.settle(queue.id(), queue.fail(sent.serial, why.error), &why.error);
  if (is_fatal_to_all(why.code)) (void)give_up(std::move(why.error));
}

Error Exchange::give_up(Error why) {
  if (!broken_) broken_ = std::move(why);
  for (auto& queue : accumulator_.queues()) tally_.settle(queue->id(), queue->give_up(*broken_), &*broken_);
  return *broken_;
}

}  // namespace bobbin::client
