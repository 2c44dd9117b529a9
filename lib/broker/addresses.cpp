#include "broker/addresses.h"

#include "base/host_port.h"
#include "base/number.h"

namespace bobbin::broker {

namespace {
HostPort split(const std::string& address) {
  auto at = split_host_port(address);
  if (!at || !at->port) return {address, 0};
  return {std::string(at->host), number_in<uint16_t>(*at->port).value_or(0)};
}
}  // namespace

HostPort address_for(const Connections& connections, const MetadataView& metadata, ConnectionId asking, BrokerId whom) {
  const Peer* peer = connections.peer(asking);
  if (!peer || peer->unix) return {"broker-" + std::to_string(whom.value), 0};
  HostPort here = split(peer->local_address);
  if (whom == metadata.self()) return here;
  const metadata::Broker* other = metadata.image().broker(whom);
  if (!other || other->endpoints.empty()) return {here.host, 0};
  const metadata::Endpoint& endpoint = other->endpoints.front();
  bool any = endpoint.host.empty() || endpoint.host == "0.0.0.0" || endpoint.host == "::";
  return {any ? here.host : endpoint.host, endpoint.port};
}

}  // namespace bobbin::broker
