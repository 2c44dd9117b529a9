#include "cluster/in_sync.h"

#include <algorithm>
#include <utility>

#include "base/ids.h"
#include "base/mutants.h"

namespace bobbin::cluster {

InSync::InSync(BrokerId self, InSyncSet set, Offset end, int64_t now) : self_(self), reign_start_(end) {
  take(std::move(set), now);
}

void InSync::take(InSyncSet set, int64_t now) {
  set_ = std::move(set);
  std::erase_if(progress_, [this](const auto& each) { return !holds(set_.replicas, each.first); });
  for (BrokerId id : set_.replicas) {
    if (id != self_)
      progress_.try_emplace(id, Progress{.life = BrokerEpoch(-1), .end = std::nullopt, .behind_since = now});
  }
}

bool InSync::is_member(BrokerId who) const { return holds(set_.isr, who); }

// Who asks from the end on is not behind. Who asks from where the end was when it asked before has been behind since then
// (Kafka's Replica.updateFetchState).
bool InSync::fetched(BrokerId who, BrokerEpoch life, Offset from, Offset end, int64_t now, const LogStart& start) {
  auto it = progress_.find(who);
  if (it == progress_.end()) return false;
  Progress& p = it->second;
  if (p.life != life) {
    const bool is_first = p.life == BrokerEpoch(-1);
    p = {.life = life, .end = std::nullopt, .behind_since = is_first ? p.behind_since : now};
  }
  if (from >= end) p.behind_since.reset();
  else if (p.end && from >= p.leader_end) p.behind_since = p.asked_ms;
  else if (!p.behind_since) p.behind_since = now;
  p.end = from;
  p.asked_ms = now;
  p.leader_end = end;
  return std::exchange(p.start, start).kept < start.kept;
}

void InSync::appended(int64_t now) {
  for (auto& [id, p] : progress_)
    if (!p.behind_since) p.behind_since = now;
}

// R2, R5, R6.
std::optional<Offset> InSync::committed(Offset own) const {
  if (!has_enough() && !planted(Mutant::commit_below_min)) return std::nullopt;
  Offset least = own;
  if (planted(Mutant::commit_own_end)) return own;
  for (const auto& [id, p] : progress_) {
    if (!counts(id)) continue;
    if (!p.end) return std::nullopt;
    least = std::min(least, *p.end);
  }
  return least;
}

std::vector<BrokerId> InSync::lagging(int64_t now, int64_t lag_ms_max, int64_t silence_ms_max) const {
  std::vector<BrokerId> out;
  for (const auto& [id, p] : progress_) {
    if (!is_member(id) || !p.behind_since) continue;
    const int64_t silent_since = std::max(*p.behind_since, p.asked_ms);
    if (now - *p.behind_since > lag_ms_max || now - silent_since > silence_ms_max) out.push_back(id);
  }
  return out;
}

// R9, R21.
std::optional<InSync::Candidate> InSync::take_candidate(BrokerId who, Offset high_watermark, Offset start) {
  const Offset needed = planted(Mutant::join_behind) ? high_watermark : std::max(high_watermark, reign_start_);
  auto it = progress_.find(who);
  if (it == progress_.end() || counts(who) || !it->second.end || *it->second.end < needed) return std::nullopt;
  if (it->second.start.known < start && !planted(Mutant::keep_what_was_deleted)) return std::nullopt;
  if (planted(Mutant::forget_joining)) joining_.clear();
  if (!planted(Mutant::widen_late)) joining_.insert(who);
  return Candidate{who, it->second.life};
}

Offset InSync::least_start(Offset own, const std::function<bool(BrokerId)>& lives) const {
  Offset least = own;
  for (const auto& [id, p] : progress_)
    if (counts(id) || lives(id)) least = std::min(least, p.start.kept);
  return least;
}

std::set<BrokerId> InSync::followers() const {
  std::set<BrokerId> ids;
  for (const auto& [id, p] : progress_) ids.insert(id);
  return ids;
}

InSync::Follower InSync::follower(BrokerId who) const {
  auto it = progress_.find(who);
  if (it == progress_.end()) return {};
  return {it->second.end, it->second.behind_since};
}

}  // namespace bobbin::cluster
