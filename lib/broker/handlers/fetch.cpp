// Fetch 4 to 18, with long poll. Sessions are declined (session id 0), which every client takes for a full fetch each
// time. There are no transactions: the last stable offset is the high watermark, and nothing was aborted. Followers are
// not served yet.
#include "broker/handlers/handlers.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::FetchRequest;
using Response = protocol::FetchResponse;

constexpr int32_t fetch_bytes_max = 57671680;  // Kafka's fetch.max.bytes
constexpr int64_t busy_ms_max = 1000;  // a busy client asks again sooner, or has stopped
constexpr int64_t busy_ms_after = 5;   // until it has read its answer
constexpr size_t large_bytes = 64 << 10;
constexpr uint64_t in_place_bytes_min = 32 << 10;  // less is as quickly sent as mapped

struct Pending {
  Answer answer;
  ConnectionId connection;
  RequestMessage message;
  Reply reply;
};

// One attempt at an answer.
class Reading {
 public:
  Reading(Broker& broker, const Pending& pending) : broker_(broker), p_(pending) {
    budget_ = static_cast<size_t>(std::clamp(p_.message.max_bytes, 0, fetch_bytes_max));
    for (const auto& asked : p_.message.topics) read_topic(asked);
  }

  // Nothing is gained by waiting: an error that will not pass, or nothing known was asked for.
  bool is_urgent() const { return urgent_ || known_ == 0; }
  size_t bytes() const { return bytes_; }
  bool tells_tail() const { return tells_tail_; }
  std::vector<std::unique_ptr<std::string>>& kept() { return kept_; }
  Response& response() { return response_; }

 private:
  void read_topic(const RequestMessage::FetchTopic& asked) {
    NamedTopic named = find_topic(broker_, asked.topic, asked.topic_id, p_.answer.version >= 13);
    auto& told = response_.responses.emplace_back();
    told.topic = asked.topic;
    told.topic_id = asked.topic_id;
    for (const auto& part : asked.partitions) {
      auto& data = told.partitions.emplace_back();
      data.partition_index = part.partition;
      Status read = named.topic ? read_partition(*named.topic, part, data) : Status(error(named.error));
      if (!read) set_error(data, named.topic, read.error());
      // Kafka: null for read uncommitted, empty for read committed.
      if (p_.message.isolation_level == 1 && !data.aborted_transactions) data.aborted_transactions.emplace();
    }
  }

  Status read_partition(const metadata::Topic& topic, const RequestMessage::FetchPartition& asked, Response::PartitionData& data) {
    BOBBIN_TRY_ASSIGN(partition, find_leader(broker_, topic, asked.partition));
    known_++;
    if (Errc e = check_leader_epoch(*partition, asked.current_leader_epoch); e != Errc::none) return error(e);
    const log::Log& log = partition->log();
    Offset from(asked.fetch_offset), end = partition->high_watermark();
    if (from < log.log_start() || from > log.log_end()) return error(Errc::offset_out_of_range);
    // A watermark must not go back: a log that is flushed after a crash tells none yet. Who does not wait gets a code that
    // every client takes for "ask again".
    if (!partition->is_settled()) return error(Errc::offset_not_available);
    data.high_watermark = end.value;
    data.last_stable_offset = end.value;
    data.log_start_offset = log.log_start().value;
    if (asked.last_fetched_epoch >= 0 && diverges(log, asked, data)) return {};
    const bool in_place = asked.read_in_place && is_local();
    if (from >= end) {
      if (auto at_end = log.end_extent(); in_place && at_end && from == at_end->next_offset) tell_tail(*partition, *at_end, data);
      return {};
    }
    std::optional<log::Extent> extent;
    if (in_place) {
      // What is wrong with the file is found again, and told, by the read.
      if (auto found = partition->extent(from)) extent = *found;
      if (extent && extent->end - extent->position >= in_place_bytes_min) {
        tell_tail(*partition, *extent, data);
        return tell_place(*extent, log.config(), data);
      }
    }
    size_t limit = std::min(budget_, static_cast<size_t>(std::max(asked.partition_max_bytes, 0)));
    bool at_least_one = bytes_ == 0;
    if (limit == 0 && !at_least_one) return {};
    auto read = partition->read(from, limit, at_least_one);
    if (!read) {
      // The client gets a number only; the file and what is wrong with it are told here.
      broker_.say_storage_trouble(partition->topic_name() + "-" + std::to_string(asked.partition) + ": " + read.error().message);
      return std::move(read).error();
    }
    std::string records = std::move(*read);
    bytes_ += records.size();
    budget_ -= std::min(budget_, records.size());
    if (extent && records.size() == extent->end - extent->position) tell_tail(*partition, *extent, data);
    kept_.push_back(std::make_unique<std::string>(std::move(records)));
    data.records = Bytes(*kept_.back());
    return {};
  }

