// Metadata 0 to 13. Leaders whose process is dead are told as none (LEADER_NOT_AVAILABLE). A topic that is asked for by
// name and missing is created when both the request and auto.create.topics.enable allow it; the metadata log is read
// once more before anything is called missing, since another broker may just have made it. A topic that is named twice is
// answered once.
#include "protocol/messages/metadata.h"
#include "base/ids.h"
#include "broker/addresses.h"
#include "broker/admin/submitting.h"
#include "broker/facts/context.h"
#include "broker/named_once.h"
#include "broker/requests.h"
#include "metadata/changes.h"
#include "metadata/names.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::MetadataRequest;
using Response = protocol::MetadataResponse;

// How many partitions, and topics as so many, are told before others have their turn: a millisecond or so.
constexpr size_t partitions_a_turn = 4096, partitions_a_topic = 4;

struct Pending {
  Answer answer;
  ConnectionId connection;
  RequestMessage message;
  Reply reply;
  std::map<std::string, Errc> refused = {};  // creations that failed
  std::optional<Errc> refused_all = {};      // or all of them
  // The answer, as far as it is made:
  Response response = {};
  std::vector<BrokerId> live = {};
  size_t next = 0;        // of the topics that were asked for
  std::string told = {};  // of all: the last one that was told
};

Response::MetadataResponseTopic describe(const metadata::Topic& topic, const Pending& pending) {
  Response::MetadataResponseTopic told;
  told.name = topic.name;
  told.topic_id = topic.id;
  told.is_internal = metadata::is_internal_topic(topic.name);
  if (pending.message.include_topic_authorized_operations) told.topic_authorized_operations = every_topic_operation;
  auto lives = [&](BrokerId id) { return holds(pending.live, id); };
  for (size_t i = 0; i < topic.partitions.size(); i++) {
    const metadata::Partition& partition = topic.partitions[i];
    auto& p = told.partitions.emplace_back();
    p.partition_index = static_cast<int32_t>(i);
    bool led = partition.leader != broker_none && lives(partition.leader);
    p.leader_id = led ? partition.leader.value : -1;
    p.leader_epoch = partition.leader_epoch.value;
    if (!led) p.error_code = static_cast<int16_t>(Errc::leader_not_available);
    for (BrokerId r : partition.replicas) {
      p.replica_nodes.push_back(r.value);
      if (!lives(r)) p.offline_replicas.push_back(r.value);
    }
    for (BrokerId r : partition.isr) p.isr_nodes.push_back(r.value);
  }
  return told;
}

void tell_topic(FactsContext& facts, Pending& p, const RequestMessage::MetadataRequestTopic& asked) {
  bool by_id = !asked.topic_id.is_zero();
  auto fail = [&](Errc code) {
    auto& told = p.response.topics.emplace_back();
    told.error_code = wire_code(code);
    told.name = asked.name;
    told.topic_id = asked.topic_id;
    if (!told.name && p.answer.version < 12) told.name = "";
  };
  if (by_id && p.answer.version < 12) return fail(Errc::invalid_request);
  if (!by_id && !asked.name) return fail(Errc::invalid_request);
  NamedTopic named = facts.metadata.find_topic(asked.name.value_or(""), asked.topic_id, by_id);
  if (named.topic) {
    p.response.topics.push_back(describe(*named.topic, p));
  } else if (!by_id && !metadata::check_topic_name(*asked.name)) {
    fail(Errc::invalid_topic_exception);
  } else if (!by_id && p.refused_all) {
    fail(*p.refused_all);
  } else if (auto it = p.refused.find(asked.name.value_or("")); !by_id && it != p.refused.end()) {
    fail(it->second);
  } else {
    fail(named.error);
  }
}

// Takes the topics that were told into the answer; how much that was.
size_t take_in(Pending& p) {
  size_t weight = 0;
  for (const auto& topic : p.response.topics) weight += partitions_a_topic + topic.partitions.size();
  protocol::encode_ahead<Response>(p.response.topics, p.answer.version);
  return weight;
}

// Whether they were all told.
bool tell_all_topics(FactsContext& facts, Pending& p) {
  const auto& topics = facts.metadata.image().topics();
  size_t weight = 0;
  for (auto it = topics.upper_bound(p.told); it != topics.end(); ++it) {
    if (weight >= partitions_a_turn) return false;
    p.response.topics.push_back(describe(it->second, p));
    p.told = it->first;
    weight += take_in(p);
  }
  return true;
}

bool tell_asked_topics(FactsContext& facts, Pending& p) {
  size_t weight = 0;
  for (; p.next < p.message.topics->size(); p.next++) {
    if (weight >= partitions_a_turn) return false;
    tell_topic(facts, p, (*p.message.topics)[p.next]);
    weight += take_in(p);
  }
  return true;
}

