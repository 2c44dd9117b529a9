#include "local/probe.h"

#include "local/place.h"
#include "protocol/messages/api_versions.h"

namespace bobbin::local {

Result<Probe> Probe::begin(const home::ClusterDir& dir, BrokerId id) {
  BOBBIN_TRY_ASSIGN(channel, transport::Channel::connect_unix(dir.broker_socket(id)));
  BOBBIN_TRY_ASSIGN(who, channel.peer_credentials());
  BOBBIN_TRY(check_answerer(dir.root, who));
  channel.send(protocol::encode_request(1, "bobbin", 0, protocol::ApiVersionsRequest()));
  return Probe(std::move(channel));
}

void Probe::advance() {
  const bool closed = !channel_.advance().ok();
  if (channel_.next_frame()) state_ = State::answers;
  else if (closed) state_ = State::silent;
}

}  // namespace bobbin::local
