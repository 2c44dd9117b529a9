#include "client/group/commits.h"

#include "client/admin/sentences.h"
#include "client/group/membership.h"
#include "protocol/messages/offset_commit.h"

namespace bobbin::client {

protocol::OffsetCommitRequest commit_of(const std::string& group, const Positions& positions) {
  protocol::OffsetCommitRequest message;
  message.group_id = group;
  for (const auto& [place, offset] : positions) {
    if (message.topics.empty() || message.topics.back().name != place.first)
      message.topics.emplace_back().name = place.first;
    auto& to = message.topics.back().partitions.emplace_back();
    to.partition_index = place.second.value;
    to.committed_offset = offset.value;
    to.committed_metadata = "";
  }
  return message;
}

bool commit(Session& session, Membership& member, const Positions& positions, std::function<void(Status)> done) {
  const auto node = member.coordinator().node();
  if (!node) return false;
  auto message = commit_of(member.options().group, positions);
  message.generation_id_or_member_epoch = member.generation();
  message.member_id = member.member_id();
  message.group_instance_id = member.options().instance_id;
  CallOptions options;
  options.node = *node;
  options.lane = Lane::group;
  options.version_max = last_commit_with_names;
  request<protocol::OffsetCommitRequest, protocol::OffsetCommitResponse>(
      session, options, std::move(message),
      [group = member.options().group, done = std::move(done)](Result<Answer<protocol::OffsetCommitResponse>> answer) {
        if (!answer) return done(answer.error());
        for (const auto& topic : answer->body.topics)
          for (const auto& each : topic.partitions)
            if (each.error_code != 0)
              return done(kafka_error(each.error_code, std::nullopt, "committing positions of group " + group));
        done({});
      });
  return true;
}

}  // namespace bobbin::client
