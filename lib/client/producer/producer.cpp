#include "client/producer/producer.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/units.h"
#include "client/admin/configs.h"
#include "client/admin/sentences.h"
#include "client/patience.h"
#include "client/producer/partition_queue.h"
#include "client/request.h"
#include "client/session.h"
#include "protocol/frame.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/produce.h"

namespace bobbin::client {

using protocol::ProduceRequest;
using protocol::ProduceResponse;

namespace {

constexpr int64_t request_timeout_ms = 30'000;    // a broker that does not answer one Produce for so long is left
constexpr int32_t request_bytes_sure = 2 << 20;   // every broker reads requests of so much, as far as anybody set it up
constexpr int32_t request_overhead_bytes = 1024;  // around the batch in a Produce, names included

bool is_fatal_to_all(Errc code) {
  return code == Errc::invalid_producer_epoch || code == Errc::producer_fenced ||
         code == Errc::topic_authorization_failed || code == Errc::cluster_authorization_failed;
}

std::string advice(Errc code) {
  switch (code) {
    case Errc::out_of_order_sequence_number:
      return ": the broker has lost records that it had acknowledged, or another producer uses this one's id";
    case Errc::invalid_timestamp:
      return ": a timestamp is too far from now for this topic (message.timestamp.before.max.ms, "
             "message.timestamp.after.max.ms)";
    case Errc::message_too_large:
    case Errc::record_list_too_large:
      return ": raise the topic's max.message.bytes (and segment.bytes), or send smaller records";
    case Errc::invalid_record:
      return ": the topic does not take such records (a compacted topic needs keys)";
    default:
      return "";
  }
}

Error refusal(const ProduceResponse::PartitionProduceResponse& answer, const std::string& where) {
  auto code = errc_from_wire(answer.error_code);
  Error why = kafka_error(answer.error_code, answer.error_message, where);
  if (answer.is_damaged) why.code = Errc::damaged;
  if (code != Errc::invalid_timestamp || !answer.error_message) why.message += advice(code);
  for (const auto& bad : answer.record_errors)
    if (bad.batch_index_error_message && bad.batch_index_error_message != answer.error_message) {
      why.message +=
          " (record " + std::to_string(bad.batch_index) + " of its batch: " + *bad.batch_index_error_message + ")";
      break;
    }
  return why;
}

}  // namespace

Producer::Producer(Session& session, std::string topic, const ProducerOptions& options)
    : session_(session), topic_(std::move(topic)), options_(options), topic_watch_(topic_, {}),
      self_(std::make_shared<Producer*>(this)) {
  if (options_.acks == 0) options_.idempotent = false;
  options_.in_flight_max = std::clamp(options_.in_flight_max, 1, options_.idempotent ? 5 : 1000);
}

Producer::~Producer() { *self_ = nullptr; }

// --- opening ---

Result<std::unique_ptr<Producer>> Producer::open(Session& session, std::string topic, const ProducerOptions& options) {
  std::unique_ptr<Producer> producer(new Producer(session, std::move(topic), options));
  BOBBIN_TRY(producer->prepare());
  return producer;
}

Status Producer::prepare() {
  BOBBIN_TRY(session_.fetch_metadata({topic_}));
  const TopicView* view = session_.topology().topic(topic_);
  if (!view || view->error == Errc::unknown_topic_or_partition)
    return error(Errc::unknown_topic_or_partition,
                 "there is no topic " + topic_ + "; `bobbin topic create " + topic_ + "` makes it");
  if (view->error != Errc::none && !is_retriable(view->error))
    return kafka_error(static_cast<int16_t>(view->error), std::nullopt, "topic " + topic_);
  if (view->partitions.empty())
    return error(Errc::leader_not_available, "topic " + topic_ + " has no partitions yet; try again");
  topic_watch_ = TopicWatch(topic_, view->id);
  topology_seen_ = session_.topology_version();
  BOBBIN_TRY(read_size_limits());
  if (options_.idempotent) BOBBIN_TRY(acquire_producer_id());
  batch_bytes_ = std::min(options_.batch_bytes, static_cast<size_t>(max_message_bytes_));
  partitioner_.emplace(options_.partitioner, partitions(), session_.random().next());
  adopt_partitions();
  wall_ = session_.clock().wall();
  return {};
}

int32_t Producer::partitions() const {
  const TopicView* view = session_.topology().topic(topic_);
  return view ? static_cast<int32_t>(view->partitions.size()) : 0;
}

void Producer::adopt_partitions() {
  auto count = static_cast<size_t>(partitions());
  if (count <= queues_.size()) return;
  while (queues_.size() < count)
    queues_.push_back(std::make_unique<PartitionQueue>(PartitionId(static_cast<int32_t>(queues_.size())),
                                                       options_.in_flight_max, &spares_));
  partitioner_->set_partitions(static_cast<int32_t>(count));
}

// A cluster that does not tell has Kafka's defaults, as far as anybody knows. A request may be too large before its batch
// is; a broker closes the connection on such a one, and says nothing.
Status Producer::read_size_limits() {
  std::set<BrokerId> leaders;
  for (const PartitionView& partition : session_.topology().topic(topic_)->partitions) leaders.insert(partition.leader);
  leaders.erase(broker_none);
  // The one that answered before is asked of both at once. Others only where the answer matters: they may not be there.
  auto ready = std::find_if(leaders.begin(), leaders.end(), [this](BrokerId id) { return session_.is_ready(id); });
  BrokerId first = ready == leaders.end() ? any_node : *ready;
  BOBBIN_TRY(read_size_limits_of(first, true));
  if (max_message_bytes_ <= request_bytes_sure) return {};
  for (BrokerId leader : leaders)
    if (leader != first) BOBBIN_TRY(read_size_limits_of(leader, false));
  return {};
}

Status Producer::read_size_limits_of(BrokerId leader, bool and_of_topic) {
  std::vector<ConfigQuestion> questions;
  if (and_of_topic) questions.push_back({ResourceType::topic, topic_, "max.message.bytes"});
  if (leader != any_node) questions.push_back({ResourceType::broker, to_string(leader), "socket.request.max.bytes"});
  auto values = read_configs(session_, leader, questions);
  if (!values) {
    Errc code = values.error().code;
    if (code == Errc::no_answer || code == Errc::stopped) return std::move(values).error();
    return {};
  }
  auto number = [](const std::optional<std::string>& value, int32_t otherwise) {
    auto found = value ? parse_number(*value, 1, INT32_MAX, "a limit") : Result<int64_t>(otherwise);
    return found ? static_cast<int32_t>(*found) : otherwise;
  };
  if (and_of_topic) max_message_bytes_ = number(values->front(), max_message_bytes_);
  if (leader == any_node) return {};
  int32_t room = std::max(number(values->back(), protocol::request_bytes_max) - request_overhead_bytes, 1);
  request_bytes_max_ = std::min(request_bytes_max_, static_cast<size_t>(room));
  if (room < max_message_bytes_) {
    max_message_bytes_ = room;
    limiting_broker_ = leader;
  }
  return {};
}

std::string Producer::size_limit() const {
  std::string limit = std::to_string(max_message_bytes_);
  if (limiting_broker_ == broker_none)
    return "max.message.bytes is " + limit + " (`bobbin topic config " + topic_ + " max.message.bytes=...` raises it)";
  return "broker " + to_string(limiting_broker_) + " with its socket.request.max.bytes reads at most " + limit;
}

Status Producer::acquire_producer_id() {
  int64_t give_up_at = session_.now_ms() + session_.target().timeout_ms;
  for (;;) {
    auto answer = ask<protocol::InitProducerIdRequest, protocol::InitProducerIdResponse>(session_, {}, {});
    Errc code = answer ? errc_from_wire(answer->body.error_code) : answer.error().code;
    if (code == Errc::none && (answer->body.producer_id < 0 || answer->body.producer_epoch < 0))
      return error(Errc::malformed,
                   "the cluster gives a producer id that cannot be (" + std::to_string(answer->body.producer_id) + ")");
    if (code == Errc::none) {
      producer_id_ = ProducerId(answer->body.producer_id);
      producer_epoch_ = ProducerEpoch(answer->body.producer_epoch);
      return {};
    }
    if (!is_retriable(code) && code != Errc::disconnected)
      return answer ? kafka_error(answer->body.error_code, std::nullopt, "a producer id") : std::move(answer).error();
    if (session_.now_ms() >= give_up_at)
      return error(Errc::no_answer, "the cluster gives no producer id (" + std::string(name(code)) + ")");
    BOBBIN_TRY(session_.wait({}, 20));
  }
}

// --- records ---

// The upper bound was above the limit; now exactly.
Status Producer::check_size(const OutRecord& record) {
  size_t content = (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
  size_t needed = content + record::batch_header_bytes;
  auto limit = static_cast<size_t>(max_message_bytes_);
  if (needed <= limit) {
    record::BatchBuilder scratch;
    scratch.add(Timestamp(0), record.key, record.value, record.headers);
    needed = scratch.bytes();
  }
  if (needed <= limit) return {};
  return error(Errc::message_too_large, "a record of " + std::to_string(content) + " bytes does not fit into topic " +
                                            topic_ + ": in a batch it takes at least " + std::to_string(needed) +
                                            ", and " + size_limit());
}

Result<PartitionQueue*> Producer::queue_for(const OutRecord& record, size_t bytes_max) {
  PartitionId id;
  if (record.partition) id = *record.partition;
  else if (options_.partition) id = *options_.partition;
  else id = partitioner_->choose(record.key, bytes_max);
  if (id.value < 0 || static_cast<size_t>(id.value) >= queues_.size())
    return error(Errc::unknown_topic_or_partition, "topic " + topic_ + " has no partition " + to_string(id) +
                                                       ", only 0 to " + std::to_string(queues_.size() - 1));
  return queues_[static_cast<size_t>(id.value)].get();
}

Status Producer::send(const OutRecord& record) {
  if (broken_) return *broken_;
  size_t bytes_max = record::BatchBuilder::record_bytes_max(record.key, record.value, record.headers);
  if (bytes_max + record::batch_header_bytes > static_cast<size_t>(max_message_bytes_)) BOBBIN_TRY(check_size(record));
  BOBBIN_TRY_ASSIGN(found, queue_for(record, bytes_max));
  PartitionQueue& queue = *found;
  if (queue.has_failed()) return *queue.failure();
  if (!queue.open().is_empty() && queue.open().bytes() + bytes_max > batch_bytes_) {
    BOBBIN_TRY(seal(queue));
    // Answers were taken in meanwhile: what goes into a partition that ended would wait for ever.
    if (queue.has_failed()) return *queue.failure();
  }

  size_t before = queue.open().bytes();
  if (before == 0) open_batch(queue, record.number, record::batch_header_bytes + bytes_max);
  queue.open().builder().add(record.timestamp.value_or(wall_), record.key, record.value, record.headers);
  if (options_.delivered) queue.open().keep_number(record.number);
  buffered_bytes_ += queue.open().bytes() - before;
  sent_++;
  return {};
}

void Producer::open_batch(PartitionQueue& queue, uint64_t first_number, size_t bytes_min) {
  wall_ = session_.clock().wall();
  if (buffered_bytes_ == 0) progress_at_ = session_.now_ms();
  queue.open().begin(first_number, session_.now_ms(), piece_for(queue, std::max(batch_bytes_, bytes_min)));
}

// Shared memory for a large batch to come, so that it need not be copied there.
std::optional<transport::FrameMemory::Piece> Producer::piece_for(const PartitionQueue& queue, size_t bytes) {
  if (!queue.open().wants_piece() || options_.compression != record::Compression::none || options_.acks == 0)
    return std::nullopt;
  const PartitionView* view = session_.topology().partition(topic_, queue.id());
  if (!view || view->leader == broker_none) return std::nullopt;
  return session_.take_memory(view->leader, OpenBatch::piece_bytes(bytes));
}

Result<Producer::TakenLines> Producer::send_lines(Bytes lines, char delimiter, uint64_t first_number) {
  if (broken_) return *broken_;
  BOBBIN_TRY_ASSIGN(found, queue_for({}, 0));
  PartitionQueue& queue = *found;
  if (queue.has_failed()) return *queue.failure();
  size_t before = queue.open().bytes();
  if (before == 0) open_batch(queue, first_number, batch_bytes_);
  auto taken = queue.open().builder().add_lines(wall_, lines, delimiter, batch_bytes_);
  sent_ += static_cast<uint64_t>(taken.count);
  buffered_bytes_ += queue.open().bytes() - before;
  if (!options_.partition && taken.bytes > 0) partitioner_->choose(std::nullopt, taken.bytes);
  TakenLines told{taken.bytes, static_cast<uint64_t>(taken.count)};
  // What is left did not fit: the batch is full. One that is alone and still does not fit is for send().
  bool is_full = taken.bytes < lines.size() && !queue.open().is_empty();
  if (is_full) BOBBIN_TRY(seal(queue));
  return told;
}

SealFields Producer::seal_fields() const {
  return {options_.compression, producer_id_, producer_epoch_, static_cast<size_t>(max_message_bytes_)};
}

// A full batch leaves at once, and what has been answered meanwhile is taken: input that never runs dry keeps the
// brokers busy without a call of poll().
Status Producer::seal(PartitionQueue& queue) {
  auto shrank = queue.seal(seal_fields());
  if (!shrank) return give_up(std::move(shrank).error());
  buffered_bytes_ -= static_cast<size_t>(*shrank);
  return step({}, 0);
}

void Producer::push() {
  for (auto& queue : queues_) queue->open().push();
}

bool Producer::is_idle() const {
  return std::all_of(queues_.begin(), queues_.end(), [](const auto& q) { return q->is_idle(); });
}

// --- sending ---

Status Producer::poll(std::span<os::WaitFd> also, int64_t wait_ms) {
  if (broken_) return *broken_;
  wall_ = session_.clock().wall();
  return step(also, wait_ms);
}

Status Producer::step(std::span<os::WaitFd> also, int64_t wait_ms) {
  bool sent = false;
  if (Status s = pump(sent); !s) return give_up(std::move(s).error());
  if (Status s = session_.wait(also, poll_ms(wait_ms)); !s) return give_up(std::move(s).error());
  // What the answers made room for leaves now, not with the next call.
  sent = false;
  if (Status s = pump(sent); !s) return give_up(std::move(s).error());
  if (sent) session_.flush();
  if (broken_) return *broken_;
  int64_t stuck_ms = session_.now_ms() - progress_at_;
  const bool refused_for_long =
      storage_refusal_ && storage_refusal_->at_ms - progress_at_ > options_.storage_refusals_ms_max;
  if (buffered_bytes_ > 0 && storage_refusal_ && (refused_for_long || stuck_ms > options_.timeout_ms))
    return give_up(storage_refusal_->why);
  if (buffered_bytes_ > 0 && stuck_ms > options_.timeout_ms) {
    std::string what = awaited();
    return give_up(error(Errc::no_answer, "no progress for " + std::to_string(options_.timeout_ms) + " ms" +
                                              (what.empty() ? "" : ", waiting for " + what) +
                                              "; `bobbin broker status` tells what runs"));
  }
  return {};
}

Status Producer::finish() {
  Status status;
  while (!broken_ && !is_idle()) {
    push();
    status = poll({}, -1);
    if (!status) break;
  }
  if (first_failed_) return first_failed_->error;
  if (broken_) return *broken_;
  return status;
}

Status Producer::watch() {
  if (topology_seen_ == session_.topology_version()) return {};
  topology_seen_ = session_.topology_version();
  BOBBIN_TRY(topic_watch_.check(session_));
  adopt_partitions();
  return {};
}

bool Producer::has_work(const PartitionQueue& queue, int64_t now) const {
  if (!queue.may_send(now)) return false;
  if (queue.has_waiting() || queue.open().is_pushed()) return true;
  return !queue.open().is_empty() && now - queue.open().opened_at() >= options_.linger_ms;
}

Status Producer::pump(bool& sent) {
  BOBBIN_TRY(watch());
  for (bool again = true; again;) {
    again = false;
    BOBBIN_TRY(send_round(again));
    sent = sent || again;
  }
  return {};
}

// At most one batch of each partition, those of one leader together.
Status Producer::send_round(bool& sent) {
  int64_t now = session_.now_ms();
  std::map<BrokerId, std::vector<PartitionQueue*>> by_leader;
  bool blocked = false;
  for (auto& queue : queues_) {
    if (!has_work(*queue, now)) continue;
    const PartitionView* view = session_.topology().partition(topic_, queue->id());
    if (view && view->leader != broker_none && session_.is_ready(view->leader)) {
      by_leader[view->leader].push_back(queue.get());
      continue;
    }
    blocked = true;
    BOBBIN_TRY(wait_for_leader(*queue));
  }
  if (!blocked) blocked_since_ = 0;
  for (auto& [node, queues] : by_leader) {
    std::vector<PartitionQueue*> together;
    for (auto* queue : queues) {
      if (!queue->has_waiting()) {
        auto shrank = queue->seal(seal_fields());
        if (!shrank) return std::move(shrank).error();
        buffered_bytes_ -= static_cast<size_t>(*shrank);
      }
      // What lies in shared memory has room around it for a frame of its own.
      if (queue->next_is_in_memory()) send_to(node, {queue});
      else together.push_back(queue);
    }
    if (!together.empty()) send_to(node, together);
    sent = true;
  }
  return {};
}

Status Producer::wait_for_leader(PartitionQueue& queue) {
  int64_t now = session_.now_ms();
  if (blocked_since_ == 0) blocked_since_ = now;
  const PartitionView* view = session_.topology().partition(topic_, queue.id());
  if (view && view->leader != broker_none && now - blocked_since_ < leader_grace_ms) return {};
  return session_.need(topic_, queue.id());
}

void Producer::send_to(BrokerId node, const std::vector<PartitionQueue*>& queues) {
  std::vector<Sent> sent;
  ProduceRequest request;
  request.acks = options_.acks;
  request.timeout_ms = static_cast<int32_t>(std::min(options_.timeout_ms, request_timeout_ms));
  request.topic_data.emplace_back();
  auto& topic = request.topic_data.back();
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
  Call call;
  call.node = node;
  call.api_key = static_cast<int16_t>(protocol::ApiKey::produce);
  call.version_min = ProduceRequest::versions.first;
  call.version_max = topic.topic_id.is_zero() ? ProduceRequest::last_with_names : ProduceRequest::versions.last;
  call.timeout_ms = request_timeout_ms;
  call.answered = options_.acks != 0;
  // The leader is connected: the request is encoded before send() returns, while the batches are where they are.
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

// --- answers ---

void Producer::take_answer(const std::vector<Sent>& sent, Result<RawAnswer> raw) {
  if (raw && options_.acks == 0) {
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
    else refuse(s, {code, refusal(*it->second, topic_ + "-" + to_string(s.queue->id()))});
  }
}

void Producer::acknowledge(const Sent& sent, Offset first_offset) {
  account(*sent.queue, sent.queue->acknowledge(sent.serial), nullptr, first_offset);
  progress_at_ = session_.now_ms();
  storage_refusal_.reset();
}

void Producer::refuse(const Sent& sent, Refusal why) {
  PartitionQueue& queue = *sent.queue;
  if (why.code == Errc::kafka_storage_error) storage_refusal_ = {why.error, session_.now_ms()};
  if (refreshes_metadata(why.code)) session_.refresh_metadata();
  bool lost = why.code == Errc::disconnected || why.code == Errc::no_answer;
  bool explained = why.code == Errc::out_of_order_sequence_number && !queue.is_oldest(sent.serial);
  if (!queue.has_failed() && (lost || explained || is_retriable(why.code))) {
    // What acks=0 gave to a connection that broke is not sent twice.
    if (options_.acks != 0 || !lost) return queue.retry(sent.serial, session_.now_ms());
  }
  if (why.code == Errc::message_too_large && !queue.has_failed()) {
    auto grew = queue.split(sent.serial, {options_.compression, producer_id_, producer_epoch_}, 0);
    if (grew && *grew) {
      buffered_bytes_ = static_cast<size_t>(static_cast<int64_t>(buffered_bytes_) + **grew);
      return;
    }
  }
  Settled settled = queue.fail(sent.serial, why.error);
  account(queue, settled, &why.error);
  if (is_fatal_to_all(why.code)) give_up(std::move(why.error)).ok();
}

void Producer::account(const PartitionQueue& queue, const Settled& settled, const Error* why, Offset first_offset) {
  acked_ += settled.acked;
  failed_ += settled.failed;
  buffered_bytes_ -= settled.bytes_freed;
  if (!settled.numbers.empty()) options_.delivered({queue.id(), settled.numbers, first_offset, why});
  if (!settled.first_failed || !why) return;
  if (!first_failed_ || *settled.first_failed < first_failed_->number)
    first_failed_ = Failure{*settled.first_failed, queue.id(), *why};
}

Status Producer::give_up(Error why) {
  if (!broken_) broken_ = std::move(why);
  for (auto& queue : queues_) account(*queue, queue->give_up(*broken_), &*broken_);
  return *broken_;
}

// --- waiting ---

int64_t Producer::poll_ms(int64_t wait_ms) const {
  if (buffered_bytes_ == 0 || wait_ms == 0) return wait_ms;
  int64_t now = session_.now_ms();
  int64_t first = progress_at_ + options_.timeout_ms + 1;
  if (blocked_since_ != 0) first = std::min(first, now + leader_grace_ms);
  for (const auto& queue : queues_) {
    if (queue->has_failed() || queue->is_idle()) continue;
    if (auto t = queue->not_before(); t && *t > now && queue->has_waiting()) first = std::min(first, *t);
    if (blocked_since_ == 0 && !queue->open().is_empty() && queue->may_send(now))
      first = std::min(first, queue->open().opened_at() + options_.linger_ms);
  }
  int64_t most = std::max<int64_t>(first - now, 0);
  return wait_ms < 0 ? most : std::min(wait_ms, most);
}

std::string Producer::awaited() const {
  if (buffered_bytes_ == 0) return {};
  std::string what = session_.awaited();
  if (!what.empty()) return what;
  for (const auto& queue : queues_) {
    if (queue->is_idle()) continue;
    const PartitionView* view = session_.topology().partition(topic_, queue->id());
    std::string where = topic_ + "-" + to_string(queue->id());
    if (!view || view->leader == broker_none) return "a leader of " + where;
    return "broker " + to_string(view->leader) + ", which leads " + where;
  }
  return {};
}

}  // namespace bobbin::client
