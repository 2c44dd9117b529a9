#include "broker/replication/peers.h"

#include <algorithm>

#include "metadata/broker_changes.h"

namespace bobbin::broker {

namespace {

constexpr int64_t retry_ms_min = 1, retry_ms_max = 1000;
// Brokers of a cluster are started together, and not all of them at once.
constexpr int64_t start_ms = 1000;

metadata::Change fencing(BrokerId id, BrokerEpoch life) {
  return [id, life](const metadata::Image& image) { return metadata::fence_broker(image, id, life); };
}

}  // namespace

Peers::Peers(const ReplicationContext& context, std::function<void(BrokerId)> kill)
    : context_(context), kill_(std::move(kill)) {}

void Peers::follow(const config::BrokerSettings& settings) {
  if (ended_) return;
  session_timeout_ms_ = settings.session_timeout_ms;
  throttle_.follow(settings.follower_throttle);
  const auto& brokers = context_.metadata.image().brokers();
  for (auto it = peers_.begin(); it != peers_.end();) {
    auto now = brokers.find(it->first);
    const bool stays = now != brokers.end() && !now->second.fenced && now->second.epoch == it->second.epoch;
    it = stays ? std::next(it) : peers_.erase(it);
  }
  const int64_t now = context_.world.clock.mono_ms();
  for (const auto& [id, broker] : brokers) {
    if (id == context_.metadata.self() || broker.fenced || peers_.contains(id)) continue;
    peers_.emplace(id, Peer{.link = std::make_unique<LeaderLink>(context_, throttle_, id),
                            .epoch = broker.epoch,
                            .retry_at_ms = now,
                            .patience_until_ms = now + start_ms});
  }
  for (auto& [id, peer] : peers_) peer.link->follow(settings);
}

void Peers::note_ready(const cluster::TopicPartition& id) {
  for (auto& [leader, peer] : peers_)
    if (context_.replicas.followed().from(leader).contains(id)) peer.link->note_ready(id);
}

void Peers::suspect(BrokerId id) {
  auto it = peers_.find(id);
  if (it == peers_.end() || it->second.is_being_fenced || it->second.link->question()) return;
  Peer& peer = it->second;
  peer.link->probe();
  peer.question = peer.link->question();
  peer.silent_ms = look_ms();
  peer.looked_ms = context_.world.clock.mono_ms();
}

void Peers::on_frame(LinkId id, Bytes frame) {
  for (auto& [leader, peer] : peers_)
    if (peer.link->is(id)) return peer.link->on_answer(frame);
}

void Peers::on_lost(LinkId id) {
  for (auto& [leader, peer] : peers_) {
    if (!peer.link->is(id)) continue;
    peer.link->lost();
    peer.retry_ms = 0;
    peer.retry_at_ms = context_.world.clock.mono_ms();
    peer.patience_until_ms = 0;
    return;
  }
}

void Peers::run() {
  for (auto& [id, peer] : peers_) {
    look_after(id, peer);
    peer.link->run();
  }
}

void Peers::look_after(BrokerId id, Peer& peer) {
  const int64_t now = context_.world.clock.mono_ms();
  if (peer.is_being_fenced) return;
  if (hangs(peer, now)) return fence(id, peer, true);
  if (peer.link->is_up() || now < peer.retry_at_ms) return;
  if (!context_.metadata.is_live(id) && now >= peer.patience_until_ms) return fence(id, peer, false);
  if (peer.link->connect()) {
    peer.retry_ms = 0;
    return;
  }
  peer.retry_ms = std::clamp(peer.retry_ms * 2, retry_ms_min, retry_ms_max);
  peer.retry_at_ms = now + peer.retry_ms;
}

int64_t Peers::look_ms() const { return session_timeout_ms_ / looks_a_session; }

bool Peers::hangs(Peer& peer, int64_t now) const {
  const auto question = peer.link->question();
  if (!question || question != peer.question) {
    peer.question = question;
    peer.silent_ms = 0;
    peer.looked_ms = now;
    return false;
  }
  if (now < peer.looked_ms + look_ms()) return false;
  peer.silent_ms += look_ms();
  peer.looked_ms = now;
  return peer.silent_ms >= looks_a_session * look_ms();
}

void Peers::fence(BrokerId id, Peer& peer, bool is_alive) {
  peer.is_being_fenced = true;
  context_.transactions.submit(fencing(id, peer.epoch), [this, id, epoch = peer.epoch, is_alive](Result<Offset> done) {
    if (done && *done != offset_none) {
      const std::string what = is_alive ? " lives and does not answer, and is killed" : " is dead";
      context_.say("broker " + to_string(id) + what + ": what it led is led by others");
      if (is_alive) kill_(id);
    }
    auto it = peers_.find(id);
    if (it == peers_.end() || it->second.epoch != epoch) return;
    it->second.is_being_fenced = false;
    it->second.retry_at_ms = context_.world.clock.mono_ms() + retry_ms_max;
    if (!done) context_.say("broker " + to_string(id) + " is dead, which is not written yet: " + done.error().message);
  });
}

// Whoever ends together with all others leaves things as they are: each of them has what was committed, and the next start
// finds the leaders where they were.
void Peers::end(bool all) {
  const bool others =
      std::any_of(peers_.begin(), peers_.end(), [](const auto& each) { return each.second.link->is_up(); });
  peers_.clear();
  ended_ = true;
  if (all || !others) return;
  context_.transactions.submit(fencing(context_.metadata.self(), context_.registration.epoch()),
                               [say = context_.say](Result<Offset> done) {
                                 if (!done) say("others are not told that this broker ends: " + done.error().message);
                               });
}

std::optional<int64_t> Peers::next_deadline_ms() const {
  std::optional<int64_t> next;
  for (const auto& [id, peer] : peers_) {
    auto at = peer.link->next_deadline_ms();
    if (!peer.link->is_up() && !peer.is_being_fenced) at = peer.retry_at_ms;
    if (peer.question && !peer.is_being_fenced) at = std::min(at.value_or(INT64_MAX), peer.looked_ms + look_ms());
    if (at) next = std::min(next.value_or(*at), *at);
  }
  return next;
}

}  // namespace bobbin::broker
