// OffsetForLeaderEpoch 2 to 4: where a leader epoch ended in a partition's log, so that a consumer whose leader has changed sees
// whether records that it read are gone (KIP-320). As in Kafka, whoever has a copy compares epochs first, and only the leader
// tells more; who asks (replica_id) makes no difference. What is named twice is answered twice.
#include "protocol/messages/offset_for_leader_epoch.h"
#include "base/ids.h"
#include "broker/data/named_partitions.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::OffsetForLeaderEpochRequest;
using Response = protocol::OffsetForLeaderEpochResponse;

// Of a client's epoch and the one that the metadata has, where this broker has a copy. -1: it does not say; unlike in Fetch, no
// other negative one means that.
Errc check_epoch(const metadata::Partition& partition, BrokerId self, int32_t current) {
  if (current == -1 || !holds(partition.replicas, self) || current == partition.leader_epoch.value) return Errc::none;
  return current < partition.leader_epoch.value ? Errc::fenced_leader_epoch : Errc::unknown_leader_epoch;
}

Result<log::EpochEnd> look_up(DataContext& data, const NamedTopic& named,
                              const RequestMessage::OffsetForLeaderPartition& asked) {
  if (!named.topic) return error(named.error);
  const metadata::Partition* partition = named.topic->partition(PartitionId(asked.partition));
  if (!partition) return error(Errc::unknown_topic_or_partition);
  const Errc epochs = check_epoch(*partition, data.metadata.self(), asked.current_leader_epoch);
  if (epochs != Errc::none) return error(epochs);
  BOBBIN_TRY_ASSIGN(leading, find_leader(data, *named.topic, asked.partition));
  return where_ended(*leading, LeaderEpoch(asked.leader_epoch));
}

void offset_for_leader_epoch(DataContext& data, const Request& request, RequestMessage message, Reply reply) {
  Response response;
  for (const auto& topic : message.topics) {
    const NamedTopic named = data.metadata.find_topic(topic.topic, {}, false);
    auto& told = response.topics.emplace_back();
    told.topic = topic.topic;
    for (const auto& asked : topic.partitions) {
      auto& end = told.partitions.emplace_back();
      end.partition = asked.partition;
      if (auto found = look_up(data, named, asked)) {
        end.leader_epoch = found->epoch.value;
        end.end_offset = found->end.value;
      } else {
        end.error_code = wire_code(found.error().code);
      }
    }
  }
  reply.send(answer_to(request).frame(response));
}

Needs needs_of(DataContext& data, const RequestMessage& message, int16_t) {
  Needs needs;
  for (const auto& asked : message.topics) {
    const metadata::Topic* topic = data.metadata.image().topic(asked.topic);
    for (const auto& part : asked.partitions) add_need(needs, data, topic, part.partition);
  }
  return needs;
}

}  // namespace

extern constinit const ServedApi offset_for_leader_epoch_api = served<offset_for_leader_epoch, needs_of>();

}  // namespace bobbin::broker
