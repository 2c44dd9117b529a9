// DeleteRecords 0 to 2: the records of partitions below an offset, or below the high watermark (-1), are read no more. It is
// answered when that is so in every copy whose broker lives or that is in sync, and stays so if all of them die at once; at the
// end of its time-out, which is for followers and never for the leader's own disk, with REQUEST_TIMED_OUT, and what was begun goes
// on. As in Kafka, the topics that brokers keep for themselves are refused, a partition that is named twice is deleted as it was
// named last and answered once, and segments go when retention looks at them the next time.
#include "protocol/messages/delete_records.h"
#include "broker/data/named_partitions.h"
#include "broker/named_once.h"
#include "metadata/names.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::DeleteRecordsRequest;
using Response = protocol::DeleteRecordsResponse;

struct Deleting {
  struct Partition {
    std::string topic;
    int32_t number;
    Offset asked;                                 // -1: the high watermark
    std::optional<Offset> below = {};             // as its leader took it; nothing: it has not yet
    std::optional<cluster::TopicPartition> id{};  // nothing: there is none
    bool is_done = false;
    Errc error = Errc::request_timed_out;  // unless it is done before
    Offset low_watermark = offset_none;
  };
  Answer answer;
  ConnectionId connection;
  Reply reply;
  std::vector<Partition> partitions;
};

std::vector<Deleting::Partition> named_in(RequestMessage& message) {
  std::vector<Deleting::Partition> all, once;
  for (const auto& topic : message.topics)
    for (const auto& p : topic.partitions) all.push_back({topic.name, p.partition_index, Offset(p.offset)});
  const NamedOnce named =
      named_once(all.size(), [&](size_t i) { return std::pair(std::string_view(all[i].topic), all[i].number); });
  for (size_t i = 0; i < named.first.size(); i++) once.push_back(all[named.last[i]]);
  return once;
}

// Who leads it deletes at once.
Status begin(DataContext& data, Deleting::Partition& p) {
  const NamedTopic named = data.metadata.find_topic(p.topic, {}, false);
  if (!named.topic) return error(named.error);
  p.id = cluster::id_of(named.topic, PartitionId(p.number));
  if (!p.id) return error(Errc::unknown_topic_or_partition);
  if (metadata::is_internal_topic(p.topic)) return error(Errc::invalid_topic_exception);
  BOBBIN_TRY_ASSIGN(leading, find_leader(data, *named.topic, p.number));
  // After a crash the watermark is not where it was yet, and less than was meant would go.
  if (p.asked == offset_none && !leading->is_settled()) return {};
  const Offset began = leading->copy().log_start();
  BOBBIN_TRY_ASSIGN(below, leading->delete_below(p.asked));
  p.below = below;
  if (leading->copy().log_start() > began) data.purgatory.moved(*p.id);  // followers are told
  data.durability.keep_start(*p.id);
  return {};
}

// How far it has come by now.
Status look(DataContext& data, Deleting::Partition& p) {
  if (!p.below) BOBBIN_TRY(begin(data, p));
  if (!p.below) return {};
  BOBBIN_TRY_ASSIGN(leading, data.replicas.leader(*p.id));
  if (leading->copy().failed()) return *leading->copy().failed();
  p.low_watermark = low_watermark(*leading, [&](BrokerId id) { return data.metadata.is_live(id); });
  p.is_done = p.low_watermark >= *p.below;
  if (p.is_done) p.error = Errc::none;
  return {};
}

// Whether all of them are done.
bool look_at_all(DataContext& data, Deleting& d) {
  bool all = true;
  for (auto& p : d.partitions) {
    if (p.is_done) continue;
    if (Status looked = look(data, p); !looked) {
      p.is_done = true;
      p.error = looked.error().code;
      p.low_watermark = offset_none;
    }
    all = all && p.is_done;
  }
  return all;
}

void answer(Deleting& d) {
  Response response;
  std::map<std::string_view, size_t> places;
  for (const auto& p : d.partitions) {
    const auto [place, is_new] = places.emplace(p.topic, response.topics.size());
    if (is_new) response.topics.push_back({p.topic, {}});
    response.topics[place->second].partitions.push_back({p.number, p.low_watermark.value, wire_code(p.error)});
  }
  d.reply.send(d.answer.frame(response));
}

// Of one of them the leader's own disk is what is waited for.
bool waits_for_own_disk(const DataContext& data, const Deleting& d) {
  return std::any_of(d.partitions.begin(), d.partitions.end(), [&](const Deleting::Partition& p) {
    if (p.is_done || !p.below) return false;
    const cluster::Leading* leading = data.replicas.opened().find_leading(*p.id);
    return leading && kept_start(leading->copy()) < *p.below;
  });
}

void delete_records(DataContext& data, const Request& request, RequestMessage message, Reply reply) {
  auto d =
      std::make_shared<Deleting>(Deleting{answer_to(request), request.connection, std::move(reply), named_in(message)});
  if (look_at_all(data, *d)) return answer(*d);
  std::vector<cluster::TopicPartition> watched;
  for (const auto& p : d->partitions)
    if (!p.is_done) watched.push_back(*p.id);
  const int64_t deadline_ms = data.world.clock.mono_ms() + std::max(message.timeout_ms, 0);
  data.purgatory.park(deadline_ms, std::move(watched), [&data, d](const Purgatory::Moved&, bool expired) {
    if (!data.connections.peer(d->connection)) return true;  // nobody reads the answer
    if (!look_at_all(data, *d) && (!expired || waits_for_own_disk(data, *d))) return false;
    answer(*d);
    return true;
  });
}

Needs needs_of(DataContext& data, const RequestMessage& message, int16_t) {
  Needs needs;
  for (const auto& asked : message.topics) {
    const metadata::Topic* topic = data.metadata.image().topic(asked.name);
    for (const auto& part : asked.partitions) add_need(needs, data, topic, part.partition_index);
  }
  return needs;
}

}  // namespace

extern constinit const ServedApi delete_records_api = served<delete_records, needs_of>();

}  // namespace bobbin::broker
