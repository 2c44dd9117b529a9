// Moves that are under way: which they are, how much they still have to copy, and waiting for their end.
#pragma once

#include <optional>
#include <vector>

#include "client/admin/reassignments.h"
#include "client/session.h"
#include "cmd/cluster/move_plan.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"

namespace bobbin::cmd {

// Of these topics; none: of all.
Result<std::vector<client::MoveUnderWay>> moves_of(client::Session& session, const std::vector<std::string>& topics);
// A row for each; with what the copies lack that are being made.
Result<Listing> listed(client::Session& session, const std::vector<client::MoveUnderWay>& moves);

// Of what moves already that counts which it moves to: that is what it has. The moves are asked for before the topics:
// one that ends between the two is then known as a move, and not as a partition with old and new copies together.
void count_as_moved(std::vector<PlannedMove>& moves, const std::vector<client::MoveUnderWay>& under_way);

// Begins these, and returns those that the cluster took; the others are reported.
Result<std::vector<PlannedMove>> begin_moves(client::Session& session, const std::vector<PlannedMove>& moves,
                                             Report& report);

// What waiting came to.
struct Ended {
  std::vector<PlannedMove> done;  // have the replicas that were wanted; what has not is reported,
  std::optional<int> signal;      // unless this came first: what is under way goes on, which is said
};
// Until none of these is under way any more. Gives up (and reports) when --timeout is given and nothing moves for so long.
Result<Ended> await_done(client::Session& session, const Arguments& arguments, const std::vector<PlannedMove>& begun,
                         Report& report);

// Those that had copies before it.
std::vector<BrokerId> original(const client::MoveUnderWay& move);

}  // namespace bobbin::cmd