// True when it is answered, or nobody is there any more.
bool tell_some(FactsContext& facts, Pending& p) {
  if (!facts.connections.peer(p.connection)) return true;
  bool all = !p.message.topics || (p.answer.version == 0 && p.message.topics->empty());
  if (!(all ? tell_all_topics(facts, p) : tell_asked_topics(facts, p))) return false;
  p.reply.send_pieces(p.answer.pieces_of(p.response, p.response.topics));
  return true;
}

void answer(FactsContext& facts, std::shared_ptr<Pending> p) {
  p->live = facts.metadata.live_brokers();
  for (BrokerId id : p->live) {
    HostPort at = address_for(facts.connections, facts.metadata, p->connection, id);
    p->response.brokers.push_back({id.value, at.host, at.port, std::nullopt});
  }
  p->response.cluster_id = facts.cluster_id;
  if (p->message.include_cluster_authorized_operations)
    p->response.cluster_authorized_operations = every_cluster_operation;
  p->response.controller_id = p->live.empty() ? -1 : p->live.front().value;
  facts.turns.begin([&facts, p] { return tell_some(facts, *p); });
}

std::vector<std::string> missing_topics(const FactsContext& facts, const RequestMessage& message) {
  std::vector<std::string> missing;
  if (!message.topics) return missing;
  for (const auto& asked : *message.topics)
    if (asked.topic_id.is_zero() && asked.name && !facts.metadata.image().topic(*asked.name) &&
        metadata::check_topic_name(*asked.name))
      missing.push_back(*asked.name);
  return missing;
}

bool has_unknown_id(const FactsContext& facts, const RequestMessage& message) {
  if (!message.topics) return false;
  for (const auto& asked : *message.topics)
    if (!asked.topic_id.is_zero() && !facts.metadata.image().topic(asked.topic_id)) return true;
  return false;
}

void create_missing(FactsContext& facts, std::shared_ptr<Pending> pending, std::vector<std::string> names) {
  struct Creating {
    std::vector<std::string> names;
    std::vector<TopicId> ids;
    uint64_t start;  // of the placement
    config::BrokerSettings settings;
  };
  auto creating = std::make_shared<Creating>();
  creating->names = std::move(names);
  creating->start = facts.admin.world.random.next();
  creating->settings = facts.metadata.settings();
  const size_t count = creating->names.size();
  if (auto few = check_changes(count, static_cast<int64_t>(count) * creating->settings.num_partitions); !few) {
    pending->refused_all = few.error().code;
    return answer(facts, pending);
  }
  for (size_t i = 0; i < count; i++) creating->ids.push_back(os::random_uuid(facts.admin.world.random));
  auto change = [&admin = facts.admin, creating](size_t i, const metadata::Image& image) -> Result<metadata::Records> {
    if (image.topic(creating->names[i])) return metadata::Records{};  // somebody was faster: just as good
    metadata::NewTopic topic;
    topic.name = creating->names[i];
    topic.id = creating->ids[i];
    return metadata::create_topic(image, topic, placement_now(admin, creating->start), creating->settings);
  };
  submit_all(facts.admin, count, change, [&facts, pending, creating](const Outcomes& results) {
    for (size_t i = 0; i < creating->names.size(); i++)
      if (!results[i]) {
        // Kafka: a name that collides is told as unknown.
        Errc code = results[i].error().code;
        bool collides = code == Errc::invalid_topic_exception && !metadata::is_reserved_topic(creating->names[i]);
        pending->refused[creating->names[i]] = collides ? Errc::unknown_topic_or_partition : code;
      }
    answer(facts, pending);
  });
}

void metadata_of(FactsContext& facts, const Request& request, protocol::MetadataRequest message, Reply reply) {
  if (message.topics) {
    auto& topics = *message.topics;
    auto named = named_once(topics.size(), [&](size_t i) { return std::tie(topics[i].topic_id, topics[i].name); });
    std::vector<RequestMessage::MetadataRequestTopic> once;
    for (size_t i : named.first) once.push_back(std::move(topics[i]));
    topics = std::move(once);
  }
  auto pending =
      std::make_shared<Pending>(Pending{answer_to(request), request.connection, std::move(message), std::move(reply)});
  bool may_create = pending->message.allow_auto_topic_creation || request.version < 4;
  // All topics: what other brokers did a moment ago belongs to it.
  bool complete = pending->message.topics && missing_topics(facts, pending->message).empty() &&
                  !has_unknown_id(facts, pending->message);
  if (complete) return answer(facts, pending);
  facts.metadata.look_again([&facts, pending, may_create] {
    auto missing = missing_topics(facts, pending->message);
    if (!missing.empty() && may_create && facts.metadata.is_latest() && facts.metadata.settings().auto_create_topics)
      return create_missing(facts, pending, std::move(missing));
    answer(facts, pending);
  });
}

}  // namespace

extern constinit const ServedApi metadata_api = served<metadata_of>();

}  // namespace bobbin::broker
