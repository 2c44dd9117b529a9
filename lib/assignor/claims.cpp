#include "assignor/claims.h"

#include <algorithm>

namespace bobbin::assignor {

Owners owners_before(const Roster& roster, const std::vector<Claim>& claims) {
  const size_t partitions = roster.partitions();
  Owners owners{std::vector<size_t>(partitions, nobody), std::vector<bool>(partitions),
                std::vector<size_t>(partitions, nobody)};
  int32_t last_generation = generation_none;
  for (const Claim& claim : claims) last_generation = std::max(last_generation, claim.generation);

  std::vector<size_t> claimed_by(partitions, nobody);  // the last one who counted
  for (size_t member = 0; member < claims.size(); member++) {
    const int32_t generation = claims[member].generation;
    each_partition(roster, claims[member].partitions, [&](size_t partition) {
      if (generation < last_generation) {
        size_t& former = owners.former[partition];
        if (former == nobody || generation > claims[former].generation) former = member;
      }
      size_t& other = claimed_by[partition];
      if (other == nobody) {
        owners.owner[partition] = other = member;
        return;
      }
      // As in Java, the other one's generation is that of its subscription, even where the claim is in user data.
      const int32_t others = roster.member(other).subscription.generation;
      if (generation < others) return;
      if (generation == others) owners.disputed[partition] = true;
      owners.owner[partition] = generation == others ? nobody : member;
      other = member;
    });
  }
  return owners;
}

}  // namespace bobbin::assignor
