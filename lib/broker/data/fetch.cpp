// Fetch 4 to 18, with long poll, in sessions (fetch_sessions.h). An answer has at most 8 MiB, or one batch: whoever wants more asks
// again. A partition that is named twice is answered once, as it was named last. There are no transactions: the last stable offset
// is the high watermark, and nothing was aborted.
//
// A follower reads to the end of the log, and its question tells how far it has come (cluster/in_sync.h). One of this machine
// reads the segment files itself where that pays (replication/leader_files.h).
#include "protocol/messages/fetch.h"
#include "broker/data/follower.h"
#include "broker/data/named_partitions.h"
#include "os/cold_read.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::FetchRequest;
using Response = protocol::FetchResponse;

constexpr int32_t answer_bytes_max = 8 << 20;
constexpr int64_t busy_ms_max = 1000;  // a busy client asks again sooner, or has stopped
constexpr int64_t busy_ms_after = 5;   // until it has read its answer
constexpr size_t large_bytes = 64 << 10;

bool names_by_id(int16_t version) { return version > RequestMessage::last_with_names; }

// What is known of a partition since it was read: a fetch that waits for many bytes is not read again for each of them.
struct Waited {
  uint64_t seen = 0;   // of what was promised in the partition, when it was looked at
  uint64_t ready = 0;  // bytes that can be read
  uint64_t cap = 0;    // that will be
  Offset start{0};     // where the log began

  uint64_t counts() const { return std::min(ready, cap); }
};

struct Pending {
  Answer answer;
  ConnectionId connection;
  RequestMessage message;
  Reply reply;
  int64_t deadline_ms = 0;
  FetchSessions::Turn turn = {};
  std::optional<Follower> follower = {};  // none: a consumer asks
  os::ColdRead cold = {};
  std::map<cluster::TopicPartition, Waited> waited = {};
  uint64_t ready = 0;  // what all of them count

  uint64_t wanted() const { return static_cast<uint64_t>(std::clamp(message.min_bytes, 0, answer_bytes_max)); }
};

// Of what it waits for, how much has come.
uint64_t grown(const cluster::Leading& leading, const Pending& pending) {
  return pending.follower ? leading.appended_bytes() : leading.promised_bytes();
}

// One attempt at an answer.
class Reading {
 public:
  Reading(DataContext& data, const Pending& pending)
      : data_(data), p_(pending), room_(data.wire.answer_room(pending.connection)) {
    budget_ = std::min(static_cast<size_t>(std::clamp(p_.message.max_bytes, 0, answer_bytes_max)), room_.bytes);
    for (const auto& asked : p_.message.topics) read_topic(asked);
  }

  // Nothing is gained by waiting: an error that will not pass, or nothing known was asked for.
  bool is_urgent() const { return urgent_ || known_ == 0; }
  bool names_unknown() const { return unknown_; }
  std::map<cluster::TopicPartition, Waited>& waited() { return waited_; }
  size_t bytes() const { return bytes_; }
  bool tells_tail() const { return tells_tail_; }
  std::vector<std::unique_ptr<std::string>>& kept() { return kept_; }
  size_t throttled_bytes() const { return throttled_bytes_; }
  Response& response() { return response_; }

 private:
  void read_topic(const RequestMessage::FetchTopic& asked) {
    NamedTopic named = data_.metadata.find_topic(asked.topic, asked.topic_id, names_by_id(p_.answer.version));
    auto& told = response_.responses.emplace_back();
    told.topic = asked.topic;
    told.topic_id = asked.topic_id;
    for (const auto& part : asked.partitions) {
      auto& data = told.partitions.emplace_back();
      data.partition_index = part.partition;
      Status read = named.topic ? read_partition(*named.topic, part, data) : Status(error(named.error));
      if (!read && wire_code(read.error().code) == static_cast<int16_t>(Errc::corrupt_message))
        read = unless_another_leads(data_, cluster::id_of(named.topic, PartitionId(part.partition)), read.error());
      if (!read) set_error(data, named.topic, read.error());
      if (tells_aborted(data.error_code)) data.aborted_transactions.emplace();
    }
  }

