// Consumer groups as they are administered: told of, moved and deleted. What is of one group its coordinator is asked (coordinated.h).
// All block until answered, or until the target's time-out is over. A Result that failed says that the question did not get
// through; what the cluster said of one item is in that item's status, Kafka's error turned into a sentence (sentences.h).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "assignor/topic_partitions.h"
#include "base/id.h"
#include "base/result.h"
#include "client/admin/topics.h"
#include "client/group/commits.h"

namespace bobbin::client {

class Session;

struct GroupMember {
  std::string id;
  std::optional<std::string> instance_id;  // of a static member
  std::string client_id, host;
  // While the group is stable, of members that speak Kafka's consumer protocol.
  std::vector<std::string> topics;
  std::vector<assignor::TopicPartitions> assigned;
};
struct GroupDescription {
  std::string name;
  Status status;  // group_id_not_found; unsupported_version: it is there, but not of the classic protocol (KIP-848)
  std::string state;
  std::string protocol_type, protocol;  // "consumer", "range"
  BrokerId coordinator = broker_none;
  std::vector<GroupMember> members;
};
// In the order of the names.
Result<std::vector<GroupDescription>> describe_groups(Session&, const std::vector<std::string>& names);

// All that a group has; nothing of a group that is not there.
Result<Positions> committed_positions(Session&, const std::string& group);

struct Moved {
  std::string topic;
  PartitionId partition;
  Status status;
};
// By no member: only where the group has none.
Result<std::vector<Moved>> move_positions(Session&, const std::string& group, const Positions& to);
// Only of topics that no member reads.
Result<std::vector<Moved>> delete_positions(Session&, const std::string& group, const std::vector<Place>& places);

// With all that they have; only without members. In the order of the names.
Result<std::vector<Outcome>> delete_groups(Session&, const std::vector<std::string>& names);

}  // namespace bobbin::client
