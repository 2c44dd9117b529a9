// Where a client reaches a broker.
#pragma once

#include <string>

#include "broker/connections.h"
#include "broker/metadata_view.h"

namespace bobbin::broker {

struct HostPort {
  std::string host;
  int32_t port = 0;
};

// Where this client reaches that broker: on the listener that it came in on. Over the unix socket a broker is known by
// its id; host and port are then only a sentence.
HostPort address_for(const Connections& connections, const MetadataView& metadata, ConnectionId asking, BrokerId whom);

}  // namespace bobbin::broker
