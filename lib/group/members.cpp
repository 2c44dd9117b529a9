#include "group/members.h"

#include "base/check.h"

namespace bobbin::group {

Member* Members::find(const std::string& id) {
  auto it = all_.find(id);
  return it == all_.end() ? nullptr : &it->second;
}

const Member* Members::find(const std::string& id) const { return const_cast<Members*>(this)->find(id); }

Member* Members::find_static(const std::string& instance_id) {
  auto it = static_ids_.find(instance_id);
  return it == static_ids_.end() ? nullptr : find(it->second);
}

Member& Members::add(Member member) {
  if (all_.empty()) leader_ = member.id;
  if (member.instance_id) static_ids_[*member.instance_id] = member.id;
  std::string id = member.id;
  return all_.insert_or_assign(std::move(id), std::move(member)).first->second;
}

void Members::remove(const std::string& id) {
  auto it = all_.find(id);
  if (it == all_.end()) return;
  if (const auto& instance = it->second.instance_id; instance && static_ids_[*instance] == id)
    static_ids_.erase(*instance);
  all_.erase(it);
  if (leader_ != id) return;
  leader_ = all_.empty() ? "" : all_.begin()->first;
}

Member& Members::replace(const std::string& old_id, const std::string& new_id) {
  auto node = all_.extract(old_id);
  check(bool(node), "who is replaced is there");
  node.key() = new_id;
  node.mapped().id = new_id;
  if (node.mapped().instance_id) static_ids_[*node.mapped().instance_id] = new_id;
  if (leader_ == old_id) leader_ = new_id;
  return all_.insert(std::move(node)).position->second;
}

bool Members::lead_by_joined() {
  if (const Member* leader = find(leader_); leader && leader->joining) return true;
  for (const auto& [id, member] : all_)
    if (member.joining) {
      leader_ = id;
      return true;
    }
  return false;
}

std::set<std::string> Members::known_to_all() const {
  std::map<std::string, size_t> count;
  for (const auto& [id, member] : all_) {
    std::set<std::string> own;
    for (const Protocol& p : member.protocols) own.insert(p.name);
    for (const std::string& name : own) count[name]++;
  }
  std::set<std::string> all;
  for (const auto& [name, known] : count)
    if (known == all_.size()) all.insert(name);
  return all;
}

bool Members::share_one_of(const std::vector<Protocol>& protocols) const {
  const std::set<std::string> known = known_to_all();
  return all_.empty() ||
         std::any_of(protocols.begin(), protocols.end(), [&](const Protocol& p) { return known.contains(p.name); });
}

std::string Members::chosen_protocol() const {
  const std::set<std::string> candidates = known_to_all();
  check(!candidates.empty(), "who joined knows what all know");
  std::map<std::string, size_t> votes;
  for (const auto& [id, member] : all_) {
    auto first = std::find_if(member.protocols.begin(), member.protocols.end(),
                              [&](const Protocol& p) { return candidates.contains(p.name); });
    votes[first->name]++;
  }
  const Member* leader = find(leader_);
  std::string chosen;
  for (const Protocol& p : leader->protocols)
    if (votes.contains(p.name) && (chosen.empty() || votes[p.name] > votes[chosen])) chosen = p.name;
  return chosen;
}

int32_t Members::rebalance_timeout_ms() const {
  int32_t longest = 1;
  for (const auto& [id, member] : all_) longest = std::max(longest, member.rebalance_timeout_ms);
  return longest;
}

size_t Members::joining() const {
  return static_cast<size_t>(
      std::count_if(all_.begin(), all_.end(), [](const auto& each) { return bool(each.second.joining); }));
}

size_t Members::bytes() const {
  size_t sum = 0;
  for (const auto& [id, member] : all_) sum += member.bytes();
  for (const auto& [id, until] : awaited) sum += sizeof(awaited) + id.size();
  return sum;
}

}  // namespace bobbin::group