  // Whether there is a list of what was aborted, which is empty: where committed records are read, and of what is not there.
  bool tells_aborted(int16_t error_code) const {
    const auto told = static_cast<Errc>(error_code);
    if (told == Errc::none) return p_.message.isolation_level == 1;
    return told == Errc::unknown_topic_or_partition || told == Errc::unknown_topic_id;
  }

  Status check_question(const cluster::Leading& leading, const RequestMessage::FetchPartition& asked) const {
    if (!is_sensible(asked)) return error(Errc::invalid_request);
    if (Errc e = check_leader_epoch(leading, asked.current_leader_epoch); e != Errc::none) return error(e);
    // Nobody can have read what no leader has written.
    if (!p_.follower && asked.last_fetched_epoch > leading.epoch().value) return error(Errc::offset_out_of_range);
    return {};
  }

  // Kafka has no code for it and answers UNKNOWN_SERVER_ERROR.
  bool is_sensible(const RequestMessage::FetchPartition& asked) const {
    const bool is_known_level = p_.message.isolation_level == 0 || p_.message.isolation_level == 1;
    return is_known_level && p_.message.max_bytes >= 0 && asked.partition_max_bytes >= 0;
  }

  Status read_partition(const metadata::Topic& topic, const RequestMessage::FetchPartition& asked,
                        Response::PartitionData& data) {
    BOBBIN_TRY_ASSIGN(leading, find_leader(data_, topic, asked.partition));
    known_++;
    BOBBIN_TRY(check_question(*leading, asked));
    const cluster::Copy& copy = leading->copy();
    Offset from(asked.fetch_offset), end = p_.follower ? copy.log_end() : leading->high_watermark();
    data.log_start_offset = copy.log_start().value;
    const auto parts = asked.last_fetched_epoch >= 0 ? diverging(*leading, asked) : std::nullopt;
    if (!parts && (from < copy.log_start() || from > copy.log_end())) return error(Errc::offset_out_of_range);
    // Where the log ends is not told yet after a crash, or when too few are in sync: who asks for that gets a code that every
    // client takes for "ask again". What is known to be committed is read as ever.
    if (!leading->is_settled() && !p_.follower && from >= end) return error(Errc::offset_not_available);
    Waited& waited = waited_[leading->id()];
    waited = {grown(*leading, p_), 0, static_cast<uint64_t>(std::max(asked.partition_max_bytes, 0)), copy.log_start()};
    if (p_.follower && !knows_start(asked, copy)) urgent_ = true;
    data.high_watermark = leading->high_watermark().value;
    data.last_stable_offset = data.high_watermark;
    if (parts) {
      data.diverging_epoch = {parts->epoch.value, parts->end.value};
      urgent_ = true;
      return {};
    }
    const bool is_throttled = counts_against_throttle(topic, *leading);
    if (is_throttled && data_.throttle.wait_ms(data_.world.clock.mono_ms()) > 0) return {};
    const bool in_place = asked.read_in_place && is_local();
    const auto below = p_.follower ? cluster::Leading::Below::log_end : cluster::Leading::Below::high_watermark;
    if (from >= end) {
      if (auto at_end = leading->end_extent(); in_place && at_end && from == at_end->next_offset)
        tell_tail(*leading, *at_end, data);
      return {};
    }
    std::optional<log::Extent> extent;
    if (in_place) {
      // What is wrong with the file is found again, and told, by the read.
      if (auto found = leading->extent(from, below)) extent = *found;
      if (extent && extent->end - extent->position >= data_.in_place_bytes_min) {
        tell_tail(*leading, *extent, data);
        if (is_throttled) throttled_bytes_ += std::min(extent->end - extent->position, waited.cap);
        waited.ready = waited.cap = extent->end - extent->position;
        if (p_.follower) data.place_epoch = leading->epoch_at(from).value;
        return tell_place(*leading, *extent, data);
      }
    }
    size_t limit = std::min(budget_, static_cast<size_t>(std::max(asked.partition_max_bytes, 0)));
    bool at_least_one =
        bytes_ == 0 && room_.one_batch >= static_cast<size_t>(leading->copy().settings().max_message_bytes);
    if (limit == 0 && !at_least_one) return {};
    auto read = leading->read(from, limit, at_least_one, below);
    if (!read) return unreadable(leading->copy(), std::move(read).error());
    std::string records = std::move(*read);
    bytes_ += records.size();
    if (is_throttled) throttled_bytes_ += records.size();
    waited.ready = records.size();
    budget_ -= std::min(budget_, records.size());
    if (extent && records.size() == extent->end - extent->position) tell_tail(*leading, *extent, data);
    kept_.push_back(std::make_unique<std::string>(std::move(records)));
    data.records = Bytes(*kept_.back());
    return {};
  }

