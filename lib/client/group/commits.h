// Commits: the positions of a group, as its coordinator keeps them.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/id.h"
#include "base/result.h"

namespace bobbin::protocol {
struct OffsetCommitRequest;
}

namespace bobbin::client {

class Membership;
class Session;

using Place = std::pair<std::string, PartitionId>;
using Positions = std::map<Place, Offset>;

// Up to it OffsetCommit names topics; then it tells their ids.
inline constexpr int16_t last_commit_with_names = 9;
// By nobody who is a member: who is adds who he is.
protocol::OffsetCommitRequest commit_of(const std::string& group, const Positions& positions);

// In the member's generation. `done` is told once: fenced (illegal_generation, unknown_member_id, fenced_instance_id,
// rebalance_in_progress): the partitions are not its own any more, or soon; else what Kafka said. False: the coordinator is not
// known now, and nothing was sent.
bool commit(Session& session, Membership& member, const Positions& positions, std::function<void(Status)> done);

}  // namespace bobbin::client
