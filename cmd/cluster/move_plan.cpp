#include "cmd/cluster/move_plan.h"

#include <algorithm>
#include <tuple>

#include "base/ids.h"

namespace bobbin::cmd {
namespace {

class Spreading {
 public:
  Spreading(std::vector<PlannedMove>& moves, const std::map<BrokerId, size_t>& of_all, const Spread& how)
      : moves_(moves), how_(how) {
    for (BrokerId id : how.brokers) {
      auto found = of_all.find(id);
      loads_[id].of_all = found == of_all.end() ? 0 : found->second;
    }
  }

  void run() {
    for (PlannedMove& move : moves_) keep(move);
    for (PlannedMove& move : moves_) shorten(move);
    for (PlannedMove& move : moves_) fill(move);
    if (!how_.evenly) return;
    while (even_copies()) continue;
    while (even_leaders()) continue;
  }

 private:
  struct Load {
    size_t copies = 0, leads = 0, of_all = 0;
    auto fewest() const { return std::tie(copies, of_all); }
  };

  bool may_have(BrokerId id) const { return holds(how_.brokers, id); }
  size_t count_of(const PlannedMove& move) const { return how_.replicas.value_or(move.now.size()); }

  void keep(PlannedMove& move) {
    if (how_.evenly) std::erase_if(move.wanted, [this](BrokerId id) { return !may_have(id); });
    for (BrokerId id : move.wanted) loads_[id].copies++;
  }

  // The preferred leader stays; of the others those go that are on brokers that are not named, then on the fullest.
  void shorten(PlannedMove& move) {
    while (move.wanted.size() > count_of(move)) {
      auto fullest = std::max_element(move.wanted.begin() + 1, move.wanted.end(), [this](BrokerId a, BrokerId b) {
        return std::pair(!may_have(a), loads_[a].fewest()) <= std::pair(!may_have(b), loads_[b].fewest());
      });
      loads_[*fullest].copies--;
      loads_[*fullest].of_all--;
      move.wanted.erase(fullest);
    }
  }

  void fill(PlannedMove& move) {
    while (move.wanted.size() < count_of(move)) {
      const BrokerId id = emptiest([&](BrokerId other) { return !holds(move.wanted, other); });
      move.wanted.push_back(id);
      loads_[id].copies++;
      loads_[id].of_all++;
    }
    loads_[move.wanted.front()].leads++;
  }

  template <class May>
  BrokerId emptiest(const May& may) {
    BrokerId best = broker_none;
    for (const auto& [id, load] : loads_)
      if (may_have(id) && may(id) && (best == broker_none || load.fewest() < loads_[best].fewest())) best = id;
    return best;
  }

  // One copy, from a broker that has two more than another one to that: from where there are most. One that follows, if
  // there is one.
  bool even_copies() {
    std::vector<BrokerId> from;
    for (const auto& [id, load] : loads_) from.push_back(id);
    std::stable_sort(from.begin(), from.end(),
                     [this](BrokerId a, BrokerId b) { return loads_[a].copies > loads_[b].copies; });
    for (BrokerId full : from)
      for (bool also_leads : {false, true})
        for (PlannedMove& move : moves_) {
          auto at = std::find(move.wanted.begin() + (also_leads ? 0 : 1), move.wanted.end(), full);
          if (at == move.wanted.end()) continue;
          const BrokerId to = emptiest([&](BrokerId id) { return !holds(move.wanted, id); });
          if (to == broker_none || loads_[to].copies + 1 >= loads_[full].copies) continue;
          if (at == move.wanted.begin()) pass_lead(full, to);
          loads_[full].copies--;
          loads_[to].copies++;
          *at = to;
          return true;
        }
    return false;
  }

  void pass_lead(BrokerId from, BrokerId to) {
    loads_[from].leads--;
    loads_[to].leads++;
  }

  // One lead, likewise, to another of the partition's replicas; no copy moves for that.
  bool even_leaders() {
    for (PlannedMove& move : moves_) {
      const BrokerId leader = move.wanted.front();
      auto least = std::min_element(move.wanted.begin(), move.wanted.end(),
                                    [this](BrokerId a, BrokerId b) { return loads_[a].leads < loads_[b].leads; });
      if (loads_[*least].leads + 1 >= loads_[leader].leads) continue;
      pass_lead(leader, *least);
      std::iter_swap(move.wanted.begin(), least);
      return true;
    }
    return false;
  }

  std::vector<PlannedMove>& moves_;
  const Spread& how_;
  std::map<BrokerId, Load> loads_;
};

}  // namespace

Result<std::vector<PlannedMove>> spread(std::vector<PlannedMove> of, const std::map<BrokerId, size_t>& copies_of_all,
                                        const Spread& how) {
  for (const PlannedMove& move : of)
    if (const size_t count = how.replicas.value_or(move.now.size()); count > how.brokers.size())
      return error(Errc::invalid_replication_factor,
                   move.topic + "-" + to_string(move.partition) + ": " + std::to_string(count) +
                       " replicas need as many brokers, and it may have " + std::to_string(how.brokers.size()));
  Spreading(of, copies_of_all, how).run();
  return of;
}

std::vector<PlannedMove> partitions_of(const std::vector<client::TopicView>& topics,
                                       const std::vector<PartitionId>& only) {
  std::vector<PlannedMove> out;
  for (const client::TopicView& topic : topics)
    for (size_t i = 0; i < topic.partitions.size(); i++) {
      const PartitionId number(static_cast<int32_t>(i));
      if (!only.empty() && std::find(only.begin(), only.end(), number) == only.end()) continue;
      const auto& replicas = topic.partitions[i].replicas;
      if (!replicas.empty())
        out.push_back({.topic = topic.name, .partition = number, .now = replicas, .wanted = replicas});
    }
  return out;
}

std::map<BrokerId, size_t> copies_by_broker(const std::vector<client::TopicView>& topics) {
  std::map<BrokerId, size_t> out;
  for (const client::TopicView& topic : topics)
    for (const client::PartitionView& p : topic.partitions)
      for (BrokerId id : p.replicas) out[id]++;
  return out;
}

}  // namespace bobbin::cmd
