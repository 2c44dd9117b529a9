// What a topic's configs say about timestamps that a producer gives.
#pragma once

#include <string>

#include "base/id.h"
#include "client/session.h"

namespace bobbin::cmd {

struct TopicLimits {
  int64_t retention_ms = -1;     // -1: nothing expires
  bool keeps_timestamps = true;  // false: the broker stamps, so what is given does not matter

  // Older than what the topic keeps: it would be deleted soon after it was written.
  bool is_expired(Timestamp timestamp, Timestamp now) const {
    return keeps_timestamps && retention_ms >= 0 && timestamp.value >= 0 && timestamp.value < now.value - retention_ms;
  }
  std::string told_expired() const;
};

Result<TopicLimits> read_topic_limits(client::Session& session, const std::string& topic);

}  // namespace bobbin::cmd
