#include "local/probe.h"

#include "local/place.h"
#include "os/posix/clock.h"
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

Result<bool> answers(const home::ClusterDir& dir, BrokerId id, int64_t timeout_ms) {
  auto probe = Probe::begin(dir, id);
  if (!probe && probe.error().code == Errc::permission_denied) return std::move(probe).error();
  if (!probe) return false;
  os::PosixClock clock;
  const int64_t deadline = clock.mono_ms() + timeout_ms;
  for (int64_t left = timeout_ms; probe->state() == Probe::State::asked; left = deadline - clock.mono_ms()) {
    if (left <= 0) return false;
    os::WaitFd fd = probe->wait_fd();
    BOBBIN_TRY(os::wait({&fd, 1}, left));
    probe->advance();
  }
  return probe->state() == Probe::State::answers;
}

}  // namespace bobbin::local
