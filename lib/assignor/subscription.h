// What the members of a consumer group tell each other (protocol type "consumer"), which their coordinator carries and does
// not read: each member's Subscription goes to the leader with JoinGroup, each one's Assignment comes back with SyncGroup.
//
//   subscription := version int16, [topic], user data
//                   then from v1: [topic, [partition int32]] that it owns, from v2: generation int32, from v3: rack
//   assignment   := version int16, [topic, [partition int32]], user data       (v0 to v3 alike)
//
// A count is an int32, a string follows its int16, user data its int32; null user data and a null rack have length -1. There
// are no compact forms and no tags. A version that is higher than ours begins as ours does: it is read so, and what follows
// is ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "assignor/topic_partitions.h"
#include "base/bytes.h"
#include "base/result.h"

namespace bobbin::assignor {

// Kafka's Java client writes it, too.
inline constexpr int16_t consumer_protocol_version_max = 3;

inline constexpr int32_t generation_none = -1;

struct Subscription {
  std::vector<std::string> topics;
  std::optional<std::string> user_data;  // what an assignor's members tell it besides (user_data.h)
  std::vector<TopicPartitions> owned;    // partitions that the member has not given up while it joins
  int32_t generation = generation_none;  // in which it got them
  std::optional<std::string> rack;       // never empty
  bool operator==(const Subscription&) const = default;
};

struct Assignment {
  std::vector<TopicPartitions> partitions;
  std::optional<std::string> user_data;
  bool operator==(const Assignment&) const = default;
};

// Sorted: topics by name, what is owned by topic and number, as every member writes them. What `version` does not have is left
// out. Names and racks have at most 32767 bytes.
std::string encode(const Subscription& subscription, int16_t version = consumer_protocol_version_max);
std::string encode(const Assignment& assignment, int16_t version = consumer_protocol_version_max);

// From bytes that anybody may have sent. Errc::malformed: they do not parse. What is allocated is at most about 20 times
// their size. No bytes at all are an empty assignment, as some clients write it.
Result<Subscription> decode_subscription(Bytes bytes);
Result<Assignment> decode_assignment(Bytes bytes);

}  // namespace bobbin::assignor
