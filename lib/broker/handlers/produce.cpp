// Produce 3 to 13; 0 to 2 are advertised and not served (protocol/messages/produce.h). acks=1 is answered at append,
// acks=all at the high watermark, which under flush.policy=ack counts what is on the disk. Not served: transactions.
#include "broker/handlers/handlers.h"
#include "record/batch.h"

namespace bobbin::broker {

namespace {

using Response = protocol::ProduceResponse;

// A partition whose records are appended and not yet promised.
struct Awaited {
  cluster::TopicPartition id;
  Offset last;
  size_t topic, partition;  // its place in the response
};

struct Pending {
  Answer answer;
  Reply reply;
  Response response;
  std::vector<Awaited> awaited;
};

void set_error(Response::PartitionProduceResponse& told, const Error& e) {
  // To a producer corrupt_message speaks of its own bytes; these are of the disk.
  told.error_code = wire_code(e.code == Errc::damaged ? Errc::kafka_storage_error : e.code);
  told.base_offset = -1;
  told.log_append_time_ms = -1;
  told.log_start_offset = -1;
  if (!e.message.empty()) told.error_message = e.message;
}

// What only the request knows; the log checks the rest in Kafka's order.
Status check_batch(const std::optional<Bytes>& records, int16_t version) {
  if (!records || records->empty()) return error(Errc::invalid_record, "a partition without a batch");
  if (records->size() < record::batch_header_bytes) return {};  // the log says what is wrong with it
  record::BatchView batch(*records);
  if (records->at(16) != record::magic_v2) return {};
  if (batch.compression() == record::Compression::zstd && version < 7)
    return error(Errc::unsupported_compression_type, "zstd needs Produce version 7");
  if (batch.is_transactional())
    return error(version >= 11 ? Errc::transaction_abortable : Errc::invalid_txn_state, "there are no transactions here yet");
  return {};
}

class Appending {
 public:
  Appending(Broker& broker, const Request& request, const protocol::ProduceRequest& message)
      : broker_(broker), request_(request), message_(message) {}

  void run(Pending& pending) {
    for (const auto& data : message_.topic_data) {
      auto& told = pending.response.responses.emplace_back();
      told.name = data.name;
      told.topic_id = data.topic_id;
      NamedTopic named = find_topic(broker_, data.name, data.topic_id, request_.version >= 13);
      for (const auto& part : data.partition_data) {
        auto& slot = told.partition_responses.emplace_back();
        slot.index = part.index;
        auto done = append_in_turn(data, named, part, slot);
        if (!done) {
          set_error(slot, done.error());
          if (named.topic && done.error().code == Errc::not_leader_or_follower)
            tell_leader(broker_, request_.connection, *named.topic, slot.index, slot, pending.response);
          failed_ = true;
        } else if (message_.acks == -1) {
          pending.awaited.push_back({*done_id_, *done, pending.response.responses.size() - 1, told.partition_responses.size() - 1});
        }
      }
    }
  }
  bool failed() const { return failed_; }

 private:
  // The offset of the last record. What lies behind a batch that was refused must not overtake it (refusals.h).
  Result<Offset> append_in_turn(const protocol::ProduceRequest::TopicProduceData& topic, const NamedTopic& named,
                                const protocol::ProduceRequest::PartitionProduceData& part,
                                Response::PartitionProduceResponse& told) {
    auto batch = idempotent_batch(part.records);
    if (!batch) return append(named, part, told);
    Refusals::Sender sender{request_.connection, topic.name, topic.topic_id, part.index, batch->producer_id(), batch->producer_epoch()};
    Sequence first = batch->base_sequence();
    if (broker_.refusals().is_behind(sender, first))
      return error(Errc::out_of_order_sequence_number, "a batch before this one was refused; send that one first");
    auto done = append(named, part, told);
    broker_.refusals().note(sender, first, done ? Status() : Status(done.error()));
    return done;
  }

  static std::optional<record::BatchView> idempotent_batch(const std::optional<Bytes>& records) {
    if (!records || records->size() < record::batch_header_bytes || records->at(16) != record::magic_v2) return std::nullopt;
    record::BatchView batch(*records);
    if (batch.producer_id() == producer_id_none) return std::nullopt;
    return batch;
  }

