#include "group/standing.h"

namespace bobbin::group {

std::string_view name_of(const State& state) {
  static constexpr std::string_view names[] = {"Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"};
  return names[state.index()];
}

StoredGroup stored(const Standing& standing) {
  StoredGroup stored;
  stored.protocol_type = standing.protocol_type;
  stored.generation = standing.generation;
  stored.protocol = standing.protocol;
  if (!standing.members.empty()) stored.leader = standing.members.leader();
  stored.current_state_timestamp = standing.since;
  for (const auto& [id, member] : standing.members.all()) {
    StoredMember m;
    m.member_id = id;
    m.group_instance_id = member.instance_id;
    m.client_id = member.client_id;
    m.client_host = member.client_host;
    m.rebalance_timeout = member.rebalance_timeout_ms;
    m.session_timeout = member.session_timeout_ms;
    if (const std::string* metadata = member.metadata_for(standing.protocol.value_or(""))) m.subscription = *metadata;
    m.assignment = member.assignment;
    stored.members.push_back(std::move(m));
  }
  return stored;
}

Standing restored(const StoredGroup& stored) {
  Standing standing;
  standing.since = stored.current_state_timestamp;
  standing.generation = stored.generation;
  standing.protocol_type = stored.protocol_type;
  standing.protocol = stored.protocol;
  for (const StoredMember& m : stored.members) {
    Member member;
    member.id = m.member_id;
    member.instance_id = m.group_instance_id;
    member.client_id = m.client_id;
    member.client_host = m.client_host;
    member.session_timeout_ms = m.session_timeout;
    member.rebalance_timeout_ms = m.rebalance_timeout < 0 ? m.session_timeout : m.rebalance_timeout;
    member.protocols.push_back({stored.protocol.value_or(""), m.subscription});
    member.assignment = m.assignment;
    member.has_synced = true;
    standing.members.add(std::move(member));
  }
  if (stored.leader && standing.members.find(*stored.leader)) standing.members.lead(*stored.leader);
  if (!standing.members.empty()) standing.state = Stable{};
  return standing;
}

Joined present_generation(const Standing& standing, const Member& member) {
  Joined told;
  told.generation = standing.generation;
  told.protocol_type = standing.protocol_type;
  told.protocol = standing.protocol;
  told.leader = standing.members.leader();
  told.member_id = member.id;
  if (!standing.members.is_leader(member.id)) return told;
  for (const auto& [id, each] : standing.members.all()) {
    const std::string* metadata = each.metadata_for(standing.protocol.value_or(""));
    told.members.push_back({id, each.instance_id, metadata ? *metadata : ""});
  }
  return told;
}

Joined refused_join(Errc why, const std::string& member_id) {
  Joined joined;
  joined.error = why;
  joined.member_id = member_id;
  return joined;
}

}  // namespace bobbin::group
