// How fast copies are made by moves: set on brokers and topics as Kafka's kafka-reassign-partitions sets it (KIP-73), so that
// either takes back what the other set.
#pragma once

#include <optional>
#include <vector>

#include "client/session.h"
#include "cmd/cluster/move_plan.h"
#include "cmd/words/arguments.h"

namespace bobbin::cmd {

struct Throttling {
  std::optional<int64_t> bytes_a_second;  // none: as fast as it goes, from now on
};
// What --throttle says; nothing: it is not given.
Result<std::optional<Throttling>> throttling(const Arguments& arguments);

// On every broker that runs, and for the copies that these moves make.
Status throttle_moves(client::Session& session, const std::vector<PlannedMove>& moves, const Throttling& to);
// Wherever it is set.
Status clear_throttle(client::Session& session);

}  // namespace bobbin::cmd
