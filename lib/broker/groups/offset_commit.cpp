// OffsetCommit 2 to 10: answered when the positions are promised, as acks=all promises.
#include "protocol/messages/offset_commit.h"
#include "base/text.h"
#include "broker/groups/context.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::OffsetCommitRequest;
using Response = protocol::OffsetCommitResponse;
constexpr int16_t first_with_ids = 10, first_that_knows_groups = 9;

struct Committing {
  Answer answer;
  RequestMessage message;
  group::Caller caller;
  Reply reply;
  Response response = {};
  std::vector<group::Commit> commits = {};
  std::vector<std::pair<size_t, size_t>> places = {};  // of each in the response

  void tell(Errc what) {
    if (what == Errc::group_id_not_found && answer.version < first_that_knows_groups) what = Errc::illegal_generation;
    for (const auto& [topic, partition] : places)
      response.topics[topic].partitions[partition].error_code = wire_code(what);
    reply.send(answer.frame(response));
  }
};

// Kafka counts what Java counts: units of UTF-16.
size_t characters(Bytes text) {
  size_t count = 0;
  while (!text.empty()) {
    const Character next = first_character(text);
    count += next.code != not_a_character && next.code >= 0x10000 ? 2 : 1;
    text.remove_prefix(next.bytes);
  }
  return count;
}

// What only the request knows.
Errc check_commit(const NamedTopic& named, const RequestMessage::OffsetCommitRequestPartition& asked,
                  size_t noted_max) {
  if (!named.topic) return named.error;
  if (asked.partition_index < 0 || static_cast<size_t>(asked.partition_index) >= named.topic->partitions.size())
    return Errc::unknown_topic_or_partition;
  if (asked.committed_metadata && characters(*asked.committed_metadata) > noted_max)
    return Errc::offset_metadata_too_large;
  return Errc::none;
}

group::StoredOffset to_stored(const RequestMessage& message, const RequestMessage::OffsetCommitRequestPartition& asked,
                              Timestamp now) {
  group::StoredOffset stored;
  stored.offset = Offset(asked.committed_offset);
  stored.leader_epoch = LeaderEpoch(asked.committed_leader_epoch);
  stored.metadata = asked.committed_metadata.value_or("");
  stored.commit_timestamp = now;
  if (message.retention_time_ms >= 0)
    stored.expire_timestamp = now + std::min(message.retention_time_ms, int64_t{1} << 50);
  return stored;
}

void take_in(const GroupsContext& groups, Committing& committing) {
  const auto noted_max = static_cast<size_t>(groups.metadata.settings().offset_metadata_max);
  const Timestamp now = groups.world.clock.wall();
  for (const auto& topic : committing.message.topics) {
    if (topic.partitions.empty()) continue;  // nor told of, as in Kafka
    const NamedTopic named =
        groups.metadata.find_topic(topic.name, topic.topic_id, committing.answer.version >= first_with_ids);
    auto& told = committing.response.topics.emplace_back();
    told.name = topic.name;
    told.topic_id = topic.topic_id;
    for (const auto& asked : topic.partitions) {
      const Errc wrong = check_commit(named, asked, noted_max);
      told.partitions.push_back({asked.partition_index, wire_code(wrong)});
      if (wrong != Errc::none) continue;
      committing.places.emplace_back(committing.response.topics.size() - 1, told.partitions.size() - 1);
      committing.commits.push_back(
          {{named.topic->name, asked.partition_index}, to_stored(committing.message, asked, now)});
    }
  }
}

void offset_commit(GroupsContext& groups, const Request& request, RequestMessage message, Reply reply) {
  auto committing =
      std::make_shared<Committing>(Committing{answer_to(request), std::move(message), {}, std::move(reply)});
  const RequestMessage& asked = committing->message;
  committing->caller = caller_of(groups, request.connection, asked.member_id, asked.group_instance_id,
                                 asked.generation_id_or_member_epoch);
  take_in(groups, *committing);
  if (committing->commits.empty()) return committing->tell(Errc::none);
  groups.coordinators.with(asked.group_id, [committing](Result<group::Shard*> shard) {
    if (!shard) return committing->tell(shard.error().code);
    (*shard)->commit(committing->message.group_id, committing->caller, std::move(committing->commits),
                     [committing](Errc what) { committing->tell(what); });
  });
}

// A topic that another broker has just made would be denied.
Needs needs_of(GroupsContext& groups, const RequestMessage& message, int16_t version) {
  for (const auto& topic : message.topics)
    if (!groups.metadata.find_topic(topic.name, topic.topic_id, version >= first_with_ids).topic) return {true};
  return {};
}

}  // namespace

extern constinit const ServedApi offset_commit_api = served<offset_commit, needs_of>();

}  // namespace bobbin::broker
