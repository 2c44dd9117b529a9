#include "assignor/user_data.h"

#include "assignor/wire.h"

namespace bobbin::assignor {

std::string sticky_user_data(const Claim& claim) {
  std::string bytes;
  wire::put_topic_partitions(bytes, sorted(claim.partitions));
  append_be(bytes, claim.generation);
  return bytes;
}

std::string cooperative_user_data(int32_t generation) {
  std::string bytes;
  append_be(bytes, generation);
  return bytes;
}

Claim sticky_claim(const Subscription& subscription) {
  if (!subscription.user_data) return {};
  wire::Reader in(*subscription.user_data);
  Claim claim;
  claim.partitions = in.topic_partitions();
  if (in.failed()) return {};
  auto generation = in.number<int32_t>();
  if (!in.failed()) claim.generation = generation;
  return claim;
}

Claim cooperative_claim(const Subscription& subscription) {
  Claim claim{subscription.owned, subscription.generation};
  if (claim.generation != generation_none || !subscription.user_data) return claim;
  wire::Reader in(*subscription.user_data);
  auto generation = in.number<int32_t>();
  if (!in.failed()) claim.generation = generation;
  return claim;
}

}  // namespace bobbin::assignor
