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
  poller_.remove(it->second.fd);
  links_.erase(it);
}

void PeerChannels::watch(LinkId id, Link& link) {
  const os::Interest wanted{true, link.channel.wants_write()};
  if (wanted == link.interest) return;
  link.interest = wanted;
  (void)poller_.modify(link.fd, token_base + id.value, wanted);
}

void PeerChannels::finish_round() {
  for (LinkId id : std::exchange(unsent_, {})) {
    auto it = links_.find(id);
    if (it == links_.end()) continue;
    (void)it->second.channel.flush();  // that it is closed, on_ready() finds
    watch(id, it->second);
  }
}

void PeerChannels::on_ready(uint64_t token) {
  const LinkId id(token - token_base);
  auto it = links_.find(id);
  if (it == links_.end()) return;
  const Status moved = it->second.channel.advance();
  while (it != links_.end()) {
    auto frame = it->second.channel.next_frame();
    if (!frame) break;
    broker_->peers()->on_frame(id, *frame);
    it = links_.find(id);
  }
  if (it == links_.end()) return;
  if (moved) return watch(id, it->second);
  drop(it);
  broker_->peers()->on_lost(id);
}

}  // namespace bobbin::broker
