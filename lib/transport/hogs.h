// Hogs: the connections that hold what others wait for: memory for a request that they do not finish, or for answers that
// they do not read. Nobody is closed for that while nobody else is in want.
#pragma once

#include <memory>
#include <unordered_map>

#include "transport/connection.h"

namespace bobbin::transport {

using ConnectionTable = std::unordered_map<ConnectionId, std::unique_ptr<Connection>>;

// Who holds most room for a request and sends it at less than a rate that any link has, or cannot be read any more because of
// the answers that it does not take; nullptr: nobody.
Connection* slowest_sender(const ConnectionTable& connections, int64_t now_ms);
// Who holds most memory for answers that it does not read: since `idle_ms` at least, or at all (0).
Connection* worst_reader(const ConnectionTable& connections, int64_t now_ms, int64_t idle_ms);

}  // namespace bobbin::transport
