#include "transport/listener.h"

#include "transport/traffic.h"

namespace bobbin::transport {

Listener::Listener(os::Poller& poller, os::Clock& clock, Handler& handler, const ListenerLimits& limits)
    : traffic_(std::make_unique<Traffic>(poller, clock, handler, limits)) {}

Listener::~Listener() {
  stop();
  for (auto& [id, c] : traffic_->connections) traffic_->bury(*c);
}

Status Listener::start_unix(const std::string& path) { return traffic_->endpoints.add_unix(path); }

Result<std::vector<os::SocketAddress>> Listener::start_tcp(const std::vector<os::SocketAddress>& addresses, Door door) {
  return traffic_->endpoints.add_tcp(addresses, door == Door::every_machine);
}

Result<std::string> Listener::start_tcp(const std::string& host, uint16_t port) {
  BOBBIN_TRY_ASSIGN(addresses, os::resolve_listener(host, port));
  BOBBIN_TRY_ASSIGN(bound, start_tcp(addresses, Door::this_machine));
  return bound.front().text();
}

void Listener::hold_tcp() { traffic_->endpoints.hold_tcp(); }
void Listener::let_in_tcp() { traffic_->endpoints.let_in_tcp(); }

void Listener::set_limits(int32_t frame_bytes_max, int64_t idle_ms_max) {
  idle_ms_max = std::min(idle_ms_max, int64_t{1} << 50);  // added to the time of day
  if (idle_ms_max != traffic_->limits.idle_ms_max) traffic_->due_at(traffic_->clock.mono_ms());
  traffic_->limits.frame_bytes_max = frame_bytes_max;
  traffic_->limits.idle_ms_max = idle_ms_max;
}

void Listener::set_limits(const ConnectionLimits& limits) { traffic_->endpoints.set_limits(limits); }

void Listener::stop_tcp() { traffic_->endpoints.stop_tcp(); }
Status Listener::renew_unix() { return traffic_->endpoints.renew_unix(); }
void Listener::stop() { traffic_->endpoints.stop(); }

void Listener::on_ready(const os::Ready& event) {
  if (Endpoints::owns(event.token)) return traffic_->endpoints.on_ready(event.token);
  // One that was closed in this round may still have been told of.
  if (Connection* c = traffic_->find(ConnectionId(event.token & ~connection_token_base))) traffic_->on_event(*c, event);
}

void Listener::finish_round() {
  Traffic& s = *traffic_;
  s.has_told = false;
  s.read_those_left_over();
  s.expire();
  do {
    s.settle_all();
    s.reap();
  } while (!s.to_settle.empty() || !s.doomed.empty());
  // Also with what those held who were closed just now.
  s.room.feed([&](ConnectionId id) { return s.find(id); },
              [&](Connection& c) {
                c.frame_began_ms = 0;
                c.active_ms = s.clock.mono_ms();
                s.read_again(c);
                s.settle_later(c);
              });
}

bool Listener::has_work() const {
  const Traffic& s = *traffic_;
  return s.has_told || !s.left_over.empty() || !s.to_settle.empty() || !s.doomed.empty();
}

std::optional<int64_t> Listener::next_deadline_ms() const { return traffic_->next_due_ms; }

void Listener::send(ConnectionId id, std::string frame) {
  Connection* c = traffic_->find(id);
  if (!c || c->closing || frame.empty()) return;
  if (c->unsent.empty()) c->taken_ms = traffic_->clock.mono_ms();
  c->unsent.push(std::move(frame));
  traffic_->count_unsent(*c);
  if (c->closing) return;
  if (c->unsent.bytes() > traffic_->limits.queued_bytes_max) c->choked = true;
  traffic_->settle_later(*c);
}

void Listener::send_with(ConnectionId id, std::string frame, int descriptor) {
  Connection* c = traffic_->find(id);
  if (c && !c->closing && c->peer.unix) c->unsent.pass_with_next(descriptor);
  send(id, std::move(frame));
}

void Listener::close(ConnectionId id) {
  Connection* c = traffic_->find(id);
  if (!c || c->closing) return;
  traffic_->settle_later(*c);
  traffic_->doom(*c);
}

void Listener::pause(ConnectionId id) {
  Connection* c = traffic_->find(id);
  if (!c || c->paused) return;
  c->paused = true;
  c->frame_began_ms = c->frame_deadline_ms = 0;
  traffic_->settle_later(*c);
}

void Listener::resume(ConnectionId id) {
  Connection* c = traffic_->find(id);
  if (!c || !c->paused) return;
  c->paused = false;
  c->active_ms = traffic_->clock.mono_ms();
  if (!c->arrived.is_empty()) traffic_->read_again(*c);
  traffic_->settle_later(*c);
}

size_t Listener::connections() const { return traffic_->connections.size(); }

size_t Listener::tcp_connections() const { return traffic_->endpoints.tcp_connections(); }

size_t Listener::queued_bytes(ConnectionId id) const {
  Connection* c = traffic_->find(id);
  return c ? c->unsent.bytes() : 0;
}

Listener::AnswerRoom Listener::answer_room(ConnectionId id) const {
  Connection* c = traffic_->find(id);
  if (!c) return {};
  const size_t own_max = traffic_->limits.queued_bytes_max;
  const size_t own = own_max - std::min(own_max, c->unsent.bytes());
  const Budget& all = traffic_->limits.answer_memory;
  // Who has not taken its last answer has more of the first half only: the other one is for those who read.
  const size_t left =
      all.left() - (c->unsent.empty() || all.max() == SIZE_MAX ? 0 : std::min(all.left(), all.max() / 2));
  // What is larger than all there is comes alone.
  const size_t at_least = all.used() == 0 ? SIZE_MAX : c->unsent.empty() ? left : std::min(own, left);
  return {std::min(own, all.max() == SIZE_MAX ? own : left / 4), at_least};
}

}  // namespace bobbin::transport
