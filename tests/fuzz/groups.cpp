// What the members of a consumer group tell each other, and what its leader makes of it. What parses is, written and read again,
// the same.
#include <set>

#include "assignor/assignors.h"
#include "fuzz/target.h"

namespace bobbin::fuzz {

using namespace assignor;

namespace {

// As it is written: in order, each topic once.
Subscription in_order(Subscription subscription) {
  std::sort(subscription.topics.begin(), subscription.topics.end());
  subscription.owned = sorted(std::move(subscription.owned));
  return subscription;
}

// Five topics, of whose names most are short.
constexpr const char* topics[] = {"a", "b", "c", "orders", "payments"};

// A byte for each topic's partitions, then members: whether it is a static one in a byte, and its subscription.
Group group_of(Pieces& pieces) {
  Group group;
  for (const char* topic : topics) group.partition_counts[topic] = pieces.number<uint8_t>() % 16;
  while (!pieces.rest().empty() && group.members.size() < 16) {
    Member& member = group.members.emplace_back();
    member.id = "m" + std::to_string(group.members.size());
    if (pieces.number<uint8_t>() & 1) member.instance_id = "i" + std::to_string(16 - group.members.size());
    if (auto subscription = decode_subscription(pieces.piece())) member.subscription = std::move(*subscription);
  }
  return group;
}

bool is_subscribed(const Member& member, const std::string& topic) {
  const auto& theirs = member.subscription.topics;
  return std::find(theirs.begin(), theirs.end(), topic) != theirs.end();
}

void check_outcome(const Group& group, const Assignor& assignor) {
  const Assignments assignments = assignor.assign(group);
  must(assignments.size() == group.members.size(), "each member has an assignment");
  std::set<std::pair<std::string, PartitionId>> given;
  for (const Member& member : group.members)
    for (const TopicPartitions& each : assignments.at(member.id)) {
      must(is_subscribed(member, each.topic), "a member gets of its topics alone");
      for (PartitionId partition : each.partitions) {
        must(partition.value >= 0 && partition.value < group.partition_counts.at(each.topic), "it exists");
        must(given.emplace(each.topic, partition).second, "nobody else has it");
      }
    }
  if (assignor.cooperative) return;
  std::set<std::string> subscribed;
  for (const Member& member : group.members)
    subscribed.insert(member.subscription.topics.begin(), member.subscription.topics.end());
  size_t wanted = 0;
  for (const auto& [topic, partitions] : group.partition_counts)
    if (subscribed.contains(topic)) wanted += static_cast<size_t>(partitions);
  must(given.size() == wanted, "everything is given that somebody wants");
}

}  // namespace

// Whatever a group's members claim, its leader finds an outcome.
void assign(Bytes bytes) {
  Pieces pieces(bytes);
  const Group group = group_of(pieces);
  for (const Assignor& assignor : assignors()) check_outcome(group, assignor);
}

void subscription(Bytes bytes) {
  auto first = decode_subscription(bytes);
  if (!first) return must(!first.error().message.empty(), "what does not parse is said");
  auto second = decode_subscription(encode(*first));
  must(second.ok() && *second == in_order(*first), "a subscription that was read, written and read again");
  must(first->generation >= generation_none, "no generation is -1");

  Claim claim = sticky_claim(*first);
  claim.partitions = sorted(std::move(claim.partitions));
  first->user_data = sticky_user_data(claim);
  must(sticky_claim(*first) == claim, "a claim that was read, written and read again");
  must(cooperative_claim(*first).partitions == first->owned, "what is owned is claimed");
}

void assignment(Bytes bytes) {
  auto first = decode_assignment(bytes);
  if (!first) return must(!first.error().message.empty(), "what does not parse is said");
  auto second = decode_assignment(encode(*first));
  must(second.ok(), "what was written is read");
  must(second->partitions == sorted(first->partitions), "and gives the same partitions");
  must(second->user_data == first->user_data, "and the same user data");
}

}  // namespace bobbin::fuzz