  // A process of this machine that can open our files: only their owner's are let in over the unix socket.
  bool is_local() const {
    const Peer* peer = broker_.connections().peer(p_.connection);
    return peer && peer->unix;
  }

  Status tell_place(const log::Extent& extent, const log::LogConfig& config, Response::PartitionData& data) {
    auto end = static_cast<int64_t>(extent.end);
    data.place = {extent.segment.value, static_cast<int64_t>(extent.position), end, extent.next_offset.value, std::max(end, config.segment_bytes)};
    bytes_ += static_cast<size_t>(extent.end - extent.position);
    return {};
  }

  // Where the partition goes on behind the extent, and where to look whether it does.
  void tell_tail(cluster::Partition& partition, const log::Extent& extent, Response::PartitionData& data) {
    metadata::Region* region = broker_.region();
    const metadata::ShownEnd* shown = region ? partition.show_in(*region) : nullptr;
    if (!shown) return;
    auto position = static_cast<int64_t>(extent.end);
    data.tail = {static_cast<int64_t>(shown->slot()), static_cast<int64_t>(shown->generation()), extent.segment.value,
                 position, extent.next_offset.value, std::max(position, partition.log().config().segment_bytes)};
    tells_tail_ = true;
  }

  // KIP-595: the log that the fetcher followed and ours part below its position.
  bool diverges(const log::Log& log, const RequestMessage::FetchPartition& asked, Response::PartitionData& data) {
    log::EpochEnd ours = log.epoch_end(LeaderEpoch(asked.last_fetched_epoch));
    if (ours.epoch.value == asked.last_fetched_epoch && ours.end >= Offset(asked.fetch_offset)) return false;
    data.diverging_epoch = {ours.epoch.value, ours.end.value};
    urgent_ = true;
    return true;
  }

  void set_error(Response::PartitionData& data, const metadata::Topic* topic, const Error& e) {
    data.error_code = wire_code(e.code);
    data.high_watermark = -1;
    data.last_stable_offset = -1;
    data.log_start_offset = -1;
    bool may_pass_meanwhile =
        e.code == Errc::unknown_topic_or_partition || e.code == Errc::unknown_topic_id || e.code == Errc::offset_not_available;
    if (!may_pass_meanwhile) urgent_ = true;
    if (e.code == Errc::not_leader_or_follower && topic) tell_leader(broker_, p_.connection, *topic, data.partition_index, data, response_);
  }

  Broker& broker_;
  const Pending& p_;
  Response response_;
  std::vector<std::unique_ptr<std::string>> kept_;  // what the response's views point to
  size_t budget_ = 0;
  size_t bytes_ = 0;
  size_t known_ = 0;
  bool urgent_ = false;
  bool tells_tail_ = false;
};

bool try_complete(Broker& broker, Pending& pending, bool expired) {
  if (!broker.connections().peer(pending.connection)) return true;  // nobody reads the answer
  Reading reading(broker, pending);
  size_t wanted = static_cast<size_t>(std::clamp(pending.message.min_bytes, 0, fetch_bytes_max));
  if (!expired && !reading.is_urgent() && reading.bytes() < wanted) return false;
  if (reading.bytes() >= large_bytes && !reading.tells_tail()) {
    pending.reply.send_pieces(pending.answer.pieces(reading.response(), reading.kept()));
    return true;
  }
  std::string frame = pending.answer.frame(reading.response());
  if (reading.tells_tail() && broker.connections().take_region_turn(pending.connection))
    pending.reply.send_with(std::move(frame), broker.region()->fd());
  else
    pending.reply.send(std::move(frame));
  return true;
}

}  // namespace

void handle(Broker& broker, const Request& request, protocol::FetchRequest message, Reply reply) {
  if (message.session_id != 0 && message.session_epoch > 0) {
    Response response;
    response.error_code = static_cast<int16_t>(Errc::fetch_session_id_not_found);
    return reply.send(answer_to(request).frame(response));
  }
  int64_t wait_ms = message.max_wait_ms;
  const Peer* peer = broker.connections().peer(request.connection);
  if (message.busy && peer && peer->unix)
    broker.await_busily(request.connection, broker.world().clock.mono_ms() + std::clamp<int64_t>(wait_ms, 0, busy_ms_max) + busy_ms_after);
  auto pending = std::make_shared<Pending>(Pending{answer_to(request), request.connection, std::move(message), std::move(reply)});
  if (try_complete(broker, *pending, wait_ms <= 0)) return;
  std::vector<cluster::TopicPartition> watched;
  for (const auto& topic : pending->message.topics) {
    NamedTopic named = find_topic(broker, topic.topic, topic.topic_id, request.version >= 13);
    if (!named.topic) continue;
    for (const auto& part : topic.partitions) watched.push_back({named.topic->id, PartitionId(part.partition)});
  }
  broker.purgatory().park(broker.world().clock.mono_ms() + wait_ms, std::move(watched),
                          [&broker, pending](bool expired) { return try_complete(broker, *pending, expired); });
}

}  // namespace bobbin::broker
