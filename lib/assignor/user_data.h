// What sticky's and cooperative-sticky's members say of themselves in the user data of their subscriptions.
//
//   sticky             := [topic, [partition int32]], from v1: generation int32     v0 and v1 differ by their length alone
//   cooperative-sticky := generation int32
//
// A member of sticky has given up everything when it joins, so it tells here what it had last. One of cooperative-sticky tells
// what it owns in the subscription; its generation stands here for those who write subscriptions without one.
#pragma once

#include "assignor/subscription.h"

namespace bobbin::assignor {

// What a member claims to have owned, and in which generation it got it.
struct Claim {
  std::vector<TopicPartitions> partitions;
  int32_t generation = generation_none;
  bool operator==(const Claim&) const = default;
};

// As sticky's v1.
std::string sticky_user_data(const Claim& claim);
std::string cooperative_user_data(int32_t generation);

// Whatever cannot be read claims nothing.
Claim sticky_claim(const Subscription& subscription);
Claim cooperative_claim(const Subscription& subscription);

}  // namespace bobbin::assignor
