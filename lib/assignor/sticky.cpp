#include "assignor/sticky.h"

#include "assignor/claims.h"
#include "assignor/equal_shares.h"
#include "assignor/order.h"
#include "assignor/unequal_shares.h"

namespace bobbin::assignor {

namespace {

Owners owners_before(const Roster& roster, Claim (*claim_of)(const Subscription&)) {
  std::vector<Claim> claims;
  for (size_t member = 0; member < roster.members(); member++)
    claims.push_back(claim_of(roster.member(member).subscription));
  return owners_before(roster, claims);
}

// What is disputed may be in use by either.
void withhold_what_moves(const Owners& before, std::vector<size_t>& owners) {
  for (size_t partition = 0; partition < owners.size(); partition++) {
    const size_t owner = before.owner[partition];
    const bool moves = owner != nobody && owner != owners[partition];
    if (moves || before.disputed[partition]) owners[partition] = nobody;
  }
}

// Here everything counts that a subscription owns, from whichever generation.
void withhold_what_another_owns(const Roster& roster, std::vector<size_t>& owners) {
  std::vector<bool> stays(owners.size()), elsewhere(owners.size());
  for (size_t member = 0; member < roster.members(); member++)
    each_partition(roster, roster.member(member).subscription.owned,
                   [&](size_t partition) { (owners[partition] == member ? stays : elsewhere)[partition] = true; });
  for (size_t partition = 0; partition < owners.size(); partition++)
    if (elsewhere[partition] && !stays[partition]) owners[partition] = nobody;
}

}  // namespace

Assignments sticky(const Group& group) {
  const Roster roster(group, by_id);
  Owners before = owners_before(roster, sticky_claim);
  if (roster.all_subscribed_alike()) return roster.assignments(equal_shares(roster, before));
  return roster.assignments(unequal_shares(roster, std::move(before)));
}

Assignments cooperative_sticky(const Group& group) {
  const Roster roster(group, by_id);
  Owners before = owners_before(roster, cooperative_claim);
  std::vector<size_t> owners;
  if (roster.all_subscribed_alike()) {
    owners = equal_shares(roster, before);
    withhold_what_moves(before, owners);
  } else {
    owners = unequal_shares(roster, std::move(before));
    withhold_what_another_owns(roster, owners);
  }
  return roster.assignments(owners);
}

}  // namespace bobbin::assignor
