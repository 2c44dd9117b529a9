#include "transport/listener.h"

#include <algorithm>
#include <deque>
#include <vector>

#include "os/socket.h"
#include "transport/connection.h"
#include "transport/frame_memory.h"
#include "transport/hogs.h"

namespace bobbin::transport {

namespace {

constexpr size_t bytes_per_round_max = 1 << 20;
constexpr size_t frames_per_round_max = 16;
constexpr size_t accepts_per_round_max = 64;
constexpr int socket_buffer_bytes = 1 << 20;

// Receive buffers that are used again: warm memory, and no growing for connections that send large frames.
constexpr size_t pooled_buffers_max = 4;
constexpr size_t pooled_bytes_max = 2 << 20;
// Up to this much altogether, connections keep buffers that are larger than what they hold.
constexpr size_t slack_bytes_max = 64 << 20;

// Without descriptors, so long nobody is accepted.
constexpr int64_t accept_pause_ms = 250;

// Smaller frames, and the beginnings of larger ones, are read whether or not there is room. The largest ones leave a quarter
// of it to those of a common size.
constexpr size_t small_frame_bytes = 16 << 10, common_frame_bytes = 1 << 20;

// How often hogs are looked for while somebody is in want, and how long an answer may lie then: half of the memory for answers
// is used, or nearly all of it, and what others get of the rest is little.
constexpr int64_t want_ms = 100;
constexpr int64_t unread_ms_max = 5000, unread_ms_max_in_need = 1000;
// Who takes less than this of its answers in that time does not read them: a drip holds as much as silence.
constexpr size_t worth_taking_bytes = 256 << 10;

constexpr uint64_t endpoint_token = Listener::token_base | uint64_t{1} << 62;

}  // namespace

struct Listener::State {
  State(os::Poller& p, os::Clock& c, Handler& h, const ListenerLimits& l)
      : poller(p), clock(c), handler(h), limits(l), quota(l.connections_max, l.local_connections) {}

  struct Endpoint {
    os::Fd fd;  // closed: stopped
    bool unix = false;
    std::string address;
    Door door = Door::this_machine;
    bool in_poller = false;
  };

  // --- endpoints ---
  Status add_endpoint(Endpoint endpoint);
  void stop_endpoint(Endpoint& endpoint);
  Status renew(size_t index);
  void watch_endpoint(size_t index, bool watched);
  void accept_some(size_t index);
  bool may_accept(size_t index);
  void welcome(const Endpoint& endpoint, os::Fd fd);
  bool take_place(const Peer& peer);
  void give_back_place(const Peer& peer);
  Result<Peer> peer_of(const Endpoint& endpoint, int fd);

  // --- connections ---
  Connection* find(ConnectionId id);
  void on_event(Connection& c, const os::Ready& event);
  void on_hangup(Connection& c);
  void read(Connection& c);
  bool receive(Connection& c);
  bool hand_over(Connection& c, size_t& frames, size_t& bytes);
  Result<std::optional<Bytes>> frame_of_note(Connection& c, Bytes frame);
  void put_buffer_back(Connection& c);
  void expect_rest_of_frame(Connection& c);
  void flush(Connection& c);
  void update_interest(Connection& c);
  void doom(Connection& c);
  void keep_passed(Connection& c, os::Fd passed);
  void dispose(os::Fd& fd);
  void bury(Connection& c);
  void drop(Connection& c, const std::string& why);

  // --- memory ---
  bool has_memory_for_frame(Connection& c);
  bool has_room_for(size_t bytes) const;
  void feed_starved(std::deque<ConnectionId>& queue);
  bool any_starved() const { return !starved[0].empty() || !starved[1].empty(); }
  void frame_ended(Connection& c);
  void count_unsent(Connection& c);
  void look_for_hogs(int64_t now);
  // A frame that is larger than the memory of all would never find room.
  int32_t frame_bytes_max() const {
    return static_cast<int32_t>(std::min<size_t>(static_cast<size_t>(limits.frame_bytes_max), limits.request_memory.max()));
  }
  bool answers_are_scarce() const { return limits.answer_memory.left() < limits.answer_memory.max() / 2; }
  int64_t unread_ms() const { return limits.answer_memory.left() < limits.answer_memory.max() / 8 ? unread_ms_max_in_need : unread_ms_max; }

