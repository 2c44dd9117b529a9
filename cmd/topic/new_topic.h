// What a person is told of a topic that was just made.
#pragma once

#include <string>

#include "client/admin/topics.h"

namespace bobbin::cmd {

// "created topic orders: 1 partition, 1 replica, records kept for 7d"
std::string told_new_topic(const client::CreatedTopic& topic);

}  // namespace bobbin::cmd
