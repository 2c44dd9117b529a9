// What must hold of the sticky assignors whatever the group: it is as even as it can be, nobody loses more than that takes,
// and a cooperative group never has a partition twice. Over groups that a seed makes up.
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "assignor/assignors.h"
#include "assignor/group_maker.h"

using namespace bobbin;
using namespace bobbin::assignor;
using namespace bobbin::assignor::test;

namespace {

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  size_t below(size_t bound) { return random_() % bound; }

  Group group(bool alike) {
    alike_ = alike;
    Group made;
    for (size_t topics = 1 + below(6); topics > 0; topics--)
      made.partition_counts["t" + std::to_string(topics)] = static_cast<int32_t>(below(12));
    for (size_t members = 1 + below(9); members > 0; members--) join(made);
    return made;
  }
  void join(Group& group) {
    Member& member = group.members.emplace_back();
    member.id = "c" + std::to_string(below(1'000'000)) + "-" + std::to_string(group.members.size());
    for (const auto& [topic, count] : group.partition_counts)
      if (alike_ || below(2) == 0) member.subscription.topics.push_back(topic);
  }
  void leave(Group& group) {
    if (group.members.size() > 1)
      group.members.erase(group.members.begin() + static_cast<ptrdiff_t>(below(group.members.size())));
  }

 private:
  std::mt19937_64 random_;
  bool alike_ = true;
};

// How many partitions somebody is subscribed to.
size_t wanted(const Group& group) {
  std::set<std::string> topics;
  for (const Member& member : group.members)
    topics.insert(member.subscription.topics.begin(), member.subscription.topics.end());
  size_t sum = 0;
  for (const std::string& topic : topics) sum += static_cast<size_t>(group.partition_counts.at(topic));
  return sum;
}

size_t given(const Assignments& assignments) {
  size_t sum = 0;
  for (const auto& [member, partitions] : assignments) sum += count(partitions);
  return sum;
}

// Each of them is one's who wants it, and no other's.
void is_complete(const Group& group, const Assignments& assignments) {
  for (const Member& member : group.members) {
    const auto& topics = member.subscription.topics;
    for (const TopicPartitions& each : assignments.at(member.id))
      REQUIRE(std::find(topics.begin(), topics.end(), each.topic) != topics.end());
  }
  REQUIRE(assignments.size() == group.members.size());
  REQUIRE(given(assignments) == wanted(group));
  REQUIRE(owners(assignments).size() == wanted(group));
}

// Nobody has two more than another who could take one of them.
void is_even(const Group& group, const Assignments& assignments) {
  for (const Member& member : group.members)
    for (const std::string& topic : member.subscription.topics)
      for (const auto& [other, has] : assignments)
        for (const TopicPartitions& each : has)
          if (each.topic == topic) REQUIRE(count(has) <= count(assignments.at(member.id)) + 1);
}

// How many partitions can stay where they are in an even group whose members are all subscribed alike.
size_t stay_at_most(const Group& group, const Assignments& before) {
  size_t all = 0;
  if (!group.members.empty())
    for (const std::string& topic : group.members[0].subscription.topics)
      all += static_cast<size_t>(group.partition_counts.at(topic));
  const size_t share = all / group.members.size();
  size_t one_more = all % group.members.size();
  size_t stay = 0;
  for (const Member& member : group.members) {
    auto owned = before.find(member.id);
    if (owned == before.end()) continue;
    stay += std::min(share, count(owned->second));
    if (count(owned->second) > share && one_more > 0) {
      stay++;
      one_more--;
    }
  }
  return stay;
}

size_t stayed(const Assignments& before, const Assignments& after) {
  auto then = owners(before), now = owners(after);
  return static_cast<size_t>(std::count_if(now.begin(), now.end(), [&](const auto& each) {
    auto was = then.find(each.first);
    return was != then.end() && was->second == each.second;
  }));
}

// Nothing that another still owns is given to anybody.
void takes_nothing(const Group& group, const Assignments& assignments) {
  auto now = owners(assignments);
  for (const Member& member : group.members)
    for (const TopicPartitions& each : member.subscription.owned)
      for (PartitionId partition : each.partitions) {
        auto owner = now.find(each.topic + ":" + to_string(partition));
        REQUIRE((owner == now.end() || owner->second == member.id));
      }
}

// Assigns, and again as long as a cooperative group withholds something. From then on nothing changes. Members that are
// subscribed alike need two rounds at most; the others may find something to even out once more, and Kafka's test allows four.
Assignments settle(const Assignor& assignor, Group& group, int32_t& generation, bool alike) {
  const int rounds_max = !assignor.cooperative ? 1 : alike ? 2 : 4;
  for (int round = 1;; round++) {
    Assignments assignments = assignor.assign(group);
    takes_nothing(group, assignments);
    join_again(assignor, group, assignments, ++generation);
    if (owners(assignments).size() == wanted(group)) {
      REQUIRE(assignor.assign(group) == assignments);
      return assignments;
    }
    REQUIRE(round < rounds_max);
  }
}

void changes_hold(const Assignor& assignor, uint64_t seed, bool alike) {
  CAPTURE(assignor.name, seed, alike);
  Maker maker(seed);
  Group group = maker.group(alike);
  int32_t generation = 0;
  Assignments before = settle(assignor, group, generation, alike);
  for (int change = 0; change < 4; change++) {
    if (maker.below(2) == 0) maker.join(group);
    else maker.leave(group);
    Assignments after = settle(assignor, group, generation, alike);
    is_complete(group, after);
    is_even(group, after);
    if (alike) REQUIRE(stayed(before, after) == stay_at_most(group, before));
    before = after;
  }
}

}  // namespace

TEST_CASE("Assignors: a thousand members share a hundred thousand partitions") {
  for (bool alike : {true, false}) {
    Group group;
    for (int topic = 0; topic < 100; topic++) group.partition_counts["t" + std::to_string(topic)] = 1000;
    for (int id = 0; id < 1000; id++) {
      Member& member = group.members.emplace_back();
      member.id = "c" + std::to_string(id);
      for (int topic = 0; topic < 100; topic++)
        if (alike || (id + topic) % 7 < 5) member.subscription.topics.push_back("t" + std::to_string(topic));
    }
    for (const Assignor& assignor : assignors()) {
      CAPTURE(assignor.name, alike);
      const Assignments all = assignor.assign(group);
      CHECK(given(all) == 100'000);
      // A third of them leaves.
      Group fewer = group;
      join_again(assignor, fewer, all, 1);
      std::erase_if(fewer.members, [](const Member& each) { return each.id.back() < '3'; });
      const size_t again = given(assignor.assign(fewer));
      CHECK((again == 100'000 || (assignor.cooperative && again > 90'000)));
    }
  }
}

TEST_CASE("Sticky: members come and go, and all is even, with the fewest moves") {
  for (uint64_t seed = 1; seed <= 300; seed++)
    for (const char* name : {"sticky", "cooperative-sticky"})
      for (bool alike : {true, false}) changes_hold(*find_assignor(name), seed, alike);
}
