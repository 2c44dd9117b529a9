// OffsetDelete 0: positions of topics that no member of the group reads.
#include "protocol/messages/offset_delete.h"
#include "broker/groups/context.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::OffsetDeleteRequest;
using Response = protocol::OffsetDeleteResponse;

struct Deleting {
  Answer answer;
  RequestMessage message;
  Reply reply;
  Response response = {};
  std::vector<std::pair<size_t, size_t>> places = {};  // of those that are deleted

  void refuse(Errc why) {
    response.error_code = wire_code(why);
    response.topics.clear();
    reply.send(answer.frame(response));
  }
  void tell(Errc what) {
    for (const auto& [topic, partition] : places)
      response.topics[topic].partitions[partition].error_code = wire_code(what);
    reply.send(answer.frame(response));
  }
};

Errc check_partition(const GroupsContext& groups, const std::string& name, int32_t partition,
                     const std::optional<std::set<std::string>>& subscribed) {
  const metadata::Topic* topic = groups.metadata.image().topic(name);
  if (!topic || partition < 0 || static_cast<size_t>(partition) >= topic->partitions.size())
    return Errc::unknown_topic_or_partition;
  return !subscribed || subscribed->contains(name) ? Errc::group_subscribed_to_topic : Errc::none;
}

std::vector<group::TopicAndPartition> take_in(const GroupsContext& groups, Deleting& deleting,
                                              const std::optional<std::set<std::string>>& subscribed) {
  std::vector<group::TopicAndPartition> which;
  for (const auto& topic : deleting.message.topics) {
    if (topic.partitions.empty()) continue;  // nor told of, as in Kafka
    auto& told = deleting.response.topics.emplace_back();
    told.name = topic.name;
    for (const auto& asked : topic.partitions) {
      const Errc wrong = check_partition(groups, topic.name, asked.partition_index, subscribed);
      told.partitions.push_back({asked.partition_index, wire_code(wrong)});
      if (wrong != Errc::none) continue;
      deleting.places.emplace_back(deleting.response.topics.size() - 1, told.partitions.size() - 1);
      which.emplace_back(topic.name, asked.partition_index);
    }
  }
  return which;
}

void offset_delete(GroupsContext& groups, const Request& request, RequestMessage message, Reply reply) {
  auto deleting = std::make_shared<Deleting>(Deleting{answer_to(request), std::move(message), std::move(reply)});
  if (!is_group_id(deleting->message.group_id)) return deleting->refuse(Errc::invalid_group_id);
  groups.coordinators.with(deleting->message.group_id, [&groups, deleting](Result<group::Shard*> shard) {
    if (!shard) return deleting->refuse(shard.error().code);
    const std::string& id = deleting->message.group_id;
    const group::Group* group = (*shard)->find(id);
    if (!group) return deleting->refuse(Errc::group_id_not_found);
    // Consumers that do not say what they read are taken to read everything, as Kafka does.
    const auto subscribed = group::subscribed_topics(*group);
    if (!subscribed && group->standing().protocol_type != "consumer") return deleting->refuse(Errc::non_empty_group);
    (*shard)->remove_offsets(id, take_in(groups, *deleting, subscribed),
                             [deleting](Errc what) { deleting->tell(what); });
  });
}

}  // namespace

extern constinit const ServedApi offset_delete_api = served<offset_delete>();

}  // namespace bobbin::broker
