// DescribeProducers 0 (KIP-664): whom a partition remembers as its idempotent producers. Each broker that has a copy answers, not
// the leader alone. There are no transactions: coordinator epoch and first offset are -1. What is named twice is answered
// twice; an answer ends at 200,000 producers, and partitions whose own find no room get POLICY_VIOLATION.
#include "protocol/messages/describe_producers.h"
#include "base/ids.h"
#include "base/topic_name.h"
#include "broker/data/named_partitions.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::DescribeProducersRequest;
using Response = protocol::DescribeProducersResponse;

constexpr size_t producers_max = 200'000;  // some megabytes
constexpr size_t told_a_turn = 4096;       // producers, and partitions: a millisecond or so

struct Describing {
  Answer answer;
  ConnectionId connection;
  RequestMessage message;
  Reply reply;
  // The answer, as far as it is made:
  Response response = {};
  size_t topic = 0, partition = 0;  // where it goes on
  size_t producers = 0;
};

Status check_topic(const NamedTopic& named, const std::string& name) {
  if (named.topic) return {};
  if (Status valid = check_topic_name(name); !valid)
    return error(Errc::invalid_topic_exception, std::move(valid).error().message);
  return error(named.error, "no topic is called " + name);
}

Result<const cluster::Copy*> find_copy(const DataContext& data, const metadata::Topic& topic, int32_t number) {
  const metadata::Partition* partition = topic.partition(PartitionId(number));
  if (!partition) return error(Errc::unknown_topic_or_partition);
  if (!holds(partition->replicas, data.metadata.self())) return error(Errc::not_leader_or_follower);
  const cluster::TopicPartition id{topic.id, PartitionId(number)};
  if (const cluster::Copy* copy = data.replicas.opened().find_copy(id)) return copy;
  auto leader = data.replicas.leader(id);  // says why there is none
  return leader ? Result<const cluster::Copy*>(&(*leader)->copy()) : std::move(leader).error();
}

void tell(Response::PartitionResponse& told, const cluster::Copy& copy) {
  for (ProducerId id : copy.producers().ids()) {
    const log::ProducerState& state = *copy.producers().find(id);
    auto& producer = told.active_producers.emplace_back();
    producer.producer_id = id.value;
    producer.producer_epoch = state.epoch.value;
    if (const log::SentBatch* last = state.last()) producer.last_sequence = last->last_sequence.value;
    producer.last_timestamp = state.last_timestamp.value;
    producer.coordinator_epoch = state.coordinator_epoch;
    producer.current_txn_start_offset = state.txn_first.value;
  }
}

Status describe(const DataContext& data, Describing& d, const NamedTopic& named, Response::PartitionResponse& told) {
  BOBBIN_TRY_ASSIGN(copy, find_copy(data, *named.topic, told.partition_index));
  if (d.producers + copy->producers().size() > producers_max)
    return error(Errc::policy_violation,
                 "an answer tells of 200000 producers at most: ask for fewer partitions at once");
  tell(told, *copy);
  d.producers += told.active_producers.size();
  return {};
}

// How much that was.
size_t describe_next(const DataContext& data, Describing& d, const RequestMessage::TopicRequest& asked) {
  const NamedTopic named = data.metadata.find_topic(asked.name, {}, false);
  auto& told = d.response.topics.back().partitions.emplace_back();
  told.partition_index = asked.partition_indexes[d.partition];
  Status described = check_topic(named, asked.name);
  if (described) described = describe(data, d, named, told);
  if (!described) {
    told.error_code = wire_code(described.error().code);
    if (!described.error().message.empty()) told.error_message = described.error().message;
  }
  return 1 + told.active_producers.size();
}

// True when it is answered, or nobody is there any more.
bool describe_some(const DataContext& data, Describing& d) {
  if (!data.connections.peer(d.connection)) return true;
  size_t weight = 0;
  for (const auto& topics = d.message.topics; d.topic < topics.size(); d.topic++, d.partition = 0) {
    const auto& asked = topics[d.topic];
    if (d.response.topics.size() == d.topic) d.response.topics.emplace_back().name = asked.name;
    for (; d.partition < asked.partition_indexes.size(); d.partition++) {
      if (weight >= told_a_turn) return false;
      weight += describe_next(data, d, asked);
    }
  }
  d.reply.send(d.answer.frame(d.response));
  return true;
}

void describe_producers(DataContext& data, const Request& request, RequestMessage message, Reply reply) {
  auto d = std::make_shared<Describing>(
      Describing{answer_to(request), request.connection, std::move(message), std::move(reply)});
  data.turns.begin([&data, d] { return describe_some(data, *d); });
}

Needs needs_of(DataContext& data, const RequestMessage& message, int16_t) {
  Needs needs;
  for (const auto& asked : message.topics) {
    const metadata::Topic* topic = data.metadata.image().topic(asked.name);
    for (int32_t partition : asked.partition_indexes) add_need(needs, data, topic, partition);
  }
  return needs;
}

}  // namespace

extern constinit const ServedApi describe_producers_api = served<describe_producers, needs_of>();

}  // namespace bobbin::broker
