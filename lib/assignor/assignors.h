// The assignors by their names, and what a member writes so that its leader can use them: who runs a group's member needs to
// know no more of them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assignor/group.h"
#include "assignor/user_data.h"

namespace bobbin::assignor {

struct Assignor {
  std::string_view name;  // in JoinGroup, and in partition.assignment.strategy
  // Members keep what they own while they join. The others give up everything before.
  bool cooperative;
  Assignments (*assign)(const Group&);
  // Of a member that had this last, which is nothing at first.
  std::optional<std::string> (*user_data)(const std::optional<Claim>&);
};

// range, roundrobin, sticky, cooperative-sticky. All that a group's members name must be of one kind, cooperative or not.
std::span<const Assignor> assignors();

// Nothing: there is none of that name.
const Assignor* find_assignor(std::string_view name);

// What a member sends with JoinGroup for this assignor. `last`: its last assignment and the generation of that; nothing before
// the first one. Of a cooperative member: what it still owns of that, without the topics that it has left; nothing once it has
// lost it (it was fenced, or its session ran out).
Subscription subscription_for(const Assignor& assignor, std::vector<std::string> topics,
                              const std::optional<Claim>& last);

}  // namespace bobbin::assignor
