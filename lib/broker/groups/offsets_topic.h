// The topic that groups are kept in: __consumer_offsets. Its first use makes it.
#pragma once

#include <functional>
#include <string_view>

#include "broker/admin/context.h"

namespace bobbin::broker {

inline constexpr std::string_view offsets_topic_name = "__consumer_offsets";

// Which of its `partitions` a group is kept in: Kafka's rule, Java's hash of the group's UTF-16.
int32_t partition_for(std::string_view group, int32_t partitions);

// `done` when it is there, or why it cannot be.
void make_offsets_topic(AdminContext& admin, std::function<void(Status)> done);

}  // namespace bobbin::broker
