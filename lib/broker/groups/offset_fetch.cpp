// OffsetFetch 1 to 10. There are no transactions: every position is a stable one.
#include "protocol/messages/offset_fetch.h"
#include "broker/groups/context.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::OffsetFetchRequest;
using Response = protocol::OffsetFetchResponse;
using PartitionResponse = Response::OffsetFetchResponsePartition;
constexpr int16_t first_of_several = 8, first_with_ids = 10, first_with_error = 2;

struct Fetching {
  Answer answer;
  RequestMessage message;
  Reply reply;
  Response response = {};
  size_t left = 0;  // groups that are still asked
};

PartitionResponse tell(const group::Offsets* offsets, const std::string& topic, int32_t partition) {
  PartitionResponse told;
  told.partition_index = partition;
  told.committed_offset = -1;
  told.metadata = "";
  const group::StoredOffset* stored = offsets ? offsets->find({topic, partition}) : nullptr;
  if (!stored) return told;
  told.committed_offset = stored->offset.value;
  told.committed_leader_epoch = stored->leader_epoch.value;
  told.metadata = stored->metadata;
  return told;
}

// One group in the form of versions from 8 on.
class Telling {
 public:
  Telling(const GroupsContext& groups, int16_t version) : groups_(groups), by_id_(version >= first_with_ids) {}

  void asked(Response::OffsetFetchResponseGroup& to, const group::Offsets* offsets,
             const std::vector<RequestMessage::OffsetFetchRequestTopics>& topics) const {
    for (const auto& asked : topics) {
      const NamedTopic named = by_id_ ? groups_.metadata.find_topic(asked.name, asked.topic_id, true) : NamedTopic{};
      auto& told = to.topics.emplace_back();
      told.name = asked.name;
      told.topic_id = asked.topic_id;
      const std::string& name = named.topic ? named.topic->name : asked.name;
      for (int32_t partition : asked.partition_indexes) {
        told.partitions.push_back(tell(by_id_ && !named.topic ? nullptr : offsets, name, partition));
        if (by_id_ && !named.topic) told.partitions.back().error_code = wire_code(Errc::unknown_topic_id);
      }
    }
  }

  void all(Response::OffsetFetchResponseGroup& to, const group::Offsets* offsets) const {
    if (!offsets) return;
    for (const auto& [at, stored] : offsets->promised()) {
      const metadata::Topic* topic = groups_.metadata.image().topic(at.first);
      if (by_id_ && !topic) continue;
      if (to.topics.empty() || to.topics.back().name != at.first) {
        auto& told = to.topics.emplace_back();
        told.name = at.first;
        if (topic) told.topic_id = topic->id;
      }
      to.topics.back().partitions.push_back(tell(offsets, at.first, at.second));
    }
  }

 private:
  const GroupsContext& groups_;
  bool by_id_;
};

// What is asked for in the older form, in the newer one.
void take_older_form(RequestMessage& message) {
  auto& group = message.groups.emplace_back();
  group.group_id = message.group_id;
  if (!message.topics) return;
  group.topics.emplace();
  for (auto& topic : *message.topics) {
    auto& asked = group.topics->emplace_back();
    asked.name = std::move(topic.name);
    asked.partition_indexes = std::move(topic.partition_indexes);
  }
}

void give_older_form(Response& response, int16_t version) {
  auto group = std::move(response.groups.front());
  response.groups.clear();
  response.error_code = group.error_code;
  for (auto& topic : group.topics) {
    auto& told = response.topics.emplace_back();
    told.name = std::move(topic.name);
    told.partitions = std::move(topic.partitions);
    if (version < first_with_error)
      for (auto& partition : told.partitions) partition.error_code = group.error_code;
  }
}

void group_answered(const GroupsContext& groups, Fetching& fetching, size_t i, const Result<group::Shard*>& shard) {
  const auto& asked = fetching.message.groups[i];
  auto& told = fetching.response.groups[i];
  const Telling telling(groups, fetching.answer.version);
  const group::Offsets* offsets = shard ? (*shard)->offsets_of(asked.group_id) : nullptr;
  if (!shard) told.error_code = wire_code(shard.error().code);
  if (asked.topics) {
    // From version 8 on an error of the group stands for all of it.
    if (shard || fetching.answer.version < first_of_several) telling.asked(told, offsets, *asked.topics);
  } else {
    telling.all(told, offsets);
  }
  if (--fetching.left > 0) return;
  if (fetching.answer.version < first_of_several) give_older_form(fetching.response, fetching.answer.version);
  fetching.reply.send(fetching.answer.frame(fetching.response));
}

void offset_fetch(GroupsContext& groups, const Request& request, RequestMessage message, Reply reply) {
  auto fetching = std::make_shared<Fetching>(Fetching{answer_to(request), std::move(message), std::move(reply)});
  if (request.version < first_of_several) take_older_form(fetching->message);
  const auto& asked = fetching->message.groups;
  fetching->left = asked.size();
  for (const auto& group : asked) fetching->response.groups.emplace_back().group_id = group.group_id;
  if (asked.empty()) return fetching->reply.send(fetching->answer.frame(fetching->response));
  for (size_t i = 0; i < asked.size(); i++)
    groups.coordinators.with(asked[i].group_id, [&groups, fetching, i](Result<group::Shard*> shard) {
      group_answered(groups, *fetching, i, shard);
    });
}

}  // namespace

extern constinit const ServedApi offset_fetch_api = served<offset_fetch>();

}  // namespace bobbin::broker