  bool counts_against_throttle(const metadata::Topic& topic, const cluster::Leading& leading) const {
    if (!p_.follower || !data_.throttle.is_on()) return false;
    const PartitionId number = leading.id().partition;
    return is_throttled(*topic.partition(number), number, p_.follower->id, data_.metadata.self(),
                        leading.copy().settings().leader_throttled);
  }

  // The client gets a number only; the file and what is wrong with it are told here.
  Error unreadable(const cluster::Copy& copy, Error why) {
    if (why.code != Errc::not_in_memory) data_.log.damage(log::dir_name(copy.name()) + ": " + why.message);
    return why;
  }

  // A process of this machine that can open our files: only their owner's are let in over the unix socket.
  bool is_local() const { return data_.connections.is_local(p_.connection); }

  // How far a segment may grow that reaches `end` already.
  static int64_t capacity(const cluster::Leading& leading, int64_t end) {
    return std::max<int64_t>(end, leading.copy().settings().segment_bytes);
  }

  Status tell_place(const cluster::Leading& leading, const log::Extent& extent, Response::PartitionData& data) {
    auto end = static_cast<int64_t>(extent.end);
    data.place = {extent.segment.value, static_cast<int64_t>(extent.position), end, extent.next_offset.value,
                  capacity(leading, end)};
    bytes_ += static_cast<size_t>(extent.end - extent.position);
    return {};
  }

  // Where the partition goes on behind the extent, and where to look whether it does.
  void tell_tail(cluster::Leading& leading, const log::Extent& extent, Response::PartitionData& data) {
    region::Region* region = p_.follower || !leading.is_settled() ? nullptr : data_.region;
    const region::ShownEnd* shown = region ? leading.show_in(*region) : nullptr;
    if (!shown) return;
    auto position = static_cast<int64_t>(extent.end);
    data.tail = {static_cast<int64_t>(shown->slot()),
                 static_cast<int64_t>(shown->generation()),
                 extent.segment.value,
                 position,
                 extent.next_offset.value,
                 capacity(leading, position)};
    tells_tail_ = true;
  }

  void set_error(Response::PartitionData& data, const metadata::Topic* topic, const Error& e) {
    data.error_code = wire_code(e.code);
    if (data.error_code == static_cast<int16_t>(Errc::corrupt_message)) data.damage = e.message;
    data.high_watermark = -1;
    data.last_stable_offset = -1;
    if (!p_.follower) data.log_start_offset = -1;
    // Busy: the log is being opened, and whoever waits is asked again then.
    bool may_pass_meanwhile = e.code == Errc::unknown_topic_or_partition || e.code == Errc::unknown_topic_id ||
                              e.code == Errc::offset_not_available || e.code == Errc::busy;
    if (!may_pass_meanwhile) urgent_ = true;
    unknown_ = unknown_ || may_pass_meanwhile;
    if (e.code == Errc::not_leader_or_follower && topic)
      tell_leader(data_, p_.connection, *topic, data.partition_index, data, response_);
  }