  // --- the end of a round ---
  void read_those_left_over();
  void settle_all();
  void reap();
  void expire();
  void due_at(int64_t ms) { next_due_ms = std::min(next_due_ms.value_or(ms), ms); }
  void settle_later(Connection& c);
  void read_again(Connection& c);

  os::Poller& poller;
  os::Clock& clock;
  Handler& handler;
  ListenerLimits limits;

  std::vector<Endpoint> endpoints;
  bool tcp_waits = false;  // nobody is let in over TCP yet
  ConnectionTable connections;
  uint64_t last_id = 0;
  ConnectionQuota quota;

  std::vector<ReceiveBuffer> pool;
  size_t held_bytes = 0;

  std::vector<char> copied;  // the frame of a note; one at a time is handled

  std::vector<ConnectionId> to_settle;  // something to send, or another interest
  std::vector<ConnectionId> left_over;  // whole frames in memory
  std::vector<ConnectionId> doomed;
  std::deque<ConnectionId> starved[2];  // want memory for a frame of a common size, or a larger one; who came first is first
  int64_t next_look_for_hogs_ms = 0;
  std::optional<int64_t> next_due_ms;   // when expire() may have something to do
};

// ---------------------------------------------------------------- endpoints

Status Listener::State::add_endpoint(Endpoint endpoint) {
  endpoints.push_back(std::move(endpoint));
  size_t index = endpoints.size() - 1;
  Endpoint& e = endpoints.back();
  if (!e.unix && tcp_waits) return {};
  BOBBIN_TRY(poller.add(e.fd.value(), endpoint_token | index, {.read = true}));
  e.in_poller = true;
  return {};
}

void Listener::State::stop_endpoint(Endpoint& endpoint) {
  if (!endpoint.fd.is_open()) return;
  if (endpoint.in_poller) poller.remove(endpoint.fd.value());
  endpoint.in_poller = false;
  endpoint.fd.close();
  if (endpoint.unix) os::unlink_unix(endpoint.address);
}

// Who waits at the old socket is let in first: nobody else reaches it any more.
Status Listener::State::renew(size_t index) {
  accept_some(index);
  Endpoint& e = endpoints[index];
  BOBBIN_TRY_ASSIGN(fd, os::listen_unix(e.address));
  watch_endpoint(index, false);
  e.fd = std::move(fd);
  watch_endpoint(index, true);
  return {};
}

void Listener::State::watch_endpoint(size_t index, bool watched) {
  Endpoint& e = endpoints[index];
  if (!e.fd.is_open() || e.in_poller == watched || (!e.unix && tcp_waits)) return;
  if (watched && !e.unix && !quota.tcp_may_come(clock.mono_ms())) return;
  if (watched) {
    e.in_poller = poller.add(e.fd.value(), endpoint_token | index, {.read = true}).ok();
  } else {
    poller.remove(e.fd.value());
    e.in_poller = false;
  }
}

void Listener::State::accept_some(size_t index) {
  for (size_t i = 0; i < accepts_per_round_max && endpoints[index].fd.is_open() && may_accept(index); i++) {
    auto fd = os::accept(endpoints[index].fd.value());
    if (!fd) {
      // It would be told again at once, and again: look away for a moment.
      watch_endpoint(index, false);
      due_at(clock.mono_ms() + accept_pause_ms);
      return;
    }
    if (!*fd) return;
    welcome(endpoints[index], std::move(**fd));
  }
}

// Who must not come yet waits in the kernel's queue, which is not looked at before somebody goes, or a second is over.
bool Listener::State::may_accept(size_t index) {
  if (endpoints[index].unix || quota.tcp_may_come(clock.mono_ms())) return true;
  watch_endpoint(index, false);
  if (auto at = quota.ask_again_ms()) due_at(*at);
  return false;
}

Result<Peer> Listener::State::peer_of(const Endpoint& endpoint, int fd) {
  Peer peer;
  peer.unix = endpoint.unix;
  if (endpoint.unix) {
    BOBBIN_TRY_ASSIGN(who, os::peer_credentials(fd));
    peer.uid = who.uid;
    peer.pid = who.pid;
    peer.address = "unix";
    peer.local_address = endpoint.address;
    return peer;
  }
  BOBBIN_TRY_ASSIGN(from, os::peer_address(fd));
  BOBBIN_TRY_ASSIGN(to, os::local_address(fd));
  peer.address = from.text();
  peer.local_address = to.text();
  os::TcpPeer who = os::tcp_peer(fd);
  peer.uid = who.uid;
  peer.is_of_this_machine = who.is_of_this_machine;
  peer.came_by_open_door = endpoint.door == Door::every_machine;
  return peer;
}

namespace {

std::string ip_of(const Peer& peer) { return peer.address.substr(0, peer.address.rfind(':')); }

}  // namespace

bool Listener::State::take_place(const Peer& peer) {
  if (peer.unix ? quota.take_unix() : quota.take_tcp(ip_of(peer))) return true;
  handler.on_dropped(peer, peer.unix ? "there is no place for another connection"
                                     : "there are max.connections.per.ip connections of its address");
  return false;
}

void Listener::State::give_back_place(const Peer& peer) {
  peer.unix ? quota.give_back_unix() : quota.give_back_tcp(ip_of(peer));
  auto waits = [](const Endpoint& e) { return e.fd.is_open() && !e.in_poller; };
  if (std::any_of(endpoints.begin(), endpoints.end(), waits)) due_at(clock.mono_ms());
}

// One that has gone already is not let in.
void Listener::State::welcome(const Endpoint& endpoint, os::Fd fd) {
  auto peer = peer_of(endpoint, fd.value());
  if (!peer || !take_place(*peer)) return;
  if (endpoint.unix) os::set_buffer_bytes(fd.value(), socket_buffer_bytes);
  auto connection = std::make_unique<Connection>();
  Connection& c = *connection;
  c.id = ConnectionId(++last_id);
  c.peer = std::move(*peer);
  c.fd = std::move(fd);
  c.active_ms = c.taken_ms = clock.mono_ms();
  c.memory_share = limits.request_memory.take(0);
  c.unsent_share = limits.answer_memory.take(0);
  connections.emplace(c.id, std::move(connection));
  if (!c.peer.unix) due_at(c.active_ms + limits.idle_ms_max);
  handler.on_connected(c.id, c.peer);
  update_interest(c);
}

// ---------------------------------------------------------------- receiving

Connection* Listener::State::find(ConnectionId id) {
  auto it = connections.find(id);
  return it == connections.end() ? nullptr : it->second.get();
}

void Listener::State::on_event(Connection& c, const os::Ready& event) {
  if (event.writable) settle_later(c);
  if (c.may_read()) {
    if (event.readable || event.hangup) read(c);
  } else if (event.readable && !event.hangup && !c.disturbs) {
    c.disturbs = true;
    settle_later(c);
  } else if (event.hangup && !c.closing) {
    on_hangup(c);
  }
}

// Nobody is there, and we are not reading. Out of the poller, which would tell it again and again.
void Listener::State::on_hangup(Connection& c) {
  if (c.choked || !c.unsent.empty()) return doom(c);
  c.disturbs = true;
  if (!c.hung_up) {
    c.hung_up = true;
    handler.on_hung_up(c.id);
  }
  settle_later(c);
}

// Hands over what is whole and receives more, for one connection's share of a round.
void Listener::State::read(Connection& c) {
  size_t frames = 0;
  size_t bytes = 0;
  bool more = hand_over(c, frames, bytes);
  while (more && c.may_read()) {
    more = receive(c) && bytes + c.arrived.size() < bytes_per_round_max;
    if (!hand_over(c, frames, bytes)) break;
  }
  put_buffer_back(c);
}

// Whether the socket may have more.
bool Listener::State::receive(Connection& c) {
  if (!has_memory_for_frame(c)) return false;
  if (c.arrived.capacity() == 0 && !pool.empty()) {
    c.arrived = std::move(pool.back());
    pool.pop_back();
  }
  std::span<char> room = c.arrived.room();
  // Where there is little, of a frame whose size is not known yet no more than what is read of any.
  const bool is_scarce = c.memory_share.bytes() == 0 && limits.request_memory.left() < limits.request_memory.max() / 2;
  room = room.first(std::min(room.size(), is_scarce ? small_frame_bytes : bytes_per_round_max));
  os::Fd passed;
  auto got = c.peer.unix ? os::receive(c.fd.value(), room, passed) : os::receive(c.fd.value(), room);
  if (passed.is_open()) keep_passed(c, std::move(passed));
  if (got && !*got) return false;
  if (!got || **got == 0) {
    doom(c);
    return false;
  }
  c.arrived.filled(**got);
  c.active_ms = clock.mono_ms();
  return **got == room.size();
}

// Only memory is of use; all else is not even looked at, for a look too may take long.
void Listener::State::keep_passed(Connection& c, os::Fd passed) {
  if (!os::is_memory_file(passed.value())) return dispose(passed);
  dispose(c.passed);
  c.passed = std::move(passed);
}

void Listener::State::dispose(os::Fd& fd) {
  if (fd.is_open()) handler.dispose(std::move(fd));
}

void Listener::State::bury(Connection& c) {
  if (c.in_poller) poller.remove(c.fd.value());
  dispose(c.passed);
  dispose(c.memory);
  if (!c.peer.unix || !os::has_unread(c.fd.value())) return;
  os::shut_down(c.fd.value());
  dispose(c.fd);
}

// Whether the connection's share of the round is not used up. The handler may have closed or paused it.
bool Listener::State::hand_over(Connection& c, size_t& frames, size_t& bytes) {
  while (c.may_read()) {
    auto frame = c.arrived.frame(frame_bytes_max());
    if (!frame) {
      doom(c);
      return false;
    }
    if (!*frame) return true;
    if (frames == frames_per_round_max || bytes >= bytes_per_round_max) {
      read_again(c);
      return false;
    }
    auto content = frame_of_note(c, **frame);
    if (!content) {
      doom(c);
      return false;
    }
    if (*content) {
      frames++;
      bytes += (*content)->size();
      handler.on_frame(c.id, **content);
    }
    c.arrived.drop_frame();
    frame_ended(c);
    if (copied.size() > pooled_bytes_max) std::vector<char>().swap(copied);
  }
  return false;
}

// What a frame stands for: itself, what lies in shared memory, or nothing at all (frame_memory.h).
Result<std::optional<Bytes>> Listener::State::frame_of_note(Connection& c, Bytes frame) {
  if (!c.peer.unix) return std::optional(frame);
  BOBBIN_TRY_ASSIGN(note, parse_note(frame));
  if (!note) return std::optional(frame);
  if (note->is_offer) {
    dispose(c.memory);
    c.memory = std::move(c.passed);
    if (!c.memory.is_open()) return error(Errc::malformed, "an offer without memory");
    return std::optional<Bytes>();
  }
  if (!c.memory.is_open() || note->bytes > static_cast<uint64_t>(frame_bytes_max())) return error(Errc::malformed, "a note without memory");
  if (copied.size() < note->bytes) copied.resize(note->bytes);
  BOBBIN_TRY(os::read_shared(c.memory.value(), std::span<char>(copied).first(note->bytes), note->at));
  return std::optional(Bytes(copied.data(), note->bytes));
}

void Listener::State::put_buffer_back(Connection& c) {
  if (c.arrived.is_empty()) {
    frame_ended(c);
    bool keep = c.arrived.capacity() > 0 && c.arrived.capacity() <= pooled_bytes_max && pool.size() < pooled_buffers_max;
    if (keep) {
      pool.push_back(std::move(c.arrived));
    } else {
      c.arrived.shrink();
    }
  } else {
    expect_rest_of_frame(c);
    if (held_bytes > slack_bytes_max) c.arrived.shrink();
  }
  held_bytes = held_bytes - c.held_bytes + c.arrived.capacity();
  c.held_bytes = c.arrived.capacity();
}

void Listener::State::expect_rest_of_frame(Connection& c) {
  if (c.frame_began_ms == 0) c.frame_began_ms = clock.mono_ms();
  if (c.peer.unix || c.frame_deadline_ms != 0 || !c.may_read() || c.again) return;
  int64_t mib = c.arrived.announced().value_or(0) >> 20;
  c.frame_deadline_ms = clock.mono_ms() + limits.frame_ms_max + 1000 * mib;
  due_at(c.frame_deadline_ms);
}

// ---------------------------------------------------------------- memory

// Of a frame that is large, all the room that it will need, before more of it is read: whoever has begun can end.
bool Listener::State::has_memory_for_frame(Connection& c) {
  const auto announced = c.arrived.announced();
  const size_t bytes = announced && *announced > 0 ? static_cast<size_t>(*announced) : 0;
  if (bytes <= small_frame_bytes || c.memory_share.bytes() >= bytes || c.arrived.size() > bytes) return true;
  auto& queue = starved[bytes > common_frame_bytes];
  if (queue.empty() && has_room_for(bytes)) {
    c.memory_share.resize(bytes);
    return true;
  }
  c.starved = true;
  c.frame_deadline_ms = 0;
  queue.push_back(c.id);
  due_at(clock.mono_ms() + want_ms);
  return false;
}

bool Listener::State::has_room_for(size_t bytes) const {
  const Budget& memory = limits.request_memory;
  if (bytes <= common_frame_bytes || memory.used() == 0) return memory.has_room(bytes);
  return memory.max() == SIZE_MAX || memory.used() + bytes <= memory.max() / 4 * 3;
}

void Listener::State::feed_starved(std::deque<ConnectionId>& queue) {
  for (; !queue.empty(); queue.pop_front()) {
    Connection* c = find(queue.front());
    if (!c || c->closing) continue;
    const auto bytes = static_cast<size_t>(c->arrived.announced().value_or(0));
    if (!has_room_for(bytes)) return;
    c->starved = false;
    c->frame_began_ms = 0;
    c->active_ms = clock.mono_ms();
    c->memory_share.resize(bytes);
    read_again(*c);
    settle_later(*c);
  }
}

void Listener::State::frame_ended(Connection& c) {
  c.memory_share.resize(0);
  c.frame_began_ms = c.frame_deadline_ms = 0;
}

void Listener::State::count_unsent(Connection& c) {
  c.unsent_share.resize(c.unsent.held_bytes());
  if (limits.answer_memory.left() == 0)  // a last resort: answers are asked for their room before
    if (Connection* worst = worst_reader(connections, clock.mono_ms(), 0)) drop(*worst, "its answers fill the memory");
  if (answers_are_scarce()) due_at(clock.mono_ms() + want_ms);
}

void Listener::State::look_for_hogs(int64_t now) {
  if (!any_starved() && !answers_are_scarce()) return;
  due_at(std::max(next_look_for_hogs_ms, now + 1));
  if (now < next_look_for_hogs_ms) return;
  next_look_for_hogs_ms = now + want_ms;
  if (any_starved())
    if (Connection* c = slowest_sender(connections, now)) drop(*c, "it sends its request too slowly, and others wait for memory");
  if (answers_are_scarce())
    if (Connection* c = worst_reader(connections, now, unread_ms())) drop(*c, "it does not read its answers, and memory is scarce");
}

// ---------------------------------------------------------------- the end of a round

void Listener::State::drop(Connection& c, const std::string& why) {
  handler.on_dropped(c.peer, why);
  doom(c);
}

void Listener::State::settle_later(Connection& c) {
  if (std::exchange(c.settling, true)) return;
  to_settle.push_back(c.id);
}

void Listener::State::read_again(Connection& c) {
  if (std::exchange(c.again, true)) return;
  left_over.push_back(c.id);
}

void Listener::State::doom(Connection& c) {
  if (std::exchange(c.closing, true)) return;
  doomed.push_back(c.id);
}

void Listener::State::read_those_left_over() {
  std::vector<ConnectionId> now;
  now.swap(left_over);
  for (ConnectionId id : now) {
    Connection* c = find(id);
    if (!c) continue;
    c->again = false;
    if (c->may_read()) read(*c);
  }
}

void Listener::State::settle_all() {
  std::vector<ConnectionId> now;
  now.swap(to_settle);
  for (ConnectionId id : now) {
    Connection* c = find(id);
    if (!c) continue;
    c->settling = false;
    flush(*c);
    update_interest(*c);
  }
}

void Listener::State::flush(Connection& c) {
  const size_t before = c.unsent.bytes();
  auto sent = c.unsent.send_some(c.fd.value());
  if (!sent) return doom(c);
  if (*sent) c.active_ms = clock.mono_ms();
  c.taken_bytes += before - c.unsent.bytes();
  if (c.taken_bytes >= worth_taking_bytes || c.unsent.empty()) {
    c.taken_ms = clock.mono_ms();
    c.taken_bytes = 0;
  }
  c.unsent_share.resize(c.unsent.held_bytes());
  if (c.choked && c.unsent.bytes() < limits.queued_bytes_low) {
    c.choked = false;
    c.frame_began_ms = c.frame_deadline_ms = 0;  // it could not be read meanwhile
    if (!c.arrived.is_empty()) read_again(c);
  }
}

void Listener::State::update_interest(Connection& c) {
  if (c.closing) return;
  if (c.may_read()) c.disturbs = false;
  // Most pauses end before anything comes, and a change here is a call to the kernel.
  os::Interest want{c.may_read() || (c.in_poller && c.interest.read && !c.disturbs), !c.unsent.empty()};
  bool wanted = want.read || want.write || !c.hung_up;
  Status status;
  if (wanted && !c.in_poller) {
    status = poller.add(c.fd.value(), token_base | c.id.value, want);
    c.in_poller = status.ok();
  } else if (!wanted && c.in_poller) {
    poller.remove(c.fd.value());
    c.in_poller = false;
  } else if (c.in_poller && !(want == c.interest)) {
    status = poller.modify(c.fd.value(), token_base | c.id.value, want);
  }
  c.interest = want;
  if (!status) doom(c);  // the kernel has no memory to watch it
}

// The handler may close others meanwhile, and answer them.
void Listener::State::reap() {
  std::vector<ConnectionId> now;
  now.swap(doomed);
  for (ConnectionId id : now) {
    auto it = connections.find(id);
    std::unique_ptr<Connection> c = std::move(it->second);
    connections.erase(it);
    bury(*c);
    held_bytes -= c->held_bytes;
    give_back_place(c->peer);
    handler.on_disconnected(id);
  }
}

// Deadlines move all the time and are looked at seldom: only when the earliest of them, as it once was, has come.
void Listener::State::expire() {
  int64_t now = clock.mono_ms();
  if (!next_due_ms || now < *next_due_ms) return;
  next_due_ms.reset();
  for (size_t i = 0; i < endpoints.size(); i++) {
    watch_endpoint(i, true);
    const bool waits = !endpoints[i].unix && (tcp_waits || !quota.tcp_may_come(now));
    if (waits && !tcp_waits && quota.ask_again_ms()) due_at(*quota.ask_again_ms());
    if (endpoints[i].fd.is_open() && !endpoints[i].in_poller && !waits) due_at(now + accept_pause_ms);
  }
  look_for_hogs(now);
  for (auto& [id, c] : connections) {
    if (c->peer.unix || c->closing) continue;
    // One whose request is being worked on is not idle.
    bool is_idle = ((!c->paused && !c->starved) || !c->unsent.empty()) && now >= c->active_ms + limits.idle_ms_max;
    bool is_late = c->frame_deadline_ms != 0 && c->may_read() && now >= c->frame_deadline_ms;
    if (is_idle || is_late) {
      doom(*c);
      continue;
    }
    due_at(std::max(c->active_ms + limits.idle_ms_max, now + limits.idle_ms_max / 16 + 1));
    if (c->frame_deadline_ms != 0) due_at(std::max(c->frame_deadline_ms, now + 1000));
  }
}

// ---------------------------------------------------------------- Listener

Listener::Listener(os::Poller& poller, os::Clock& clock, Handler& handler, const ListenerLimits& limits)
    : state_(std::make_unique<State>(poller, clock, handler, limits)) {}

Listener::~Listener() {
  stop();
  for (auto& [id, c] : state_->connections) state_->bury(*c);
}

Status Listener::start_unix(const std::string& path) {
  BOBBIN_TRY_ASSIGN(fd, os::listen_unix(path));
  return state_->add_endpoint({std::move(fd), true, path});
}

Result<std::vector<os::SocketAddress>> Listener::start_tcp(const std::vector<os::SocketAddress>& addresses, Door door) {
  BOBBIN_TRY_ASSIGN(fds, os::listen_tcp(addresses));
  std::vector<os::SocketAddress> bound;
  for (os::Fd& fd : fds) {
    BOBBIN_TRY_ASSIGN(address, os::local_address(fd.value()));
    BOBBIN_TRY(state_->add_endpoint({std::move(fd), false, address.text(), door}));
    bound.push_back(address);
  }
  return bound;
}

Result<std::string> Listener::start_tcp(const std::string& host, uint16_t port) {
  BOBBIN_TRY_ASSIGN(addresses, os::resolve_listener(host, port));
  BOBBIN_TRY_ASSIGN(bound, start_tcp(addresses, Door::this_machine));
  return bound.front().text();
}

void Listener::hold_tcp() {
  for (size_t i = 0; i < state_->endpoints.size(); i++)
    if (!state_->endpoints[i].unix) state_->watch_endpoint(i, false);
  state_->tcp_waits = true;
}

void Listener::let_in_tcp() {
  state_->tcp_waits = false;
  for (size_t i = 0; i < state_->endpoints.size(); i++) state_->watch_endpoint(i, true);
}

void Listener::set_limits(int32_t frame_bytes_max, int64_t idle_ms_max) {
  idle_ms_max = std::min(idle_ms_max, int64_t{1} << 50);  // added to the time of day
  if (idle_ms_max != state_->limits.idle_ms_max) state_->due_at(state_->clock.mono_ms());
  state_->limits.frame_bytes_max = frame_bytes_max;
  state_->limits.idle_ms_max = idle_ms_max;
}

void Listener::set_limits(const ConnectionLimits& limits) {
  state_->quota.set(limits);
  state_->due_at(state_->clock.mono_ms());
}

void Listener::stop_tcp() {
  for (State::Endpoint& e : state_->endpoints) {
    if (!e.unix) state_->stop_endpoint(e);
  }
}

Status Listener::renew_unix() {
  for (size_t i = 0; i < state_->endpoints.size(); i++)
    if (state_->endpoints[i].unix && state_->endpoints[i].fd.is_open()) BOBBIN_TRY(state_->renew(i));
  return {};
}

void Listener::stop() {
  for (State::Endpoint& e : state_->endpoints) state_->stop_endpoint(e);
}

void Listener::on_ready(const os::Ready& event) {
  if ((event.token & endpoint_token) == endpoint_token) {
    size_t index = event.token & ~endpoint_token;
    if (index < state_->endpoints.size()) state_->accept_some(index);
    return;
  }
  // One that was closed in this round may still have been told of.
  if (Connection* c = state_->find(ConnectionId(event.token & ~token_base))) state_->on_event(*c, event);
}

void Listener::finish_round() {
  State& s = *state_;
  s.read_those_left_over();
  s.expire();
  do {
    s.settle_all();
    s.reap();
  } while (!s.to_settle.empty() || !s.doomed.empty());
  for (auto& queue : s.starved) s.feed_starved(queue);  // also with what those held who were closed just now
}

bool Listener::has_work() const {
  const State& s = *state_;
  return !s.left_over.empty() || !s.to_settle.empty() || !s.doomed.empty();
}

std::optional<int64_t> Listener::next_deadline_ms() const { return state_->next_due_ms; }

void Listener::send(ConnectionId id, std::string frame) {
  Connection* c = state_->find(id);
  if (!c || c->closing || frame.empty()) return;
  if (c->unsent.empty()) c->taken_ms = state_->clock.mono_ms();
  c->unsent.push(std::move(frame));
  state_->count_unsent(*c);
  if (c->closing) return;
  if (c->unsent.bytes() > state_->limits.queued_bytes_max) c->choked = true;
  state_->settle_later(*c);
}

void Listener::send_with(ConnectionId id, std::string frame, int descriptor) {
  Connection* c = state_->find(id);
  if (c && !c->closing && c->peer.unix) c->unsent.pass_with_next(descriptor);
  send(id, std::move(frame));
}

void Listener::close(ConnectionId id) {
  Connection* c = state_->find(id);
  if (!c || c->closing) return;
  state_->settle_later(*c);
  state_->doom(*c);
}

void Listener::pause(ConnectionId id) {
  Connection* c = state_->find(id);
  if (!c || c->paused) return;
  c->paused = true;
  c->frame_began_ms = c->frame_deadline_ms = 0;
  state_->settle_later(*c);
}

void Listener::resume(ConnectionId id) {
  Connection* c = state_->find(id);
  if (!c || !c->paused) return;
  c->paused = false;
  c->active_ms = state_->clock.mono_ms();
  if (!c->arrived.is_empty()) state_->read_again(*c);
  state_->settle_later(*c);
}

size_t Listener::connections() const { return state_->connections.size(); }

size_t Listener::tcp_connections() const { return state_->quota.tcp(); }

size_t Listener::queued_bytes(ConnectionId id) const {
  Connection* c = state_->find(id);
  return c ? c->unsent.bytes() : 0;
}

Listener::AnswerRoom Listener::answer_room(ConnectionId id) const {
  Connection* c = state_->find(id);
  if (!c) return {};
  const size_t own_max = state_->limits.queued_bytes_max;
  const size_t own = own_max - std::min(own_max, c->unsent.bytes());
  const Budget& all = state_->limits.answer_memory;
  // Who has not taken its last answer has more of the first half only: the other one is for those who read.
  const size_t left = all.left() - (c->unsent.empty() || all.max() == SIZE_MAX ? 0 : std::min(all.left(), all.max() / 2));
  // What is larger than all there is comes alone.
  const size_t at_least = all.used() == 0 ? SIZE_MAX : c->unsent.empty() ? left : std::min(own, left);
  return {std::min(own, all.max() == SIZE_MAX ? own : left / 4), at_least};
}

}  // namespace bobbin::transport
