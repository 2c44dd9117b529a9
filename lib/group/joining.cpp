// Group: who joins, for the first time or again.
#include "group/group.h"

namespace bobbin::group {

namespace {

// A member that nobody heard of yet waits for the others longer than any session; but not for ever.
constexpr int64_t first_join_ms_max = 5 * 60 * 1000;

}  // namespace

void Group::join(const Join& asked, JoinDone done) {
  const std::string& id = asked.caller.member_id;
  const bool is_anew = id.empty();
  if (now_.is<Dead>()) return done(refused_join(Errc::coordinator_not_available, id));
  if (!has_room_for(asked)) {
    if (Member* member = now_.members.find(id)) generations_.remove(*member, Errc::group_max_size_reached);
    now_.members.awaited.erase(id);
    return done(refused_join(Errc::group_max_size_reached, ""));
  }
  if (!takes_protocols(asked)) return done(refused_join(Errc::inconsistent_group_protocol, id));
  if (is_anew) join_anew(asked, std::move(done));
  else join_again(asked, std::move(done));
  generations_.complete_if_joined();
}

bool Group::has_room_for(const Join& asked) const {
  const auto max = static_cast<size_t>(context_.limits.size_max);
  const Member* member = now_.members.find(asked.caller.member_id);
  const size_t before = member ? bytes_of(member->protocols) : 0;
  const size_t after = bytes_of(asked.protocols) + (member ? 0 : sizeof(Member));
  if (!context_.room.takes(after - std::min(before, after))) return false;
  if (now_.is<Preparing>()) return (member && member->joining) || now_.members.joining() < max;
  return member || now_.members.size() < max;
}

bool Group::takes_protocols(const Join& asked) const {
  if (now_.members.empty()) return !asked.protocol_type.empty() && !asked.protocols.empty();
  return asked.protocol_type == now_.protocol_type && now_.members.share_one_of(asked.protocols);
}

std::string Group::make_member_id(const Join& asked) const {
  const Uuid id = os::random_uuid(context_.world.random);
  std::string text = asked.caller.instance_id.value_or(asked.client_id) + "-";
  for (size_t i = 0; i < id.bytes.size(); i++) {
    static constexpr char digits[] = "0123456789abcdef";
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[id.bytes[i] >> 4];
    text += digits[id.bytes[i] & 15];
  }
  return text;
}

void Group::join_anew(const Join& asked, JoinDone done) {
  if (asked.caller.instance_id) {
    if (Member* old = now_.members.find_static(*asked.caller.instance_id))
      return replace_static(*old, asked, std::move(done));
    return add(asked, make_member_id(asked), std::move(done));
  }
  if (!asked.needs_known_id) return add(asked, make_member_id(asked), std::move(done));
  std::string id = make_member_id(asked);
  const int64_t until = generations_.now() + asked.session_timeout_ms;
  now_.members.awaited[id] = until;
  generations_.wake_at(until);
  done(refused_join(Errc::member_id_required, id));
}

void Group::join_again(const Join& asked, JoinDone done) {
  const std::string& id = asked.caller.member_id;
  if (!asked.caller.instance_id && now_.members.awaited.erase(id) > 0) return add(asked, id, std::move(done));
  auto found = current(asked.caller);
  if (!found) return done(refused_join(found.error().code, id));
  Member& member = **found;
  if (now_.is<Empty>()) return done(refused_join(Errc::unknown_member_id, id));
  const bool is_unchanged = member.protocols == asked.protocols && !now_.is<Preparing>();
  // Who asks again for the generation that there is has not heard of it. In a stable one a leader that joins wants the work
  // shared anew.
  if (is_unchanged && (now_.is<Completing>() || !now_.members.is_leader(id))) {
    member.lifeline = asked.caller.lifeline;
    generations_.seen(member);
    return done(present_generation(now_, member));
  }
  update(member, asked, std::move(done));
  generations_.rebalance();
}

void Group::add(const Join& asked, std::string member_id, JoinDone done) {
  Member member;
  member.id = std::move(member_id);
  member.instance_id = asked.caller.instance_id;
  member.is_new = true;
  if (now_.members.empty()) now_.protocol_type = asked.protocol_type;
  update(now_.members.add(std::move(member)), asked, std::move(done));
  generations_.rebalance();
  // Others may follow who are as far away.
  if (!asked.is_near || context_.limits.delays_near) generations_.wait_for_others();
}

// What it said last counts. An earlier request of it that still waits is told to ask again.
void Group::update(Member& member, const Join& asked, JoinDone done) {
  if (JoinDone earlier = std::exchange(member.joining, std::move(done)))
    earlier(refused_join(Errc::rebalance_in_progress, member.id));
  member.client_id = asked.client_id;
  member.client_host = asked.client_host;
  member.lifeline = asked.caller.lifeline;
  member.session_timeout_ms = asked.session_timeout_ms;
  member.rebalance_timeout_ms = asked.rebalance_timeout_ms;
  member.protocols = asked.protocols;
  member.expires_ms = generations_.now() + first_join_ms_max;
  generations_.wake_at(member.expires_ms);
}

// KIP-345: a static member that began anew. Where nothing changes for the others, they are not disturbed.
void Group::replace_static(Member& old, const Join& asked, JoinDone done) {
  const std::string old_id = old.id, new_id = make_member_id(asked);
  Member& member = now_.members.replace(old_id, new_id);
  if (JoinDone earlier = std::exchange(member.joining, {})) earlier(refused_join(Errc::fenced_instance_id, old_id));
  if (SyncDone earlier = std::exchange(member.syncing, {})) earlier({.error = Errc::fenced_instance_id});
  if (HeartbeatDone earlier = std::exchange(member.parked, {})) earlier(Errc::fenced_instance_id);
  update(member, asked, std::move(done));
  if (now_.is<Stable>() && now_.members.chosen_protocol() == now_.protocol)
    return keep_replaced(new_id, old_id, asked.can_skip_assignment);
  if (!now_.is<Preparing>()) generations_.rebalance();
}

// Its answer waits until the journal knows it by its new id.
void Group::keep_replaced(const std::string& member_id, const std::string& old_id, bool can_skip) {
  generations_.write([this, member_id, old_id, can_skip](Errc error) {
    Member* member = now_.members.find(member_id);
    if (!member || !now_.is<Stable>()) return;
    JoinDone done = std::exchange(member->joining, {});
    generations_.seen(*member);
    if (!done) return;
    if (error != Errc::none) return done(refused_join(error, member_id));
    Joined told = present_generation(now_, *member);
    // Before JoinGroup 9 one who is told to lead would share the work anew.
    if (now_.members.is_leader(member_id) && !can_skip) {
      told.leader = old_id;
      told.members.clear();
    }
    told.skip_assignment = now_.members.is_leader(member_id) && can_skip;
    done(std::move(told));
  });
}

}  // namespace bobbin::group
