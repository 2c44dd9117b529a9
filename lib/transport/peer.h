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
  std::optional<uint32_t> uid;  // always known for unix; over loopback when the kernel tells; empty for other hosts
  int32_t pid = 0;              // unix only; 0: unknown
  std::string address;          // "127.0.0.1:40001"; "unix" for unix
  std::string local_address;    // what it connected to: "127.0.0.1:9092"; the socket's path for unix
};

}  // namespace bobbin::transport
