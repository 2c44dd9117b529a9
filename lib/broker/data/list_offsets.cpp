// ListOffsets 1 to 11: by time, -1 latest (the high watermark), -2 earliest, -3 (from 7) of the largest time, -4 (from 8)
// earliest local, which is the earliest, -5 (from 9) and -6 (from 11) of tiered storage, which there is none of. Who asks as
// replica -2 is told of this broker's own copy, whoever leads (Kafka's debugging replica): -1 is where it ends.
#include "protocol/messages/list_offsets.h"
#include "broker/data/named_partitions.h"
#include "broker/named_once.h"
#include "os/cold_read.h"

namespace bobbin::broker {

namespace {

using Asked = protocol::ListOffsetsRequest::ListOffsetsPartition;
using Told = protocol::ListOffsetsResponse::ListOffsetsPartitionResponse;

// The first version that knows a special timestamp; 0 for a plain time, which all do.
int16_t first_version_of(int64_t timestamp) {
  switch (timestamp) {
    case -3:
      return 7;
    case -4:
      return 8;
    case -5:
      return 9;
    case -6:
      return 11;
    default:
      return timestamp < -6 ? INT16_MAX : 0;
  }
}

void tell(Told& told, const std::optional<log::FoundOffset>& found) {
  if (!found) return;
  told.offset = found->offset.value;
  told.timestamp = found->timestamp.value;
  told.leader_epoch = found->epoch.value;
}

// Kafka's code for an end that cannot be told yet, and what versions before it say.
Errc not_yet(int16_t version) { return version >= 5 ? Errc::offset_not_available : Errc::leader_not_available; }

constexpr int32_t debugging_replica = -2;

Status look_up_copy(DataContext& data, const metadata::Topic& topic, const Asked& asked, Told& told) {
  const auto id = cluster::id_of(&topic, PartitionId(asked.partition_index));
  if (!id) return error(Errc::unknown_topic_or_partition);
  const cluster::Copy* copy = data.replicas.opened().find_copy(*id);
  if (!copy) return error(Errc::not_leader_or_follower);
  if (asked.timestamp != -1 && asked.timestamp != -2) return error(Errc::invalid_request);
  told.offset = (asked.timestamp == -1 ? copy->log_end() : copy->log_start()).value;
  return {};
}

bool asks_for_end(int64_t timestamp) { return timestamp == -1 || timestamp == -3 || timestamp >= 0; }

// Adds the partition to `unsettled` where its end is not known yet (Leading::is_settled).
Status look_up(DataContext& data, const metadata::Topic& topic, const Asked& asked, int16_t version, Told& told,
               std::vector<cluster::TopicPartition>& unsettled) {
  if (version < first_version_of(asked.timestamp)) return error(Errc::unsupported_version);
  BOBBIN_TRY_ASSIGN(leading, find_leader(data, topic, asked.partition_index));
  if (asked.current_leader_epoch < -1) return error(Errc::fenced_leader_epoch);  // unlike in Fetch, as in Kafka
  if (Errc e = check_leader_epoch(*leading, asked.current_leader_epoch); e != Errc::none) return error(e);
  if (asks_for_end(asked.timestamp) && !leading->is_settled()) {
    unsettled.push_back(leading->id());
    return error(leading->copy().failed() ? Errc::kafka_storage_error : not_yet(version));
  }
  switch (asked.timestamp) {
    case -1:
      told.offset = leading->high_watermark().value;
      told.leader_epoch = leading->epoch().value;
      return {};
    case -2:
    case -4:
      told.offset = leading->copy().log_start().value;
      told.leader_epoch = leading->epoch_at(leading->copy().log_start()).value;
      return {};
    case -5:
    case -6:
      return {};
    case -3: {
      BOBBIN_TRY_ASSIGN(found, leading->offset_of_max_timestamp());
      tell(told, found);
      return {};
    }
    default: {
      BOBBIN_TRY_ASSIGN(found, leading->offset_for_time(Timestamp(asked.timestamp)));
      tell(told, found);
      return {};
    }
  }
}

// How long a request waits for logs that are flushed after a crash, before clients are told to ask again.
constexpr int64_t settle_wait_ms = 5000;

// What is looked up before others have their turn: ends are at hand, times are searched for.
constexpr size_t lookups_a_turn = 2048, lookups_for_a_time = 64;

// What is named more than once is answered once, and not looked up.
enum class Named { once, first_of_several, again };

struct Pending {
  Answer answer;
  ConnectionId connection;
  protocol::ListOffsetsRequest message;
  Reply reply;
  bool may_wait = true;
  std::vector<Named> named = {};  // each partition, in the order of the request
  // The answer, as far as it is made:
  protocol::ListOffsetsResponse response = {};
  size_t topic = 0, partition = 0, number = 0;          // where it goes on
  std::vector<cluster::TopicPartition> unsettled = {};  // what it should wait for
  os::ColdRead cold = {};

