// A group with everything that is shown of it: its members, and how far it is behind in each partition.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "client/admin/group_lag.h"
#include "client/admin/groups.h"
#include "client/session.h"

namespace bobbin::cmd {

struct GroupView {
  client::GroupDescription group;
  std::vector<client::PartitionLag> partitions;  // by topic and number
  std::map<client::Place, size_t> owners;        // of assigned partitions, their places in group.members

  const client::GroupMember* owner_of(const client::PartitionLag& partition) const;
};
// Asks for the lag of a group that was described.
Result<GroupView> view_of(client::Session&, client::GroupDescription group);

// Of a group of Kafka's newer protocol only its coordinator knows whether it has members; it is left to decide.
inline bool is_opaque(const client::GroupDescription& group) {
  return !group.status && group.status.error().code == Errc::unsupported_version;
}

// "3 unread records", "1 unread record"
std::string records_text(int64_t count);
// "850ms", "12s", "3m", "5h", "2d": about.
std::string about_text(int64_t ms);
// "kcat-1 (rdkafka at 127.0.0.1), ...": who they are, at most a few of them.
std::string members_text(const std::vector<client::GroupMember>& members);
// "orders:0,1 payments:2"
std::string assignment_text(const client::GroupMember& member);

// The group as one object of JSON.
std::string as_json(const GroupView& view);

}  // namespace bobbin::cmd