  DataContext& data_;
  const Pending& p_;
  Wire::Room room_;
  std::map<cluster::TopicPartition, Waited> waited_;
  Response response_;
  std::vector<std::unique_ptr<std::string>> kept_;  // what the response's views point to
  size_t budget_ = 0;
  size_t bytes_ = 0;
  size_t throttled_bytes_ = 0;
  size_t known_ = 0;
  bool urgent_ = false;
  bool tells_tail_ = false;
  bool unknown_ = false;
};

// Whether what moved may make the answer complete. Looks at nothing else.
bool may_be_enough(DataContext& data, Pending& pending, const Purgatory::Moved& moved) {
  if (moved.any) return true;
  for (const auto& id : moved.partitions) {
    cluster::Leading* leading = data.replicas.opened().find_leading(id);
    auto it = pending.waited.find(id);
    if (!leading || it == pending.waited.end() || (!leading->is_settled() && !pending.follower)) return true;
    Waited& waited = it->second;
    if (pending.follower && leading->copy().log_start() > waited.start) return true;
    pending.ready -= waited.counts();
    waited.ready += grown(*leading, pending) - waited.seen;
    waited.seen = grown(*leading, pending);
    pending.ready += waited.counts();
  }
  return pending.ready >= pending.wanted();
}

void note_what_was_read(Pending& pending, Reading& reading) {
  pending.waited = std::move(reading.waited());
  pending.ready = 0;
  for (const auto& [id, waited] : pending.waited) pending.ready += waited.counts();
}

void refuse(const Answer& answer, Errc why, Reply& reply) {
  Response response;
  response.error_code = wire_code(why);
  reply.send(answer.frame(response));
}

void answer_with(DataContext& data, Pending& pending, Reading& reading) {
  const bool by_id = names_by_id(pending.answer.version);
  if (Status told = data.sessions.answer(pending.turn, pending.message, by_id, reading.response()); !told)
    return refuse(pending.answer, told.error().code, pending.reply);
  if (reading.throttled_bytes() > 0) data.throttle.took(reading.throttled_bytes(), data.world.clock.mono_ms());
  if (reading.bytes() >= large_bytes && !reading.tells_tail()) {
    std::vector<std::string*> kept;
    for (auto& records : reading.kept()) kept.push_back(records.get());
    return pending.reply.send_pieces(pending.answer.pieces(reading.response(), kept));
  }
  auto frame = pending.answer.frame(reading.response());
  if (frame && reading.tells_tail() && data.connections.take_region_turn(pending.connection))
    pending.reply.send_with(std::move(*frame), data.region->fd());
  else pending.reply.send(std::move(frame));
}

void answer_or_wait(DataContext& data, std::shared_ptr<Pending> pending);

// True: it has answered, or a job brings in what it reads, after which it is tried again. `names_unknown`, if given: whether
// metadata may change what is told.
bool try_complete(DataContext& data, const std::shared_ptr<Pending>& pending, bool expired,
                  bool* names_unknown = nullptr) {
  if (!data.connections.peer(pending->connection)) return true;  // nobody reads the answer
  std::optional<Reading> reading;
  if (!pending->cold.try_now([&] { reading.emplace(data, *pending); })) {
    pending->cold.bring_in(data.world, [&data, pending] { answer_or_wait(data, pending); });
    return true;
  }
  pending->cold = {};
  if (!expired && !reading->is_urgent() && reading->bytes() < pending->wanted()) {
    if (names_unknown) *names_unknown = reading->names_unknown();
    note_what_was_read(*pending, *reading);
    return false;
  }
  answer_with(data, *pending, *reading);
  return true;
}