  // The same, whatever was refused before.
  Result<Offset> append(const NamedTopic& named, const protocol::ProduceRequest::PartitionProduceData& part,
                        Response::PartitionProduceResponse& told) {
    if (!named.topic) return error(named.error);
    BOBBIN_TRY_ASSIGN(partition, find_leader(broker_, *named.topic, part.index));
    BOBBIN_TRY(check_batch(part.records, request_.version));
    std::vector<log::RecordError> bad;
    auto appended = partition->log().append(*part.records, partition->leader_epoch(), log::AppendOrigin::client, &bad);
    if (!appended) {
      for (auto& b : bad) told.record_errors.push_back({b.index, b.message});
      if (is_write_refused(appended.error().code) || appended.error().code == Errc::kafka_storage_error)
        broker_.say_storage_trouble(partition->topic_name() + "-" + std::to_string(part.index) + ": " + appended.error().message);
      if (is_write_refused(appended.error().code)) return refused_write(std::move(appended).error());
      return std::move(appended).error();
    }
    told.base_offset = appended->base_offset.value;
    told.log_append_time_ms = appended->log_append_time.value;
    told.log_start_offset = partition->log().log_start().value;
    done_id_ = partition->id();
    broker_.appended(*partition, part.records->size());
    return appended->last_offset;
  }

  // Each cause by its name: the words of the system, which follow, tell the file and what can be done.
  Error refused_write(Error why) const {
    std::string broker = "broker " + std::to_string(broker_.options().id.value);
    std::string what;
    if (why.code == Errc::disk_full) what = "the disk of " + broker + " is full: nothing was appended; make room, then send again";
    if (why.code == Errc::quota_exceeded) what = "the disk quota of the user of " + broker + " is used up: nothing was appended; remove files or have it raised, then send again";
    if (why.code == Errc::file_too_large) what = broker + " may not write larger files: nothing was appended";
    if (why.code == Errc::read_only) what = "the file system of " + broker + " is read-only: nothing was appended; mount it for writing, then send again";
    if (why.code == Errc::permission_denied) what = broker + " may not write its files: nothing was appended; give it the right to, then send again";
    return error(why.code, what + " (" + why.message + ")");
  }

  Broker& broker_;
  const Request& request_;
  const protocol::ProduceRequest& message_;
  std::optional<cluster::TopicPartition> done_id_;
  bool failed_ = false;
};

// Takes out what is decided: promised, lost with its partition, or late.
bool try_complete(Broker& broker, Pending& pending, bool expired) {
  std::erase_if(pending.awaited, [&](const Awaited& a) {
    auto& told = pending.response.responses[a.topic].partition_responses[a.partition];
    cluster::Partition* partition = broker.partitions().find_open(a.id);
    if (!partition) {
      set_error(told, error(Errc::unknown_topic_or_partition, "the topic was deleted meanwhile"));
      return true;
    }
    if (partition->high_watermark() > a.last) return true;
    if (partition->log().failed()) {
      set_error(told, error(Errc::kafka_storage_error, partition->log().failed()->message));
      return true;
    }
    if (!expired) return false;
    set_error(told, error(Errc::request_timed_out, "the records are appended but not yet flushed"));
    return true;
  });
  if (!pending.awaited.empty()) return false;
  pending.reply.send(pending.answer.frame(pending.response));
  return true;
}

}  // namespace

void handle(Broker& broker, const Request& request, protocol::ProduceRequest message, Reply reply) {
  auto pending = std::make_shared<Pending>();
  pending->answer = answer_to(request);
  pending->reply = std::move(reply);

  if (message.acks < -1 || message.acks > 1) {
    for (const auto& data : message.topic_data) {
      auto& told = pending->response.responses.emplace_back();
      told.name = data.name;
      told.topic_id = data.topic_id;
      for (const auto& part : data.partition_data) {
        auto& slot = told.partition_responses.emplace_back();
        slot.index = part.index;
        set_error(slot, error(Errc::invalid_required_acks, "acks must be -1, 0 or 1"));
      }
    }
    return pending->reply.send(pending->answer.frame(pending->response));
  }

  Appending appending(broker, request, message);
  appending.run(*pending);
  if (message.acks == 0) {
    // No answer at all; an error is told by closing, so that the client looks for its leader anew.
    return appending.failed() ? pending->reply.close() : pending->reply.nothing();
  }
  if (try_complete(broker, *pending, false)) return;
  std::vector<cluster::TopicPartition> watched;
  for (const auto& a : pending->awaited) watched.push_back(a.id);
  int64_t wait_ms = std::max(message.timeout_ms, 0);
  broker.purgatory().park(broker.world().clock.mono_ms() + wait_ms, std::move(watched),
                          [&broker, pending](bool expired) { return try_complete(broker, *pending, expired); });
}

}  // namespace bobbin::broker
