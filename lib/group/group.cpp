#include "group/group.h"

namespace bobbin::group {

namespace {
// A process of this machine that lives comes back at once when its coordinator is another one.
constexpr int64_t near_return_ms = 3000;
constexpr std::string_view near_host = "/unix";
}  // namespace

void Group::begin() {
  for (auto& [id, member] : now_.members.all()) {
    generations_.seen(member);
    if (member.client_host != near_host || member.instance_id) continue;
    member.expires_ms = std::min(member.expires_ms, generations_.now() + near_return_ms);
    generations_.wake_at(member.expires_ms);
  }
}

size_t Group::bytes() const {
  const auto& held = kept().written();
  return sizeof(Group) + id_.size() + now_.members.bytes() + (held ? held->size() : 0);
}

// --- requests ---

// The member that the caller is, in whatever generation.
Result<Member*> Group::current(const Caller& caller) {
  if (caller.instance_id) {
    Member* member = now_.members.find_static(*caller.instance_id);
    if (!member) return error(Errc::unknown_member_id);
    if (member->id != caller.member_id) return error(Errc::fenced_instance_id);
    return member;
  }
  if (Member* member = now_.members.find(caller.member_id)) return member;
  return error(Errc::unknown_member_id);
}

void Group::sync(const Sync& asked, SyncDone done) {
  auto refuse = [&](Errc why) { done({.error = why}); };
  if (now_.is<Dead>()) return refuse(Errc::coordinator_not_available);
  auto found = current(asked.caller);
  if (!found) return refuse(found.error().code);
  if (asked.caller.generation != now_.generation) return refuse(Errc::illegal_generation);
  if (asked.protocol_type && *asked.protocol_type != now_.protocol_type)
    return refuse(Errc::inconsistent_group_protocol);
  if (asked.protocol && asked.protocol != now_.protocol) return refuse(Errc::inconsistent_group_protocol);
  Member& member = **found;
  member.lifeline = asked.caller.lifeline;
  if (now_.is<Empty>()) return refuse(Errc::unknown_member_id);
  if (now_.is<Preparing>()) return refuse(Errc::rebalance_in_progress);
  generations_.seen(member);
  member.has_synced = true;
  if (now_.is<Stable>()) return done({Errc::none, now_.protocol_type, now_.protocol, member.assignment});
  if (SyncDone earlier = std::exchange(member.syncing, std::move(done)))
    earlier({.error = Errc::rebalance_in_progress});
  auto& completing = std::get<Completing>(now_.state);
  if (!now_.members.is_leader(member.id) || completing.keeping) return;
  size_t bytes = 0;
  for (const auto& [id, assignment] : asked.assignments) bytes += 2 * assignment.size();  // the journal's value, too
  if (!context_.room.takes(bytes)) return generations_.remove(member, Errc::group_max_size_reached);
  generations_.share(asked.assignments);
}

void Group::heartbeat(const Caller& caller, int32_t park_ms, HeartbeatDone done) {
  if (now_.is<Dead>()) return done(Errc::coordinator_not_available);
  auto found = current(caller);
  if (!found) return done(found.error().code);
  if (caller.generation != now_.generation) return done(Errc::illegal_generation);
  Member& member = **found;
  member.lifeline = caller.lifeline;
  generations_.seen(member);
  if (now_.is<Empty>()) return done(Errc::unknown_member_id);
  if (now_.is<Preparing>()) return done(Errc::rebalance_in_progress);
  if (park_ms <= 0) return done(Errc::none);
  if (HeartbeatDone earlier = std::exchange(member.parked, std::move(done))) earlier(Errc::none);
  member.parked_until_ms = generations_.now() + std::min(park_ms, member.session_timeout_ms);
  generations_.wake_at(member.parked_until_ms);
}

Errc Group::leave(const Caller& caller) {
  if (now_.is<Dead>()) return Errc::coordinator_not_available;
  if (!caller.instance_id && now_.members.awaited.erase(caller.member_id) > 0) {
    generations_.complete_if_joined();
    return Errc::none;
  }
  // Who administers a group names a static member without its member id.
  Caller who = caller;
  if (who.instance_id && who.member_id.empty())
    if (const Member* member = now_.members.find_static(*who.instance_id)) who.member_id = member->id;
  auto found = current(who);
  if (!found) return found.error().code;
  generations_.remove(**found, Errc::unknown_member_id);
  return Errc::none;
}

Errc Group::check_commit(const Caller& caller) {
  if (now_.is<Dead>()) return Errc::coordinator_not_available;
  // Who takes no part in the group: of an empty one it does not matter what he calls himself.
  if (caller.generation < 0 && now_.is<Empty>()) return Errc::none;
  if (caller.generation < 0 && caller.member_id.empty() && !caller.instance_id) return Errc::unknown_member_id;
  auto found = current(caller);
  if (!found) return found.error().code;
  if (caller.generation != now_.generation) return Errc::illegal_generation;
  if (now_.is<Completing>()) return Errc::rebalance_in_progress;
  generations_.seen(**found);
  return Errc::none;
}

// --- connections ---

void Group::end_lifeline(uint64_t lifeline) {
  std::vector<std::string> ended;
  for (const auto& [id, member] : now_.members.all())
    if (member.lifeline == lifeline && !member.instance_id) ended.push_back(id);
  for (const std::string& id : ended)
    if (Member* member = now_.members.find(id)) generations_.remove(*member, Errc::unknown_member_id);
}

void Group::wake(uint64_t lifeline) {
  for (auto& [id, member] : now_.members.all())
    if (member.parked && member.lifeline == lifeline) {
      generations_.seen(member);
      std::exchange(member.parked, {})(Errc::none);
    }
}

}  // namespace bobbin::group
