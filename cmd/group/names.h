// Groups, topics and partitions as they are named on the command lines of groups.
#pragma once

#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/group/commits.h"
#include "cmd/words/arguments.h"

namespace bobbin::cmd {

inline constexpr Option group_name{
    .name = "group", .shorts = "g", .value = "GROUP", .doc = "The group, for those who write it as an option."};
inline constexpr Option group_names{.name = "group",
                                    .shorts = "g",
                                    .value = "GROUP",
                                    .doc = "The group, for those who write it as an option.",
                                    .repeats = true};

// Given as words or as --group; each once, in the order in which they were given. Errc::usage: an empty name.
Result<std::vector<std::string>> several_groups(const Arguments&);
// Errc::usage: none, or more.
Result<std::string> one_group(const Arguments&);

// "orders:0,2", or a topic with all its partitions.
struct TopicPart {
  std::string topic;
  std::vector<PartitionId> partitions;  // none: all

  bool takes(const client::Place& place) const;
};
// Those given as --topic. Errc::usage: a name that none can have, a number that is none.
Result<std::vector<TopicPart>> topic_parts(const Arguments&);
bool any_takes(const std::vector<TopicPart>& parts, const client::Place& place);

}  // namespace bobbin::cmd
