// A small language for groups and what they are assigned:
//
//   group("a:2 b:3", {{"c1", "a b"}, {"c2", "a"}})      topics with their partitions, members with their topics
//   shown(range(group))                                  "c1 a:0 b:0,1,2; c2 a:1"
#pragma once

#include <algorithm>
#include <initializer_list>
#include <sstream>
#include <string>
#include <vector>

#include "assignor/assignors.h"
#include "base/number.h"

namespace bobbin::assignor::test {

inline std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> all;
  for (std::string word; in >> word;) all.push_back(word);
  return all;
}

// "a:0,2 b:1"; "a:" has no partitions.
inline std::vector<TopicPartitions> partitions(const std::string& text) {
  std::vector<TopicPartitions> all;
  for (const std::string& word : words(text)) {
    const size_t colon = word.find(':');
    all.push_back({word.substr(0, colon), {}});
    std::istringstream numbers(word.substr(colon + 1));
    for (std::string each; std::getline(numbers, each, ',');)
      all.back().partitions.emplace_back(number_in<int32_t>(each).value());
  }
  return all;
}

inline std::string shown(const std::vector<TopicPartitions>& all) {
  std::string text;
  for (const TopicPartitions& each : all) {
    text += (text.empty() ? "" : " ") + each.topic + ":";
    for (size_t i = 0; i < each.partitions.size(); i++) text += (i == 0 ? "" : ",") + to_string(each.partitions[i]);
  }
  return text;
}

inline std::string shown(const Assignments& assignments) {
  std::string text;
  for (const auto& [member, all] : assignments) {
    text += (text.empty() ? "" : "; ") + member;
    if (!all.empty()) text += " " + shown(all);
  }
  return text;
}

inline size_t count(const std::vector<TopicPartitions>& all) {
  size_t sum = 0;
  for (const TopicPartitions& each : all) sum += each.partitions.size();
  return sum;
}

struct Named {
  std::string id;
  std::string topics;
  std::string instance_id = "";
};

inline Group group(const std::string& topics, std::initializer_list<Named> members) {
  Group made;
  for (const TopicPartitions& each : partitions(topics)) made.partition_counts[each.topic] = each.partitions[0].value;
  for (const Named& each : members) {
    Member& member = made.members.emplace_back();
    member.id = each.id;
    if (!each.instance_id.empty()) member.instance_id = each.instance_id;
    member.subscription.topics = words(each.topics);
  }
  return made;
}

// A member that had something in a generation before, and its topics.
struct Holder {
  std::string id;
  std::string topics;
  std::string had = "";
  int32_t generation = generation_none;
};

// Of members that join with what they had, in the way of the assignor.
inline Group group_for(const Assignor& assignor, const std::string& topics, std::initializer_list<Holder> members) {
  Group made = group(topics, {});
  for (const Holder& each : members) {
    std::optional<Claim> last;
    if (each.generation != generation_none) last = Claim{partitions(each.had), each.generation};
    Member& member = made.members.emplace_back();
    member.id = each.id;
    member.subscription = subscription_for(assignor, words(each.topics), last);
  }
  return made;
}

// The members join again with what they were assigned in that generation.
inline void join_again(const Assignor& assignor, Group& group, const Assignments& last, int32_t generation) {
  for (Member& each : group.members)
    if (auto got = last.find(each.id); got != last.end())
      each.subscription = subscription_for(assignor, each.subscription.topics, Claim{got->second, generation});
}

// Whose each partition is: "topic:number" -> member's id. A partition of two members is there once.
inline std::map<std::string, std::string> owners(const Assignments& assignments) {
  std::map<std::string, std::string> all;
  for (const auto& [member, some] : assignments)
    for (const TopicPartitions& each : some)
      for (PartitionId partition : each.partitions) all[each.topic + ":" + to_string(partition)] = member;
  return all;
}

}  // namespace bobbin::assignor::test
