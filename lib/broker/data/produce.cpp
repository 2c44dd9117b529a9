// Produce 3 to 13; 0 to 2 are advertised and not served (protocol/messages/produce.h). acks=1 is answered at append,
// acks=all at the high watermark, which under flush.policy=ack counts what is on the disk. Batches whose records take long to
// look at are looked at by helpers first (inspections.h). Not served: transactions.
#include "broker/data/appending.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::ProduceRequest;

// How much there is to do before a batch can be appended.
enum class Effort { none, little, much };

Effort effort_of(DataContext& data, const NamedTopic& named, const RequestMessage::PartitionProduceData& part) {
  if (!named.topic || !is_batch_v2(part.records)) return Effort::none;
  bool is_long = record::BatchView(*part.records).compression() != record::Compression::none;
  if (!is_long) {
    const std::string& wanted = data.replicas.settings_of(named.topic->id).compression_type;
    is_long = wanted != "producer" && wanted != "uncompressed";
  }
  if (!is_long) return Effort::none;
  return part.records->size() <= data.inspect_now_bytes_max ? Effort::little : Effort::much;
}

Effort effort_of(DataContext& data, const RequestMessage& message, int16_t version) {
  Effort most = Effort::none;
  for (const auto& topic : message.topic_data) {
    NamedTopic named = data.metadata.find_topic(topic.name, topic.topic_id, version > RequestMessage::last_with_names);
    for (const auto& part : topic.partition_data) most = std::max(most, effort_of(data, named, part));
  }
  return most;
}

Inspected begin_inspection(DataContext& data, const NamedTopic& named, const RequestMessage::PartitionProduceData& part,
                           int16_t version) {
  auto leading = leading_for(data, named, part, version);
  if (!leading) return {{}, leading.error(), {}};
  auto begun = (*leading)->inspect(*part.records);
  if (!begun) return {(*leading)->id(), begun.error(), {}};
  return {(*leading)->id(), {}, std::move(*begun)};
}

std::vector<Inspected> begin_inspections(DataContext& data, const RequestMessage& message, int16_t version) {
  std::vector<Inspected> all;
  for (const auto& topic : message.topic_data) {
    NamedTopic named = data.metadata.find_topic(topic.name, topic.topic_id, version > RequestMessage::last_with_names);
    for (const auto& part : topic.partition_data) all.push_back(begin_inspection(data, named, part, version));
  }
  return all;
}

// Small ones, at once. False: they are not that small.
bool inspect_now(DataContext& data, std::vector<Inspected>& inspected) {
  size_t left = data.inspect_now_bytes_max;
  for (Inspected& i : inspected) {
    if (!i.inspection) continue;
    Status sound = i.inspection->run({.out_bytes_max = left, .window_bytes_max = Inspections::quick_window_bytes_max});
    if (!sound && sound.error().code == Errc::message_too_large) return false;
    left -= std::min(left, i.inspection->decompressed_bytes());
    i.sound = std::move(sound);
  }
  return true;
}

// A request that is away: its own copy of the frame, to which its message points.
class Away {
 public:
  // `inspects`: or there is only much to append.
  Away(DataContext& data, const Request& request, std::shared_ptr<PendingProduce> pending, bool inspects)
      : data_(data), connection_(request.connection), frame_(request.body), pending_(std::move(pending)) {
    auto message = decode_again<RequestMessage>(frame_, request.version);
    check(message.ok(), "what was read once is read again");
    message_ = std::move(*message);
    count_ = batches_of(message_);
    if (inspects) inspected_ = begin_inspections(data, message_, request.version);
    looked_ = inspects ? 0 : count_;
    memory_ = data.memory.budget().take(frame_.size() + inspected_.size() * sizeof(Inspected));
    appending_.emplace(data, connection_, request.version, message_, inspected_);
  }

  bool is_looked_at() const { return looked_ == count_; }
  // On a helper: looks at batches until what they become is worth appending. False: takes long.
  bool look(bool quick) {
    size_t held = 0, quick_left = Inspections::quick_bytes_max;
    for (; looked_ < count_ && held < held_bytes_max; looked_++) {
      Inspected& i = inspected_[looked_];
      if (!i.inspection) continue;
      Status sound = i.inspection->run(limits(quick, quick_left));
      if (quick && !sound && sound.error().code == Errc::message_too_large) return false;
      i.sound = std::move(sound);
      quick_left -= std::min(quick_left, i.inspection->decompressed_bytes());
      left_ -= std::min(left_, i.inspection->decompressed_bytes());
      held += i.inspection->held_bytes();
    }
    return true;
  }

