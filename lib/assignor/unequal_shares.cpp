#include "assignor/unequal_shares.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <set>
#include <utility>

#include "assignor/movements.h"

namespace bobbin::assignor {

namespace {

class Balancer {
 public:
  Balancer(const Roster& roster, Owners before)
      : roster_(roster), owner_(std::move(before.owner)), former_(std::move(before.former)), count_(roster.members()) {
    topics_.resize(roster.topics());
    std::iota(topics_.begin(), topics_.end(), size_t{0});
    std::stable_sort(topics_.begin(), topics_.end(),
                     [&](size_t a, size_t b) { return roster.subscribers(a).size() < roster.subscribers(b).size(); });
  }

  std::vector<size_t> balance() && {
    const bool something_taken = keep();
    const bool from_nothing = std::all_of(count_.begin(), count_.end(), [](size_t count) { return count == 0; });
    hand_out();
    const std::vector<size_t> handed_out = owner_;
    const uint64_t before = unevenness();
    if (!something_taken) move_while_it_helps(true);
    const bool has_moved = move_while_it_helps(false);
    // What was there is not moved about for nothing.
    return !from_nothing && has_moved && unevenness() >= before ? handed_out : std::move(owner_);
  }

 private:
  using Load = std::pair<size_t, size_t>;  // how many partitions, and which member has them

  // What each had of topics that it is still subscribed to. Whether something was taken from somebody who is not.
  bool keep() {
    bool taken = false;
    was_free_.resize(owner_.size());
    for (size_t topic : topics_) {
      for (size_t partition = roster_.first(topic); partition < roster_.end(topic); partition++) {
        size_t& owner = owner_[partition];
        if (owner != nobody && !roster_.is_subscribed(owner, topic)) {
          owner = nobody;
          taken = true;
        }
        was_free_[partition] = owner == nobody;
        if (owner != nobody) count_[owner]++;
      }
    }
    return taken;
  }

  void hand_out() {
    for (size_t topic : topics_) {
      std::priority_queue<Load, std::vector<Load>, std::greater<>> least;
      for (size_t member : roster_.subscribers(topic)) least.emplace(count_[member], member);
      for (size_t partition = roster_.first(topic); partition < roster_.end(topic); partition++) {
        if (!was_free_[partition]) continue;
        const size_t member = least.top().second;
        least.pop();
        owner_[partition] = member;
        least.emplace(++count_[member], member);
      }
    }
  }

  // Topics with few subscribers first, as they leave the least choice. False: nothing moved.
  bool move_while_it_helps(bool only_what_was_free) {
    bool ever = false;
    for (;;) {
      const uint64_t before = squares();
      bool moved = false;
      for (size_t topic : topics_) moved = move_some(topic, only_what_was_free) || moved;
      ever = ever || moved;
      // Sending back another partition instead (movements.h) may make it less even. Java goes on, perhaps for ever.
      if (!moved || squares() >= before) return ever;
    }
  }

  bool move_some(size_t topic, bool only_what_was_free) {
    const std::vector<size_t>& members = roster_.subscribers(topic);
    auto [least, most] =
        std::minmax_element(members.begin(), members.end(), [&](size_t a, size_t b) { return count_[a] < count_[b]; });
    if (count_[*most] <= count_[*least] + 1) return false;
    std::set<Load> loads;
    for (size_t member : members) loads.emplace(count_[member], member);
    bool any = false;
    for (size_t partition = roster_.first(topic); partition < roster_.end(topic); partition++) {
      if (only_what_was_free && !was_free_[partition]) continue;
      const size_t to = better_owner(topic, partition, *loads.begin());
      if (to == nobody) continue;
      move(topic, movements_.to_move(topic, partition, owner_[partition], to), to, loads);
      any = true;
    }
    return any;
  }

  // Rather the one who had it before it was away.
  size_t better_owner(size_t topic, size_t partition, const Load& least) const {
    const size_t count = count_[owner_[partition]];
    const size_t former = former_[partition];
    if (former != nobody && count > count_[former] + 1 && roster_.is_subscribed(former, topic)) return former;
    return count > least.first + 1 ? least.second : nobody;
  }

  void move(size_t topic, size_t partition, size_t to, std::set<Load>& loads) {
    const size_t from = owner_[partition];
    loads.erase({count_[from], from});
    loads.erase({count_[to], to});
    movements_.moved(topic, partition, from, to);
    owner_[partition] = to;
    loads.emplace(--count_[from], from);
    loads.emplace(++count_[to], to);
  }

  uint64_t squares() const {
    return std::accumulate(count_.begin(), count_.end(), uint64_t{0},
                           [](uint64_t sum, size_t count) { return sum + count * count; });
  }

  // The sum of the differences between any two members who have a topic with somebody else.
  uint64_t unevenness() const {
    std::vector<bool> shares(roster_.members());
    for (size_t topic : topics_)
      if (roster_.subscribers(topic).size() > 1)
        for (size_t member : roster_.subscribers(topic)) shares[member] = true;
    std::vector<uint64_t> counts;
    for (size_t member = 0; member < count_.size(); member++)
      if (shares[member]) counts.push_back(count_[member]);
    std::sort(counts.begin(), counts.end());
    uint64_t sum = 0, differences = 0;
    for (size_t i = 0; i < counts.size(); i++) {
      differences += i * counts[i] - sum;
      sum += counts[i];
    }
    return differences;
  }

  const Roster& roster_;
  std::vector<size_t> topics_;  // by the number of their subscribers, then by name
  std::vector<size_t> owner_;
  std::vector<size_t> former_;
  std::vector<bool> was_free_;
  std::vector<size_t> count_;  // of each member's partitions
  Movements movements_;
};

}  // namespace

std::vector<size_t> unequal_shares(const Roster& roster, Owners before) {
  return Balancer(roster, std::move(before)).balance();
}

}  // namespace bobbin::assignor