  void begin_anew() {
    response = {};
    topic = partition = number = 0;
    unsettled.clear();
  }
};

// The client gets a number, ours the file and what is wrong with it; it is told here as well.
void tell_failure(DataContext& data, const NamedTopic& topic, const Error& why, Told& told) {
  told.error_code = wire_code(why.code);
  if (told.error_code != static_cast<int16_t>(Errc::corrupt_message)) return;
  data.log.damage(topic.topic->name + "-" + std::to_string(told.partition_index) + ": " + why.message);
  const Error passed_on =
      unless_another_leads(data, cluster::id_of(topic.topic, PartitionId(told.partition_index)), why);
  told.error_code = wire_code(passed_on.code);
  if (told.error_code == static_cast<int16_t>(Errc::corrupt_message)) told.damage = why.message;
}

// False: not yet, for want of something that is not in memory.
bool look_up_next(DataContext& data, Pending& p, const NamedTopic& topic, const Asked& asked) {
  auto& partitions = p.response.topics.back().partitions;
  if (p.named[p.number] == Named::again) return true;
  auto& told = partitions.emplace_back();
  told.partition_index = asked.partition_index;
  if (p.named[p.number] == Named::first_of_several) {
    told.error_code = static_cast<int16_t>(Errc::invalid_request);
    return true;
  }
  Status found;
  auto look = [&] {
    if (!topic.topic) found = error(topic.error);
    else if (p.message.isolation_level < 0 || p.message.isolation_level > 1) found = error(Errc::invalid_request);
    else if (p.message.replica_id == debugging_replica) found = look_up_copy(data, *topic.topic, asked, told);
    else found = look_up(data, *topic.topic, asked, p.answer.version, told, p.unsettled);
  };
  if (!p.cold.try_now(look)) {
    partitions.pop_back();
    return false;
  }
  p.cold = {};
  if (!found) tell_failure(data, topic, found.error(), told);
  return true;
}

enum class Looked { some, all, cold };
Looked look_up_some(DataContext& data, Pending& p) {
  size_t weight = 0;
  const auto& topics = p.message.topics;
  for (; p.topic < topics.size(); p.topic++, p.partition = 0) {
    if (weight >= lookups_a_turn) return Looked::some;
    const auto& asked = topics[p.topic];
    if (p.response.topics.size() == p.topic) p.response.topics.emplace_back().name = asked.name;
    NamedTopic topic = data.metadata.find_topic(asked.name, {}, false);
    for (; p.partition < asked.partitions.size(); p.partition++, p.number++) {
      if (weight >= lookups_a_turn && p.partition > 0) return Looked::some;
      const Asked& part = asked.partitions[p.partition];
      if (!look_up_next(data, p, topic, part)) return Looked::cold;
      weight += part.timestamp >= 0 || part.timestamp == -3 ? lookups_for_a_time : 1;
    }
    weight++;
  }
  return Looked::all;
}

void answer(DataContext& data, std::shared_ptr<Pending> p);

// Answers once these logs are flushed, or the time is up.
void wait_for(DataContext& data, std::shared_ptr<Pending> p, std::vector<cluster::TopicPartition> unsettled) {
  std::set<cluster::TopicPartition> left(unsettled.begin(), unsettled.end());
  data.purgatory.park(data.world.clock.mono_ms() + settle_wait_ms, std::move(unsettled),
                      [&data, p, left](const Purgatory::Moved& moved, bool expired) mutable {
                        auto is_settled = [&](const cluster::TopicPartition& id) {
                          cluster::Leading* leading = data.replicas.opened().find_leading(id);
                          return !leading || leading->is_settled() || leading->copy().failed();
                        };
                        if (moved.any) std::erase_if(left, is_settled);
                        for (const auto& id : moved.partitions)
                          if (is_settled(id)) left.erase(id);
                        if (!left.empty() && !expired) return false;
                        p->may_wait = !expired;
                        p->begin_anew();
                        answer(data, p);
                        return true;
                      });
}

void answer(DataContext& data, std::shared_ptr<Pending> p) {
  data.turns.begin([&data, p] {
    if (!data.connections.peer(p->connection)) return true;
    const Looked looked = look_up_some(data, *p);
    if (looked == Looked::some) return false;
    if (looked == Looked::cold) {
      p->cold.bring_in(data.world, [&data, p] { answer(data, p); });
      return true;
    }
    std::erase_if(p->unsettled, [&](const auto& id) {
      cluster::Leading* leading = data.replicas.opened().find_leading(id);
      return !leading || leading->copy().failed();
    });
    if (p->may_wait && !p->unsettled.empty()) {
      wait_for(data, p, std::move(p->unsettled));
    } else {
      p->reply.send(p->answer.frame(p->response));
    }
    return true;
  });
}

std::vector<Named> named_in(const protocol::ListOffsetsRequest& message) {
  std::vector<std::pair<std::string_view, int32_t>> all;
  for (const auto& topic : message.topics)
    for (const auto& part : topic.partitions) all.emplace_back(topic.name, part.partition_index);
  const NamedOnce once = named_once(all.size(), [&](size_t i) { return all[i]; });
  std::vector<Named> named(all.size(), Named::again);
  for (size_t i = 0; i < once.first.size(); i++)
    named[once.first[i]] = once.repeated[i] ? Named::first_of_several : Named::once;
  return named;
}

// As Kafka answers: a topic once, whatever is asked of it where; and none of which nothing is asked.
void gather(std::vector<protocol::ListOffsetsRequest::ListOffsetsTopic>& topics) {
  std::map<std::string, size_t> places;
  std::vector<protocol::ListOffsetsRequest::ListOffsetsTopic> gathered;
  for (auto& topic : topics) {
    if (topic.partitions.empty()) continue;
    auto [place, is_new] = places.try_emplace(topic.name, gathered.size());
    if (is_new) {
      gathered.push_back(std::move(topic));
      continue;
    }
    auto& all = gathered[place->second].partitions;
    all.insert(all.end(), topic.partitions.begin(), topic.partitions.end());
  }
  topics = std::move(gathered);
}

void list_offsets(DataContext& data, const Request& request, protocol::ListOffsetsRequest message, Reply reply) {
  auto p =
      std::make_shared<Pending>(Pending{answer_to(request), request.connection, std::move(message), std::move(reply)});
  gather(p->message.topics);
  p->named = named_in(p->message);
  answer(data, p);
}

Needs needs_of(DataContext& data, const protocol::ListOffsetsRequest& message, int16_t) {
  Needs needs;
  for (const auto& asked : message.topics) {
    const metadata::Topic* topic = data.metadata.image().topic(asked.name);
    for (const auto& part : asked.partitions) add_need(needs, data, topic, part.partition_index);
  }
  return needs;
}

}  // namespace

extern constinit const ServedApi list_offsets_api = served<list_offsets, needs_of>();

}  // namespace bobbin::broker
