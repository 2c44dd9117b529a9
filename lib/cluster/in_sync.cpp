#include "cluster/in_sync.h"

#include <algorithm>

#include "base/mutants.h"
namespace bobbin::cluster {

InSync::InSync(BrokerId self, InSyncSet set, Offset end, int64_t now) : self_(self), reign_start_(end) {
  take(std::move(set), now);
}

void InSync::take(InSyncSet set, int64_t now) {
  set_ = std::move(set);
  std::erase_if(progress_, [this](const auto& each) {
    return std::find(set_.replicas.begin(), set_.replicas.end(), each.first) == set_.replicas.end();
  });
  for (BrokerId id : set_.replicas) {
    if (id != self_)
      progress_.try_emplace(id, Progress{.life = BrokerEpoch(-1), .end = std::nullopt, .behind_since = now});
  }
}

bool InSync::is_member(BrokerId who) const {
  return std::find(set_.isr.begin(), set_.isr.end(), who) != set_.isr.end();
}

// Who asks from the end on is not behind. Who asks from where the end was when it asked before has been behind since then
// (Kafka's Replica.updateFetchState).
void InSync::fetched(BrokerId who, BrokerEpoch life, Offset from, Offset end, int64_t now) {
  auto it = progress_.find(who);
  if (it == progress_.end()) return;
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
}

void InSync::appended(int64_t now) {
  for (auto& [id, p] : progress_)
    if (!p.behind_since) p.behind_since = now;
}

void InSync::forget(BrokerId who) {
  auto it = progress_.find(who);
  if (it == progress_.end()) return;
  it->second.end.reset();
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

std::optional<int64_t> InSync::lag_deadline(int64_t lag_ms_max) const {
  std::optional<int64_t> next;
  for (const auto& [id, p] : progress_) {
    if (!is_member(id) || !p.behind_since) continue;
    const int64_t at = *p.behind_since + lag_ms_max + 1;
    next = std::min(next.value_or(at), at);
  }
  return next;
}

// R9.
std::vector<InSync::Candidate> InSync::take_candidates(Offset high_watermark) {
  std::vector<Candidate> out;
  const Offset needed = planted(Mutant::join_behind) ? high_watermark : std::max(high_watermark, reign_start_);
  for (const auto& [id, p] : progress_) {
    if (counts(id) || !p.end || *p.end < needed) continue;
    if (planted(Mutant::forget_joining)) joining_.clear();
    if (!planted(Mutant::widen_late)) joining_.insert(id);
    out.push_back({id, p.life});
  }
  return out;
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
