#include "broker/peer_channels.h"

namespace bobbin::broker {

PeerChannels::~PeerChannels() {
  while (!links_.empty()) drop(links_.begin());
}

std::optional<LinkId> PeerChannels::connect(BrokerId to) {
  auto channel = transport::Channel::connect_unix(dir_.broker_socket(to));
  if (!channel) return std::nullopt;
  const LinkId id(next_++);
  const int fd = channel->fd();
  const os::Interest interest{true, channel->wants_write()};
  if (!poller_.add(fd, token_base + id.value, interest)) return std::nullopt;
  links_.emplace(id, Link{std::move(*channel), fd, interest});
  return id;
}

void PeerChannels::send(LinkId id, std::string frame) {
  auto it = links_.find(id);
  if (it == links_.end()) return;
  it->second.channel.send(std::move(frame));
  unsent_.push_back(id);
}

void PeerChannels::close(LinkId id) {
  if (auto it = links_.find(id); it != links_.end()) drop(it);
}

void PeerChannels::drop(std::map<LinkId, Link>::iterator it) {
  unwatch(it->second);
  links_.erase(it);
}

void PeerChannels::watch(LinkId id, Link& link) {
  const os::Interest wanted{true, link.channel.wants_write()};
  if (wanted == link.interest) return;
  link.interest = wanted;
  (void)poller_.modify(link.fd, token_base + id.value, wanted);
}

void PeerChannels::unwatch(Link& link) {
  if (link.fd >= 0) poller_.remove(link.fd);
  link.fd = -1;
}

void PeerChannels::finish_round() {
  has_told_ = false;
  for (LinkId id : std::exchange(unsent_, {})) {
    auto it = links_.find(id);
    if (it == links_.end()) continue;
    if (it->second.channel.flush() || is_open(it->second)) {
      watch(id, it->second);
      continue;
    }
    has_told_ = true;
    take(id);
  }
}

void PeerChannels::on_ready(uint64_t token) {
  const LinkId id(token - token_base);
  auto it = links_.find(id);
  if (it == links_.end()) return;
  (void)it->second.channel.advance();
  take(id);
}

// A channel that fails has closed its descriptor, and the next that anybody opens has its number: it is taken out of the poller
// before anything else happens.
void PeerChannels::take(LinkId id) {
  auto it = links_.find(id);
  while (it != links_.end()) {
    if (!is_open(it->second)) unwatch(it->second);
    auto frame = it->second.channel.next_frame();
    if (!frame) break;
    handler_.on_frame(id, *frame);
    it = links_.find(id);
  }
  if (it == links_.end()) return;
  if (is_open(it->second)) return watch(id, it->second);
  drop(it);
  handler_.on_lost(id);
}

}  // namespace bobbin::broker
