#include "assignor/assignors.h"

#include <algorithm>
#include <iterator>

#include "assignor/range.h"
#include "assignor/round_robin.h"
#include "assignor/sticky.h"

namespace bobbin::assignor {

namespace {

std::optional<std::string> no_user_data(const std::optional<Claim>&) { return std::nullopt; }

std::optional<std::string> what_it_had(const std::optional<Claim>& last) {
  return last ? std::optional(sticky_user_data(*last)) : std::nullopt;
}

std::optional<std::string> its_generation(const std::optional<Claim>& last) {
  return cooperative_user_data(last ? last->generation : generation_none);
}

constexpr Assignor all[] = {
    {"range", false, range, no_user_data},
    {"roundrobin", false, round_robin, no_user_data},
    {"sticky", false, sticky, what_it_had},
    {"cooperative-sticky", true, cooperative_sticky, its_generation},
};

}  // namespace

std::span<const Assignor> assignors() { return all; }

const Assignor* find_assignor(std::string_view name) {
  auto found = std::find_if(std::begin(all), std::end(all), [&](const Assignor& each) { return each.name == name; });
  return found == std::end(all) ? nullptr : found;
}

Subscription subscription_for(const Assignor& assignor, std::vector<std::string> topics,
                              const std::optional<Claim>& last) {
  Subscription subscription;
  subscription.topics = std::move(topics);
  subscription.user_data = assignor.user_data(last);
  if (!last) return subscription;
  if (assignor.cooperative) subscription.owned = last->partitions;
  subscription.generation = last->generation;
  return subscription;
}

}  // namespace bobbin::assignor
