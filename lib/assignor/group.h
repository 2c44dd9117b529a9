// A group as its leader sees it when it assigns, and what comes out: pure values, nothing of a connection.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "assignor/subscription.h"

namespace bobbin::assignor {

struct Member {
  std::string id;                          // from the coordinator, unlike any other in the group
  std::optional<std::string> instance_id;  // group.instance.id, of static members
  Subscription subscription;
};

struct Group {
  std::vector<Member> members;  // in any order: the outcome does not depend on it
  // How many partitions each topic has. Those that are missing, or have none, do not exist and are skipped; those that no
  // member is subscribed to may be there.
  std::map<std::string, int32_t, std::less<>> partition_counts;
};

// Of each member of the group, by its id: what it gets, by topic and number. Nothing: an empty list.
using Assignments = std::map<std::string, std::vector<TopicPartitions>>;

}  // namespace bobbin::assignor