  // Nobody waits for the answer any more.
  bool give_up() {
    if (message_.acks == 0 || data_.connections.peer(connection_)) return false;
    data_.connections.come_back(connection_);
    return true;
  }

  // Appends some of what was looked at. Whether that was all of it.
  bool append_some() {
    appended_ = std::min(appended_ + batches_a_turn, looked_);
    appending_->run(*pending_, appended_ == count_ ? SIZE_MAX : appended_);
    return appended_ == looked_;
  }
  void finish() {
    promise(data_, message_, *appending_, std::move(pending_));
    data_.connections.come_back(connection_);
  }

  static constexpr size_t batches_a_turn = 32;  // a new partition's first one makes its files
  static size_t batches_of(const RequestMessage& message) {
    size_t count = 0;
    for (const auto& topic : message.topic_data) count += topic.partition_data.size();
    return count;
  }

 private:
  static constexpr size_t request_bytes_max = size_t{1} << 30;  // of its records, decompressed
  static constexpr size_t held_bytes_max = 8 << 20;

  record::StreamLimits limits(bool quick, size_t quick_left) const {
    if (quick)
      return {.out_bytes_max = std::min(quick_left, left_), .window_bytes_max = Inspections::quick_window_bytes_max};
    return {.out_bytes_max = std::min(log::Inspection::decompressed_bytes_max, left_)};
  }

  DataContext& data_;
  ConnectionId connection_;
  std::string frame_;
  std::shared_ptr<PendingProduce> pending_;
  Budget::Share memory_;
  RequestMessage message_;
  size_t count_ = 0;  // of its batches
  std::vector<Inspected> inspected_;
  size_t looked_ = 0, appended_ = 0;  // how many of them
  size_t left_ = request_bytes_max;
  std::optional<Appending> appending_;
};

void append_in_turns(DataContext& data, std::shared_ptr<Away> away);

void look_further(DataContext& data, std::shared_ptr<Away> away) {
  if (away->is_looked_at()) return away->finish();
  data.inspections.submit([away](bool quick) { return away->look(quick); },
                          [&data, away] { append_in_turns(data, away); }, [away] { return away->give_up(); });
}

void append_in_turns(DataContext& data, std::shared_ptr<Away> away) {
  data.turns.begin([&data, away] {
    if (!away->append_some()) return false;
    look_further(data, away);
    return true;
  });
}

void produce(DataContext& data, const Request& request, RequestMessage message, Reply reply) {
  auto pending = std::make_shared<PendingProduce>();
  pending->answer = answer_to(request);
  pending->reply = std::move(reply);
  if (message.acks < -1 || message.acks > 1) return refuse_acks(*pending, message);

  std::vector<Inspected> inspected;
  Effort effort = effort_of(data, message, request.version);
  const bool many = Away::batches_of(message) > Away::batches_a_turn;
  if (effort == Effort::little && !many) {
    inspected = begin_inspections(data, message, request.version);
    if (!inspect_now(data, inspected)) effort = Effort::much;
  }
  if (effort == Effort::much || many) {
    data.connections.send_away(request.connection);
    return append_in_turns(data, std::make_shared<Away>(data, request, std::move(pending), effort != Effort::none));
  }
  Appending appending(data, request.connection, request.version, message, inspected);
  appending.run(*pending);
  promise(data, message, appending, std::move(pending));
}

Needs needs_of(DataContext& data, const RequestMessage& message, int16_t version) {
  Needs needs;
  for (const auto& topic : message.topic_data) {
    NamedTopic named = data.metadata.find_topic(topic.name, topic.topic_id, version > RequestMessage::last_with_names);
    for (const auto& part : topic.partition_data) add_need(needs, data, named.topic, part.index);
  }
  return needs;
}

}  // namespace

extern constinit const ServedApi produce_api = served<produce, needs_of>({0, 13});

}  // namespace bobbin::broker
