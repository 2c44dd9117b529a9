// Uplinks: how a broker reaches the others of its cluster, as their client. PeerChannels in a process, the simulated network in
// tests/sim.
#pragma once

#include <optional>
#include <string>

#include "base/id.h"

namespace bobbin::broker {

// One connection, never used twice in a broker's life.
using LinkId = Id<struct LinkIdTag, uint64_t>;

class Uplinks {
 public:
  virtual ~Uplinks() = default;
  // A connection to that broker. Frames may be sent at once; what comes back, and its end, Peers is told. Nothing: nobody
  // listens there.
  virtual std::optional<LinkId> connect(BrokerId to) = 0;
  virtual void send(LinkId, std::string frame) = 0;
  // Nothing is told of it any more.
  virtual void close(LinkId) = 0;
};

}  // namespace bobbin::broker
