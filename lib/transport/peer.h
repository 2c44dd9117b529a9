// Peer: what the answering end knows of the one that asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/id.h"

namespace bobbin::transport {

// Counts up from 1 and is never used twice in a broker's life.
using ConnectionId = Id<struct ConnectionIdTag, uint64_t>;

struct Peer {
  bool unix = false;            // came over the unix socket
  std::optional<uint32_t> uid;  // always known for unix; over TCP of processes of this machine that are still there
  int32_t pid = 0;              // unix only; 0: unknown
  std::string address;          // "127.0.0.1:40001"; "unix" for unix
  std::string local_address;    // what it connected to: "127.0.0.1:9092"; the socket's path for unix
  bool is_of_this_machine = true;
  bool came_by_open_door = false;  // what it connected to was opened for other machines
};

// Why a peer is not let in by a broker that runs as `own_uid`; nothing: it is. Of this machine those come in who are that
// user or root, and who cannot be told is a stranger; of other machines, everybody whom the listener was opened for.
std::optional<std::string> why_refused(const Peer& peer, uint32_t own_uid);

}  // namespace bobbin::transport
