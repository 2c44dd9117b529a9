#include "client/admin/groups.h"

#include <algorithm>

#include "assignor/subscription.h"
#include "client/admin/asking.h"
#include "client/admin/coordinated.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_delete.h"
#include "protocol/messages/offset_fetch.h"

namespace bobbin::client {

namespace {

using namespace protocol;

constexpr int16_t last_with_names = 9;  // of OffsetFetch
constexpr int16_t first_of_several = 8;

using Describing = CoordinatorQuestion<DescribeGroupsRequest, DescribeGroupsResponse>;
using Fetching = CoordinatorQuestion<OffsetFetchRequest, OffsetFetchResponse>;
using Committing = CoordinatorQuestion<OffsetCommitRequest, OffsetCommitResponse>;
using Deleting = CoordinatorQuestion<DeleteGroupsRequest, DeleteGroupsResponse>;
using Forgetting = CoordinatorQuestion<OffsetDeleteRequest, OffsetDeleteResponse>;

Error no_group(const std::string& group) {
  return error(Errc::group_id_not_found,
               "there is no group " + group + " (`bobbin group list` names those that there are)");
}

Error not_classic(const std::string& group) {
  return error(Errc::unsupported_version,
               "group " + group + " is of Kafka's newer protocol (KIP-848), whose members cannot be shown here");
}

// --- describing

Errc described_code(const Answer<DescribeGroupsResponse>& answer) {
  return answer.body.groups.empty() ? Errc::malformed : errc_from_wire(answer.body.groups.front().error_code);
}

GroupMember member_of(const DescribeGroupsResponse::DescribedGroupMember& told, bool speaks_consumer) {
  GroupMember member{told.member_id, told.group_instance_id, told.client_id, told.client_host, {}, {}};
  if (!speaks_consumer) return member;
  // What cannot be read is the members' affair.
  if (!told.member_metadata.empty())
    if (auto subscription = assignor::decode_subscription(told.member_metadata)) member.topics = subscription->topics;
  if (auto assignment = assignor::decode_assignment(told.member_assignment))
    member.assigned = assignor::sorted(assignment->partitions);
  return member;
}

GroupDescription description_of(const std::string& name, const Result<Answer<DescribeGroupsResponse>>& answer,
                                BrokerId coordinator) {
  GroupDescription description;
  description.name = name;
  description.coordinator = coordinator;
  if (!answer) description.status = answer.error();
  else if (answer->body.groups.empty()) description.status = left_out("group " + name);
  if (!description.status) return description;
  const auto& told = answer->body.groups.front();
  description.state = told.group_state;
  description.protocol_type = told.protocol_type;
  description.protocol = told.protocol_data;
  // Kafka says of groups of its newer protocol that they are not classic ones, under the same code.
  const bool is_other = told.error_message && told.error_message->find("classic") != std::string::npos;
  const bool is_nowhere = told.group_state == "Dead" && told.members.empty() && told.error_code == 0;
  if (is_nowhere || errc_from_wire(told.error_code) == Errc::group_id_not_found)
    description.status = is_other ? not_classic(name) : no_group(name);
  else description.status = outcome(told.error_code, told.error_message, "group " + name);
  for (const auto& member : told.members)
    description.members.push_back(member_of(member, told.protocol_type == "consumer"));
  return description;
}

// --- positions

Errc fetched_code(const Answer<OffsetFetchResponse>& answer) {
  if (answer.raw.version < first_of_several) return errc_from_wire(answer.body.error_code);
  return answer.body.groups.empty() ? Errc::malformed : errc_from_wire(answer.body.groups.front().error_code);
}

Status take(const std::vector<OffsetFetchResponse::OffsetFetchResponsePartition>& told, const std::string& topic,
            Positions& into) {
  for (const auto& each : told) {
    const PartitionId partition(each.partition_index);
    BOBBIN_TRY(outcome(each.error_code, std::nullopt, topic + "-" + to_string(partition)));
    if (each.committed_offset >= 0) into[{topic, partition}] = Offset(each.committed_offset);
  }
  return {};
}

Errc committed_code(const Answer<OffsetCommitResponse>& answer) {
  for (const auto& topic : answer.body.topics)
    for (const auto& each : topic.partitions)
      if (is_of_coordinator(errc_from_wire(each.error_code))) return errc_from_wire(each.error_code);
  return Errc::none;
}

// Whose commit is refused although it claims no member: somebody has joined.
std::optional<std::string> why_refused(int16_t code) {
  const Errc errc = errc_from_wire(code);
  const bool is_joined = errc == Errc::unknown_member_id || errc == Errc::illegal_generation ||
                         errc == Errc::rebalance_in_progress || errc == Errc::fenced_instance_id;
  return is_joined ? std::optional<std::string>("the group has members by now, which alone move it; stop them first")
                   : std::nullopt;
}

// --- deleting

Errc deleted_code(const Answer<DeleteGroupsResponse>& answer) {
  return answer.body.results.empty() ? Errc::malformed : errc_from_wire(answer.body.results.front().error_code);
}
Errc forgotten_code(const Answer<OffsetDeleteResponse>& answer) { return errc_from_wire(answer.body.error_code); }

// What is gone after a question whose answer was lost is gone by that.
Status deleted(Deleting& question) {
  auto& told = question.told();
  if (!told) return told.error();
  if (told->body.results.empty()) return left_out("group " + question.group());
  const int16_t code = told->body.results.front().error_code;
  if (errc_from_wire(code) != Errc::group_id_not_found) return outcome(code, std::nullopt, "group " + question.group());
  return question.was_lost() ? Status() : no_group(question.group());
}

}  // namespace

Result<std::vector<GroupDescription>> describe_groups(Session& session, const std::vector<std::string>& names) {
  BOBBIN_TRY_ASSIGN(questions, ask_side_by_side<Describing>(session, names.size(), [&](size_t i) {
                      DescribeGroupsRequest message;
                      message.groups = {names[i]};
                      return std::make_unique<Describing>(session, names[i], std::move(message), described_code);
                    }));
  std::vector<GroupDescription> out;
  for (const auto& question : questions)
    out.push_back(description_of(question->group(), question->told(), question->coordinator()));
  return out;
}

Result<Positions> committed_positions(Session& session, const std::string& group) {
  OffsetFetchRequest message;
  message.group_id = group;
  message.groups.emplace_back().group_id = group;
  Fetching question(session, group, std::move(message), fetched_code, last_with_names);
  BOBBIN_TRY(ask_to_the_end(session, question));
  if (!question.told()) return question.told().error();
  const auto& answer = *question.told();
  BOBBIN_TRY(outcome(static_cast<int16_t>(fetched_code(answer)), std::nullopt, "group " + group));
  Positions positions;
  if (answer.raw.version < first_of_several)
    for (const auto& topic : answer.body.topics) BOBBIN_TRY(take(topic.partitions, topic.name, positions));
  else
    for (const auto& topic : answer.body.groups.front().topics)
      BOBBIN_TRY(take(topic.partitions, topic.name, positions));
  return positions;
}

Result<std::vector<Moved>> move_positions(Session& session, const std::string& group, const Positions& to) {
  if (to.empty()) return std::vector<Moved>();
  Committing question(session, group, commit_of(group, to), committed_code, last_commit_with_names);
  BOBBIN_TRY(ask_to_the_end(session, question));
  if (!question.told()) return question.told().error();
  PartitionOutcomes<Moved> outcomes;
  for (const auto& [place, offset] : to) outcomes.expect(place.first, place.second);
  for (const auto& topic : question.told()->body.topics)
    for (const auto& each : topic.partitions)
      outcomes.tell(topic.name, each.partition_index, each.error_code, why_refused(each.error_code));
  return outcomes.take();
}

Result<std::vector<Moved>> delete_positions(Session& session, const std::string& group,
                                            const std::vector<Place>& places) {
  OffsetDeleteRequest message;
  message.group_id = group;
  PartitionOutcomes<Moved> outcomes;
  for (const auto& [topic, partition] : places) {
    if (!outcomes.expect(topic, partition)) continue;
    if (message.topics.empty() || message.topics.back().name != topic) message.topics.push_back({topic, {}});
    message.topics.back().partitions.push_back({partition.value});
  }
  if (message.topics.empty()) return std::vector<Moved>();
  Forgetting question(session, group, std::move(message), forgotten_code);
  BOBBIN_TRY(ask_to_the_end(session, question));
  if (!question.told()) return question.told().error();
  const auto& body = question.told()->body;
  if (errc_from_wire(body.error_code) == Errc::group_id_not_found) return no_group(group);
  BOBBIN_TRY(outcome(body.error_code, std::nullopt, "group " + group));
  for (const auto& topic : body.topics)
    for (const auto& each : topic.partitions)
      outcomes.tell(topic.name, each.partition_index, each.error_code, std::nullopt);
  return outcomes.take();
}

Result<std::vector<Outcome>> delete_groups(Session& session, const std::vector<std::string>& names) {
  BOBBIN_TRY_ASSIGN(questions, ask_side_by_side<Deleting>(session, names.size(), [&](size_t i) {
                      DeleteGroupsRequest message;
                      message.groups_names = {names[i]};
                      return std::make_unique<Deleting>(session, names[i], std::move(message), deleted_code);
                    }));
  std::vector<Outcome> out;
  for (const auto& question : questions) out.push_back({question->group(), deleted(*question)});
  return out;
}

}  // namespace bobbin::client
