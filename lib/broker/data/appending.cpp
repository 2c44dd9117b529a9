#include "broker/data/appending.h"

#include "base/mutants.h"
#include "metadata/names.h"
namespace bobbin::broker {

namespace {

using RequestMessage = protocol::ProduceRequest;
using Response = protocol::ProduceResponse;

// Of the disk: to a producer corrupt_message speaks of its own bytes.
bool is_damage(const Error& e) { return e.code == Errc::damaged || e.code == Errc::misplaced; }

void set_error(Response::PartitionProduceResponse& told, const Error& e) {
  told.is_damaged = is_damage(e);
  told.error_code = wire_code(told.is_damaged ? Errc::kafka_storage_error : e.code);
  told.base_offset = -1;
  told.log_append_time_ms = -1;
  told.log_start_offset = -1;
  if (!e.message.empty()) told.error_message = e.message;
}

// Kafka tells where the log begins with an error that its log found in the one batch of a partition, but for these.
bool tells_log_start(Bytes records, Errc code) {
  if (code == Errc::message_too_large || code == Errc::corrupt_message || code == Errc::kafka_storage_error ||
      code == Errc::not_leader_or_follower)
    return false;
  if (!is_batch_v2(records)) return false;
  const int64_t size = int64_t{load_be<int32_t>(records.data() + record::batch_length_at)} +
                       static_cast<int64_t>(record::batch_log_overhead);
  const auto all = static_cast<int64_t>(records.size());
  return size <= all && all - size <= static_cast<int64_t>(record::magic_at);
}

// What only the request knows; the log checks the rest in Kafka's order.
Status check_batch(const std::optional<Bytes>& records, int16_t version) {
  if (!records || records->empty()) return error(Errc::invalid_record, "a partition without a batch");
  if (!is_batch_v2(records)) return {};  // the log says what is wrong with it
  record::BatchView batch(*records);
  if (batch.compression() == record::Compression::zstd && version < 7)
    return error(Errc::unsupported_compression_type, "zstd needs Produce version 7");
  if (batch.is_transactional())
    return error(version >= 11 ? Errc::transaction_abortable : Errc::invalid_txn_state,
                 "there are no transactions here yet");
  return {};
}

void begin_topic(const RequestMessage::TopicProduceData& data, PendingProduce& pending) {
  auto& told = pending.response.responses.emplace_back();
  told.name = data.name;
  told.topic_id = data.topic_id;
}

std::optional<record::BatchView> idempotent_batch(const std::optional<Bytes>& records) {
  if (!is_batch_v2(records)) return std::nullopt;
  record::BatchView batch(*records);
  if (batch.producer_id() < ProducerId(0)) return std::nullopt;
  return batch;
}

// Whether a batch of that producer would be let in here with any sequence. Where the log knows it in that epoch, it sees for itself
// what is missing: a refused batch may have come by way of another broker, which led meanwhile. Who does not lead says so.
bool may_begin_anywhere(DataContext& data, const NamedTopic& named, int32_t index, const record::BatchView& batch) {
  if (!named.topic) return false;
  const cluster::Leading* leading = data.replicas.opened().find_leading({named.topic->id, PartitionId(index)});
  if (!leading) return false;
  const log::ProducerState* known = leading->copy().producers().find(batch.producer_id());
  return !known || known->epoch != batch.producer_epoch();
}

Result<log::Appended> append_inspected(cluster::Leading& leading, Inspected& inspected, size_t bytes,
                                       std::vector<log::RecordError>& bad) {
  if (!inspected.sound) {
    if (inspected.inspection) bad = inspected.inspection->bad_records();
    return inspected.sound.error();
  }
  if (inspected.id != leading.id()) return error(Errc::unknown_topic_or_partition, "the topic was deleted meanwhile");
  return leading.append(std::move(*inspected.inspection), bytes);
}

// Each cause by its name: the words of the system, which follow, tell the file and what can be done.
Error refused_write(const DataContext& to, Error why) {
  std::string broker = "broker " + to_string(to.metadata.self());
  std::string what;
  if (why.code == Errc::disk_full)
    what = "the disk of " + broker + " is full: nothing was appended; make room, then send again";
  if (why.code == Errc::quota_exceeded)
    what = "the disk quota of the user of " + broker +
           " is used up: nothing was appended; remove files or have it raised, then send again";
  if (why.code == Errc::file_too_large) what = broker + " may not write larger files: nothing was appended";
  if (why.code == Errc::read_only)
    what =
        "the file system of " + broker + " is read-only: nothing was appended; mount it for writing, then send again";
  if (why.code == Errc::permission_denied)
    what = broker + " may not write its files: nothing was appended; give it the right to, then send again";
  return error(why.code, what + " (" + why.message + ")");
}

// Kafka's time-out is for replicas: the leader's own flush is waited for, as long as its disk takes.
bool waits_for_flush(const cluster::OpenReplicas& opened, const cluster::TopicPartition& id, const Awaited& a) {
  const cluster::Leading* leading = opened.find_leading(id);
  return leading && (leading->in_sync().is_alone() || leading->copy().promised_end() <= a.last);
}

// Whether it is decided: promised, lost with its partition, or late.
bool is_decided(DataContext& data, PendingProduce& pending, const cluster::TopicPartition& id, const Awaited& a,
                bool expired) {
  auto& told = pending.response.responses[a.topic].partition_responses[a.partition];
  const auto& opened = data.replicas.opened();
  const auto fate = opened.fate_of(id, a.epoch, a.last);
  if (!fate && (!expired || waits_for_flush(opened, id, a))) return false;
  if (!fate) {
    set_error(told,
              error(Errc::request_timed_out, "the records are appended, but not every replica in sync has them yet"));
  } else if (!*fate && !opened.find_leading(id) && !data.metadata.image().topic(id.topic)) {
    set_error(told, error(Errc::unknown_topic_or_partition, "the topic was deleted meanwhile"));
  } else if (!*fate) {
    const Error& why = fate->error();
    set_error(told, is_damage(why) ? unless_another_leads(data, id, why) : why);
  }
  return true;
}

// Takes out what is decided of what moved; answers when that was the last.
bool try_complete(DataContext& data, PendingProduce& pending, const Purgatory::Moved& moved, bool expired) {
  auto look = [&](auto from, auto to) {
    while (from != to)
      from =
          is_decided(data, pending, from->first, from->second, expired) ? pending.awaited.erase(from) : std::next(from);
  };
  if (moved.any || expired) {
    look(pending.awaited.begin(), pending.awaited.end());
  } else {
    for (const auto& id : moved.partitions) {
      auto [from, to] = pending.awaited.equal_range(id);
      look(from, to);
    }
  }
  if (!pending.awaited.empty()) return false;
  pending.reply.send(pending.answer.frame(pending.response));
  return true;
}

}  // namespace

bool is_batch_v2(const std::optional<Bytes>& records) {
  return records && records->size() >= record::batch_header_bytes && records->at(16) == record::magic_v2;
}

// Where a batch of the request goes, or why it does not.
Result<cluster::Leading*> leading_for(DataContext& data, const NamedTopic& named,
                                      const RequestMessage::PartitionProduceData& part, int16_t version) {
  if (!named.topic) return error(named.error);
  if (metadata::is_internal_topic(named.topic->name))
    return error(Errc::invalid_topic_exception, named.topic->name + " is written by brokers alone");
  BOBBIN_TRY_ASSIGN(leading, find_leader(data, *named.topic, part.index));
  BOBBIN_TRY(check_batch(part.records, version));
  return leading;
}

void Appending::run(PendingProduce& pending, size_t end) {
  for (; topic_ < message_.topic_data.size() && next_ < end; topic_++, part_ = 0) {
    const auto& topic = message_.topic_data[topic_];
    if (part_ == 0) begin_topic(topic, pending);
    NamedTopic named =
        data_.metadata.find_topic(topic.name, topic.topic_id, version_ > RequestMessage::last_with_names);
    for (; part_ < topic.partition_data.size(); part_++, next_++) {
      if (next_ == end) return;
      append_to(topic, named, topic.partition_data[part_], pending);
    }
  }
}
void Appending::append_to(const RequestMessage::TopicProduceData& data, const NamedTopic& named,
                          const RequestMessage::PartitionProduceData& part, PendingProduce& pending) {
  auto& told = pending.response.responses.back();
  auto& slot = told.partition_responses.emplace_back();
  slot.index = part.index;
  log_start_.reset();
  auto done = append_in_turn(data, named, part, slot);
  if (!done) {
    Error why = std::move(done).error();
    if (is_damage(why))
      why = unless_another_leads(data_, cluster::id_of(named.topic, PartitionId(part.index)), std::move(why));
    set_error(slot, why);
    if (log_start_) slot.log_start_offset = log_start_->value;
    if (named.topic && why.code == Errc::not_leader_or_follower)
      tell_leader(data_, connection_, *named.topic, slot.index, slot, pending.response);
    failed_ = true;
  } else if (message_.acks == -1) {
    pending.awaited.emplace(*done_id_, Awaited{*done, done_epoch_, pending.response.responses.size() - 1,
                                               told.partition_responses.size() - 1});
  }
}

// The offset of the last record. What lies behind a batch that was refused must not overtake it (refusals.h).
Result<Offset> Appending::append_in_turn(const RequestMessage::TopicProduceData& topic, const NamedTopic& named,
                                         const RequestMessage::PartitionProduceData& part,
                                         Response::PartitionProduceResponse& told) {
  auto batch = idempotent_batch(part.records);
  if (!batch) return append(named, part, told);
  Refusals::Sender sender{connection_, topic.name,           topic.topic_id,
                          part.index,  batch->producer_id(), batch->producer_epoch()};
  Sequence first = batch->base_sequence();
  if (data_.refusals.is_behind(sender, first) && may_begin_anywhere(data_, named, part.index, *batch))
    return error(Errc::out_of_order_sequence_number, "a batch before this one was refused; send that one first");
  auto done = append(named, part, told);
  data_.refusals.note(sender, first, done ? Status() : Status(done.error()));
  return done;
}

// The same, whatever was refused before.
Result<Offset> Appending::append(const NamedTopic& named, const RequestMessage::PartitionProduceData& part,
                                 Response::PartitionProduceResponse& told) {
  BOBBIN_TRY_ASSIGN(leading, leading_for(data_, named, part, version_));
  if (message_.acks == -1 && !leading->in_sync().has_enough() && !planted(Mutant::append_below_min)) {
    log_start_ = leading->copy().log_start();
    return error(Errc::not_enough_replicas,
                 "fewer replicas are in sync than min.insync.replicas says: nothing was appended");
  }
  std::vector<log::RecordError> bad;
  const Bytes batch = *part.records;
  auto appended = inspected_.empty() ? leading->append(batch, &bad)
                                     : append_inspected(*leading, inspected_[next_], batch.size(), bad);
  if (!appended) {
    for (auto& b : bad) told.record_errors.push_back({b.index, b.message});
    Error why = failure(*leading, part.index, std::move(appended).error());
    if (tells_log_start(batch, why.code)) log_start_ = leading->copy().log_start();
    return why;
  }
  told.base_offset = appended->base_offset.value;
  told.log_append_time_ms = appended->log_append_time.value;
  told.log_start_offset = leading->copy().log_start().value;
  done_id_ = leading->id();
  done_epoch_ = leading->epoch();
  data_.durability.appended(*leading, batch.size());
  return appended->last_offset;
}

Error Appending::failure(const cluster::Leading& leading, int32_t index, Error e) {
  if (is_write_refused(e.code) || e.code == Errc::kafka_storage_error || e.code == Errc::damaged)
    data_.log.storage_trouble(leading.copy().topic_name() + "-" + std::to_string(index) + ": " + e.message);
  return is_write_refused(e.code) ? refused_write(data_, std::move(e)) : e;
}

void refuse_acks(PendingProduce& pending, const RequestMessage& message) {
  for (const auto& topic : message.topic_data) {
    auto& told = pending.response.responses.emplace_back();
    told.name = topic.name;
    told.topic_id = topic.topic_id;
    for (const auto& part : topic.partition_data) {
      auto& slot = told.partition_responses.emplace_back();
      slot.index = part.index;
      set_error(slot, error(Errc::invalid_required_acks, "acks must be -1, 0 or 1"));
    }
  }
  pending.reply.send(pending.answer.frame(pending.response));
}

// Answers, now or when the records are promised.
void promise(DataContext& data, const RequestMessage& message, const Appending& appending,
             std::shared_ptr<PendingProduce> pending) {
  if (message.acks == 0) {
    // No answer at all; an error is told by closing, so that the client looks for its leader anew.
    return appending.failed() ? pending->reply.close() : pending->reply.nothing();
  }
  if (try_complete(data, *pending, {.any = true}, false)) return;
  std::vector<cluster::TopicPartition> watched;
  for (const auto& [id, a] : pending->awaited)
    if (watched.empty() || watched.back() != id) watched.push_back(id);
  int64_t wait_ms = std::max(message.timeout_ms, 0);
  data.purgatory.park(data.world.clock.mono_ms() + wait_ms, std::move(watched),
                      [&data, pending](const Purgatory::Moved& moved, bool expired) {
                        return try_complete(data, *pending, moved, expired);
                      });
}

}  // namespace bobbin::broker
