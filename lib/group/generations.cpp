#include "group/generations.h"

#include <algorithm>

namespace bobbin::group {

void Generations::restore(const std::optional<StoredGroup>& stored) {
  kept_.restore(stored ? std::optional<std::string>(group_value(*stored)) : std::nullopt);
  standing_ = stored ? restored(*stored) : Standing{};
}

void Generations::write(std::function<void(Errc)> done) {
  std::string value = group_value(stored(standing_));
  const uint64_t number = kept_.write(value);
  context_.journal.write({{group_key(id_), std::move(value)}},
                         [this, life = std::weak_ptr(life_), number, done = std::move(done)](const Status& written) {
                           if (life.expired()) return;
                           if (written) kept_.promise(number);
                           else kept_.lose(number);
                           done(written ? Errc::none : coordinator_error(written.error().code));
                         });
}

// --- joining

void Generations::rebalance() {
  if (standing_.is<Preparing>() || standing_.is<Dead>()) return;
  if (standing_.is<Completing>()) forget_assignments(Errc::rebalance_in_progress);
  Preparing preparing;
  preparing.from_empty = standing_.is<Empty>();
  preparing.complete_by_ms = now() + standing_.members.rebalance_timeout_ms();
  enter(preparing);
  wake_at(preparing.complete_by_ms);
  for (auto& [id, member] : standing_.members.all())
    if (HeartbeatDone parked = std::exchange(member.parked, {})) {
      seen(member);
      parked(Errc::rebalance_in_progress);
    }
}

void Generations::wait_for_others() {
  auto* preparing = std::get_if<Preparing>(&standing_.state);
  if (!preparing || !preparing->from_empty) return;
  preparing->not_before_ms = std::min(now() + context_.limits.initial_rebalance_delay_ms, preparing->complete_by_ms);
  wake_at(preparing->not_before_ms);
}

void Generations::complete_if_joined() {
  const auto* preparing = std::get_if<Preparing>(&standing_.state);
  if (!preparing || preparing->not_before_ms > now()) return;
  const Members& members = standing_.members;
  // The first members have waited for others already.
  const bool has_waited = preparing->not_before_ms > 0;
  if (members.joining() == members.size() && (has_waited || members.awaited.empty())) complete();
}

// Of those who joined. A static member may be away for the length of its session.
void Generations::complete() {
  Members& members = standing_.members;
  std::vector<std::string> away;
  for (const auto& [id, member] : members.all())
    if (!member.joining && !member.instance_id) away.push_back(id);
  for (const std::string& id : away) members.remove(id);
  if (members.empty()) return end_without_members();
  if (!members.lead_by_joined()) {
    auto& preparing = std::get<Preparing>(standing_.state);
    preparing.complete_by_ms = now() + members.rebalance_timeout_ms();
    return wake_at(preparing.complete_by_ms);
  }
  standing_.generation++;
  standing_.protocol = members.chosen_protocol();
  Completing completing;
  completing.sync_by_ms = now() + members.rebalance_timeout_ms();
  enter(completing);
  wake_at(completing.sync_by_ms);
  std::vector<std::pair<JoinDone, Joined>> answers;
  for (auto& [id, member] : members.all()) {
    member.has_synced = member.is_new = false;
    JoinDone done = std::exchange(member.joining, {});
    seen(member);
    if (done) answers.emplace_back(std::move(done), present_generation(standing_, member));
  }
  for (auto& [done, told] : answers) done(std::move(told));
}

void Generations::end_without_members() {
  standing_.generation++;
  standing_.protocol.reset();
  enter(Empty{});
  write([](Errc) {});
}

void Generations::remove(Member& member, Errc why) {
  const std::string id = member.id;
  JoinDone joining = std::exchange(member.joining, {});
  SyncDone syncing = std::exchange(member.syncing, {});
  HeartbeatDone parked = std::exchange(member.parked, {});
  standing_.members.remove(id);
  if (standing_.is<Stable>() || standing_.is<Completing>()) rebalance();
  complete_if_joined();
  if (joining) joining(refused_join(why, ""));
  if (syncing) syncing({.error = why});
  if (parked) parked(why);
}

// --- shares

void Generations::share(const std::vector<std::pair<std::string, std::string>>& assignments) {
  for (auto& [id, member] : standing_.members.all()) member.assignment.clear();
  for (const auto& [id, assignment] : assignments)
    if (Member* member = standing_.members.find(id)) member->assignment = assignment;
  std::get<Completing>(standing_.state).keeping = true;
  write([this, generation = standing_.generation](Errc error) {
    if (!standing_.is<Completing>() || standing_.generation != generation) return;
    if (error == Errc::none) return tell_assignments();
    forget_assignments(error);
    std::get<Completing>(standing_.state).keeping = false;
    rebalance();
  });
}

void Generations::tell_assignments() {
  const int64_t sync_by_ms = std::get<Completing>(standing_.state).sync_by_ms;
  enter(Stable{sync_by_ms});
  wake_at(sync_by_ms);
  std::vector<std::pair<SyncDone, Synced>> answers;
  for (auto& [id, member] : standing_.members.all()) {
    if (!member.syncing) continue;
    seen(member);
    answers.emplace_back(std::exchange(member.syncing, {}),
                         Synced{Errc::none, standing_.protocol_type, standing_.protocol, member.assignment});
  }
  for (auto& [done, told] : answers) done(std::move(told));
}

void Generations::forget_assignments(Errc why) {
  for (auto& [id, member] : standing_.members.all()) {
    member.assignment.clear();
    if (SyncDone syncing = std::exchange(member.syncing, {})) {
      seen(member);
      syncing({.error = why});
    }
  }
}

// --- time

void Generations::seen(Member& member) {
  member.expires_ms = now() + member.session_timeout_ms;
  wake_at(member.expires_ms);
}

// Nothing: while the journal has the shares in its hands, nobody can be blamed.
std::optional<int64_t> Generations::sync_by_ms() const {
  if (const auto* stable = std::get_if<Stable>(&standing_.state)) return stable->sync_by_ms;
  const auto* completing = std::get_if<Completing>(&standing_.state);
  if (completing && !completing->keeping) return completing->sync_by_ms;
  return std::nullopt;
}

// Nobody has heard of it for its session; or it was told of a generation, and does not ask what it got.
bool Generations::is_gone(const Member& member, int64_t now_ms) const {
  const auto sync_by_ms = this->sync_by_ms();
  if (sync_by_ms && *sync_by_ms <= now_ms && !member.has_synced) return true;
  const bool waits = (member.joining && !member.is_new) || member.syncing || member.parked;
  return member.expires_ms <= now_ms && !waits;
}

void Generations::run(int64_t now_ms) {
  Members& members = standing_.members;
  std::erase_if(members.awaited, [&](const auto& each) { return each.second <= now_ms; });
  for (auto& [id, member] : members.all())
    if (member.parked && member.parked_until_ms <= now_ms) {
      seen(member);
      std::exchange(member.parked, {})(Errc::none);
    }
  std::vector<std::string> gone;
  for (const auto& [id, member] : members.all())
    if (is_gone(member, now_ms)) gone.push_back(id);
  for (const std::string& id : gone)
    if (Member* member = members.find(id)) remove(*member, Errc::unknown_member_id);
  const auto* preparing = std::get_if<Preparing>(&standing_.state);
  if (preparing && preparing->complete_by_ms <= now_ms) complete();
  else complete_if_joined();
  wake_again(now_ms);
}

// For all that is still to come: what is over has been looked at.
void Generations::wake_again(int64_t now_ms) {
  const auto wake = [&](int64_t at) {
    if (at > now_ms) wake_at(at);
  };
  for (const auto& [id, member] : standing_.members.all())
    wake(member.parked ? member.parked_until_ms : member.expires_ms);
  for (const auto& [id, until] : standing_.members.awaited) wake(until);
  if (const auto* preparing = std::get_if<Preparing>(&standing_.state)) {
    wake(preparing->not_before_ms);
    wake(preparing->complete_by_ms);
  }
  if (const auto by = sync_by_ms()) wake(*by);
}

void Generations::enter(State state) {
  standing_.state = std::move(state);
  standing_.since = context_.world.clock.wall();
}

void Generations::end(Errc why) {
  enter(Dead{});
  for (auto& [id, member] : standing_.members.all()) {
    if (JoinDone joining = std::exchange(member.joining, {})) joining(refused_join(why, id));
    if (SyncDone syncing = std::exchange(member.syncing, {})) syncing({.error = why});
    if (HeartbeatDone parked = std::exchange(member.parked, {})) parked(why);
  }
}

}  // namespace bobbin::group
