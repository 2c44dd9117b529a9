// What a topic's configs say about timestamps that a producer gives.
#pragma once

#include <cstdint>
#include <string>

#include "base/id.h"
#include "client/session.h"

namespace bobbin::cmd {

struct TopicLimits {
  int64_t retention_ms = -1;  // -1: nothing expires
  int64_t before_max_ms =
      INT64_MAX;                     // how far a timestamp may lie before now; the broker refuses whole batches for it,
  int64_t after_max_ms = INT64_MAX;  // and how far after
  bool keeps_timestamps = true;      // false: the broker stamps, so what is given does not matter

  // Why a record of this time cannot be sent, in words; empty: it can. `allow_expired`: it may be older than what the
  // topic keeps, though it would be deleted soon after it was written.
  std::string objection(Timestamp timestamp, Timestamp now, bool allow_expired) const;

 private:
  // Retention looks at the file's time where a segment's records are all from before 1970, as Kafka's does.
  bool is_expired(Timestamp timestamp, Timestamp now) const {
    return retention_ms >= 0 && timestamp.value >= 0 && timestamp.value < now.value - retention_ms;
  }
};

Result<TopicLimits> read_topic_limits(client::Session& session, const std::string& topic);

}  // namespace bobbin::cmd