// visit(const metadata::Topic*, int32_t partition) for each partition that is named; nullptr: the topic is unknown.
template <class Visit>
void for_each_named(const DataContext& data, const RequestMessage& message, int16_t version, const Visit& visit) {
  for (const auto& asked : message.topics) {
    NamedTopic named = data.metadata.find_topic(asked.topic, asked.topic_id, names_by_id(version));
    for (const auto& part : asked.partitions) visit(named.topic, part.partition);
  }
}

// Those that are there.
std::vector<cluster::TopicPartition> partitions_of(DataContext& data, const Pending& pending) {
  std::vector<cluster::TopicPartition> ids;
  for_each_named(data, pending.message, pending.answer.version, [&](const metadata::Topic* topic, int32_t partition) {
    if (auto id = cluster::id_of(topic, PartitionId(partition))) ids.push_back(*id);
  });
  return ids;
}

void wait(DataContext& data, std::shared_ptr<Pending> pending, bool names_unknown);

// True: there is nothing to wait for any more, in this place.
bool look_again(DataContext& data, std::shared_ptr<Pending> pending, bool was_unknown) {
  bool names_unknown = false;
  if (try_complete(data, pending, false, &names_unknown)) return true;
  if (!was_unknown) return false;
  wait(data, std::move(pending), names_unknown);  // some of what it names may be there now, and is watched
  return true;
}

void wait(DataContext& data, std::shared_ptr<Pending> pending, bool names_unknown) {
  auto watched = partitions_of(data, *pending);
  data.purgatory.park(
      pending->deadline_ms, std::move(watched),
      [&data, pending, names_unknown](const Purgatory::Moved& moved, bool expired) {
        if (expired) return try_complete(data, pending, true);
        return may_be_enough(data, *pending, moved) && look_again(data, pending, names_unknown);
      },
      names_unknown);
}

void answer_or_wait(DataContext& data, std::shared_ptr<Pending> pending) {
  bool names_unknown = false;
  if (try_complete(data, pending, data.world.clock.mono_ms() >= pending->deadline_ms, &names_unknown)) return;
  wait(data, std::move(pending), names_unknown);
}

// What waits long must not take the room of what does not: large ones wait only while half of it is free.
int64_t wait_ms_of(DataContext& data, const Pending& pending) {
  const Budget& memory = data.memory.budget();
  const bool may_wait = pending.reply.memory() <= RequestMemory::small_bytes || memory.left() > memory.max() / 2;
  return may_wait ? std::max(pending.message.max_wait_ms, 0) : 0;
}

void fetch(DataContext& data, const Request& request, protocol::FetchRequest message, Reply reply) {
  auto turn = data.sessions.ask(message, names_by_id(answer_to(request).version));
  if (!turn) return refuse(answer_to(request), turn.error().code, reply);
  int64_t wait_ms = message.max_wait_ms;
  if (message.busy && data.connections.is_local(request.connection))
    data.busy_clients.add(request.connection,
                          data.world.clock.mono_ms() + std::clamp<int64_t>(wait_ms, 0, busy_ms_max) + busy_ms_after);
  auto pending =
      std::make_shared<Pending>(Pending{answer_to(request), request.connection, std::move(message), std::move(reply)});
  pending->turn = *turn;
  pending->follower = follower_of(data, request.connection, pending->message);
  if (pending->follower) note_follower(data, *pending->follower, pending->message);
  pending->deadline_ms = data.world.clock.mono_ms() + wait_ms_of(data, *pending);
  answer_or_wait(data, pending);
}

Needs needs_of(DataContext& data, const RequestMessage& message, int16_t version) {
  Needs needs;
  for_each_named(data, message, version,
                 [&](const metadata::Topic* topic, int32_t partition) { add_need(needs, data, topic, partition); });
  data.sessions.for_each_remembered(message, [&](const std::string& topic, const Uuid& id, int32_t partition) {
    add_need(needs, data, data.metadata.find_topic(topic, id, names_by_id(version)).topic, partition);
  });
  return needs;
}

}  // namespace

extern constinit const ServedApi fetch_api = served<fetch, needs_of>();

}  // namespace bobbin::broker
