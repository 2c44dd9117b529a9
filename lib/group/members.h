// Members: who is in a group, who leads it, and which way to share the work all of them know.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "group/member.h"

namespace bobbin::group {

class Members {
 public:
  bool empty() const { return all_.empty(); }
  size_t size() const { return all_.size(); }
  Member* find(const std::string& id);
  const Member* find(const std::string& id) const;
  // The member that has this instance id, or nullptr.
  Member* find_static(const std::string& instance_id);
  const std::string& leader() const { return leader_; }  // empty: there are no members
  bool is_leader(const std::string& id) const { return !all_.empty() && leader_ == id; }
  // In the order of their ids.
  std::map<std::string, Member>& all() { return all_; }
  const std::map<std::string, Member>& all() const { return all_; }

  // The first one leads.
  Member& add(Member member);
  void remove(const std::string& id);
  // A static member that began anew takes the place of the one before it, who has `old_id`.
  Member& replace(const std::string& old_id, const std::string& new_id);
  // If the leader has not joined again, another one that has leads. False: nobody has.
  bool lead_by_joined();
  void lead(const std::string& id) { leader_ = id; }

  // Whether all that are here know one of these.
  bool share_one_of(const std::vector<Protocol>& protocols) const;
  // What most of them would choose of those that all know; Kafka leaves open which of equals, here it is the one that the
  // leader names first. There must be members.
  std::string chosen_protocol() const;

  int32_t rebalance_timeout_ms() const;  // the longest
  size_t joining() const;
  size_t bytes() const;  // in memory, about

  // Ids that were given out and that nobody has joined with yet; until when they are good.
  std::map<std::string, int64_t> awaited;

 private:
  std::set<std::string> known_to_all() const;

  std::map<std::string, Member> all_;
  std::map<std::string, std::string> static_ids_;  // instance id to member id
  std::string leader_;
};

}  // namespace bobbin::group
