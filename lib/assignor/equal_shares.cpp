#include "assignor/equal_shares.h"

#include <algorithm>
#include <deque>

#include "base/check.h"

namespace bobbin::assignor {

namespace {

class Dealer {
 public:
  explicit Dealer(const Roster& roster)
      : share_(roster.partitions() / roster.members()), one_more_left_(roster.partitions() % roster.members()),
        owner_(roster.partitions(), nobody), count_(roster.members()) {}

  // `had`: of each member, in the order in which it keeps them.
  void keep(size_t member, const std::vector<size_t>& had) {
    size_t kept = std::min(had.size(), share_);
    if (had.size() > share_ && one_more_left_ > 0) {
      kept++;
      one_more_left_--;
    } else if (had.size() < share_) {
      below_share_.push_back(member);
    } else {
      at_share_.push_back(member);
    }
    for (size_t i = 0; i < kept; i++) owner_[had[i]] = member;
    count_[member] = kept;
  }

  std::vector<size_t> deal() && {
    for (size_t partition = 0; partition < owner_.size(); partition++)
      if (owner_[partition] == nobody) give(partition);
    return std::move(owner_);
  }

 private:
  // Round and round to those below their share; then one each to those who have it.
  void give(size_t partition) {
    std::deque<size_t>& from = below_share_.empty() ? at_share_ : below_share_;
    check(!from.empty(), "a member for each partition");
    const size_t member = from.front();
    from.pop_front();
    owner_[partition] = member;
    if (++count_[member] > share_) return;
    (count_[member] < share_ ? below_share_ : at_share_).push_back(member);
  }

  size_t share_;
  size_t one_more_left_;
  std::vector<size_t> owner_;
  std::vector<size_t> count_;
  std::deque<size_t> below_share_;
  std::deque<size_t> at_share_;
};

}  // namespace

std::vector<size_t> equal_shares(const Roster& roster, const Owners& before) {
  if (roster.partitions() == 0) return {};
  // What is revoked has the highest numbers: each member's row is by number, then topic.
  struct Had {
    size_t number;
    size_t partition;
    auto operator<=>(const Had&) const = default;
  };
  std::vector<std::vector<Had>> had(roster.members());
  for (size_t topic = 0; topic < roster.topics(); topic++)
    for (size_t partition = roster.first(topic); partition < roster.end(topic); partition++)
      if (const size_t owner = before.owner[partition]; owner != nobody && !before.disputed[partition])
        had[owner].push_back({partition - roster.first(topic), partition});

  Dealer dealer(roster);
  for (size_t member = 0; member < roster.members(); member++) {
    std::sort(had[member].begin(), had[member].end());
    std::vector<size_t> in_order;
    for (const Had& each : had[member]) in_order.push_back(each.partition);
    dealer.keep(member, in_order);
  }
  return std::move(dealer).deal();
}

}  // namespace bobbin::assignor
