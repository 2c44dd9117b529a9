// A group in numbers, for the assignors to count with: its members in an order; the topics that exist and that somebody is
// subscribed to, by name; and all partitions of those in one row, topic after topic:
//
//   topic           0         1      2
//   partition       0 1 2     0 1    0
//   in the row      0 1 2     3 4    5
//
// An outcome is for each partition in the row the member that gets it. A roster reads the group that it is made of, which
// must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "assignor/group.h"

namespace bobbin::assignor {

inline constexpr size_t nobody = SIZE_MAX;

class Roster {
 public:
  using Before = bool (*)(const Member&, const Member&);
  Roster(const Group& group, Before before);

  size_t members() const { return members_.size(); }
  const Member& member(size_t member) const { return *members_[member]; }

  size_t topics() const { return topics_.size(); }
  size_t first(size_t topic) const { return topics_[topic].first; }
  size_t end(size_t topic) const { return topics_[topic].first + topics_[topic].partitions; }
  size_t partitions(size_t topic) const { return topics_[topic].partitions; }
  size_t partitions() const { return topics_.empty() ? 0 : end(topics() - 1); }

  // In the members' order. Nobody is there twice, however often a subscription says a name.
  const std::vector<size_t>& subscribers(size_t topic) const { return topics_[topic].subscribers; }
  bool is_subscribed(size_t member, size_t topic) const;
  // To the same topics, those that do not exist among them.
  bool all_subscribed_alike() const;

  std::optional<size_t> topic(std::string_view name) const;

  // `owners`: for each partition in the row a member, or nobody.
  Assignments assignments(const std::vector<size_t>& owners) const;

 private:
  struct Topic {
    std::string_view name;
    size_t first;
    size_t partitions;
    std::vector<size_t> subscribers;
  };

  void number_topics();

  std::vector<const Member*> members_;
  std::vector<Topic> topics_;
  std::unordered_map<std::string_view, size_t> by_name_;
};

}  // namespace bobbin::assignor
