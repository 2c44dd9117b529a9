#include "transport/traffic.h"

#include "os/socket.h"
#include "transport/frame_memory.h"

namespace bobbin::transport {

namespace {

constexpr size_t bytes_per_round_max = 1 << 20;
constexpr size_t frames_per_round_max = 16;

// Receive buffers that are used again: warm memory, and no growing for connections that send large frames.
constexpr size_t pooled_buffers_max = 4;
constexpr size_t pooled_bytes_max = 2 << 20;
// Up to this much altogether, connections keep buffers that are larger than what they hold.
constexpr size_t slack_bytes_max = 64 << 20;

// How often hogs are looked for while somebody is in want, and how long an answer may lie then: half of the memory for answers
// is used, or nearly all of it, and what others get of the rest is little.
constexpr int64_t want_ms = 100;
constexpr int64_t unread_ms_max = 5000, unread_ms_max_in_need = 1000;
// Who takes less than this of its answers in that time does not read them: a drip holds as much as silence.
constexpr size_t worth_taking_bytes = 256 << 10;

}  // namespace

// ---------------------------------------------------------------- connections

void Traffic::welcome(os::Fd fd, Peer peer) {
  auto connection = std::make_unique<Connection>();
  Connection& c = *connection;
  c.id = ConnectionId(++last_id);
  c.peer = std::move(peer);
  c.fd = std::move(fd);
  c.active_ms = c.taken_ms = clock.mono_ms();
  c.memory_share = limits.request_memory.take(0);
  c.unsent_share = limits.answer_memory.take(0);
  connections.emplace(c.id, std::move(connection));
  if (!c.peer.unix) due_at(c.active_ms + limits.idle_ms_max);
  handler.on_connected(c.id, c.peer);
  update_interest(c);
}

Connection* Traffic::find(ConnectionId id) {
  auto it = connections.find(id);
  return it == connections.end() ? nullptr : it->second.get();
}

// ---------------------------------------------------------------- receiving

void Traffic::on_event(Connection& c, const os::Ready& event) {
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
void Traffic::on_hangup(Connection& c) {
  if (c.choked || !c.unsent.empty()) return doom(c);
  c.disturbs = true;
  if (!c.hung_up) {
    c.hung_up = true;
    handler.on_hung_up(c.id);
  }
  settle_later(c);
}

// Hands over what is whole and receives more, for one connection's share of a round.
void Traffic::read(Connection& c) {
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
bool Traffic::receive(Connection& c) {
  if (!room.take(c)) {
    due_at(clock.mono_ms() + want_ms);
    return false;
  }
  if (c.arrived.capacity() == 0 && !pool.empty()) {
    c.arrived = std::move(pool.back());
    pool.pop_back();
  }
  std::span<char> into = c.arrived.room();
  into = into.first(std::min(into.size(), room.is_scarce_for(c) ? FrameRoom::small_frame_bytes : bytes_per_round_max));
  os::Fd passed;
  auto got = c.peer.unix ? os::receive(c.fd.value(), into, passed) : os::receive(c.fd.value(), into);
  if (passed.is_open()) keep_passed(c, std::move(passed));
  if (got && !*got) return false;
  if (!got || **got == 0) {
    doom(c);
    return false;
  }
  c.arrived.filled(**got);
  c.active_ms = clock.mono_ms();
  return **got == into.size();
}

// Only memory is of use; all else is not even looked at, for a look too may take long.
void Traffic::keep_passed(Connection& c, os::Fd passed) {
  if (!os::is_memory_file(passed.value())) return dispose(passed);
  dispose(c.passed);
  c.passed = std::move(passed);
}

void Traffic::dispose(os::Fd& fd) {
  if (fd.is_open()) handler.dispose(std::move(fd));
}

void Traffic::bury(Connection& c) {
  if (c.in_poller) poller.remove(c.fd.value());
  dispose(c.passed);
  dispose(c.memory);
  if (!c.peer.unix || !os::has_unread(c.fd.value())) return;
  os::shut_down(c.fd.value());
  dispose(c.fd);
}

// Whether the connection's share of the round is not used up. The handler may have closed or paused it.
bool Traffic::hand_over(Connection& c, size_t& frames, size_t& bytes) {
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
Result<std::optional<Bytes>> Traffic::frame_of_note(Connection& c, Bytes frame) {
  if (!c.peer.unix) return std::optional(frame);
  BOBBIN_TRY_ASSIGN(note, parse_note(frame));
  if (!note) return std::optional(frame);
  if (note->is_offer) {
    dispose(c.memory);
    c.memory = std::move(c.passed);
    if (!c.memory.is_open()) return error(Errc::malformed, "an offer without memory");
    return std::optional<Bytes>();
  }
  if (!c.memory.is_open() || note->bytes > static_cast<uint64_t>(frame_bytes_max()))
    return error(Errc::malformed, "a note without memory");
  if (copied.size() < note->bytes) copied.resize(note->bytes);
  BOBBIN_TRY(os::read_shared(c.memory.value(), std::span<char>(copied).first(note->bytes), note->at));
  return std::optional(Bytes(copied.data(), note->bytes));
}

void Traffic::put_buffer_back(Connection& c) {
  if (c.arrived.is_empty()) {
    frame_ended(c);
    bool keep =
        c.arrived.capacity() > 0 && c.arrived.capacity() <= pooled_bytes_max && pool.size() < pooled_buffers_max;
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

void Traffic::expect_rest_of_frame(Connection& c) {
  if (c.frame_began_ms == 0) c.frame_began_ms = clock.mono_ms();
  if (c.peer.unix || c.frame_deadline_ms != 0 || !c.may_read() || c.again) return;
  int64_t mib = c.arrived.announced().value_or(0) >> 20;
  c.frame_deadline_ms = clock.mono_ms() + limits.frame_ms_max + 1000 * mib;
  due_at(c.frame_deadline_ms);
}

// ---------------------------------------------------------------- memory

void Traffic::frame_ended(Connection& c) {
  c.memory_share.resize(0);
  c.frame_began_ms = c.frame_deadline_ms = 0;
}

void Traffic::count_unsent(Connection& c) {
  c.unsent_share.resize(c.unsent.held_bytes());
  if (limits.answer_memory.left() == 0)  // a last resort: answers are asked for their room before
    if (Connection* worst = worst_reader(connections, clock.mono_ms(), 0)) drop(*worst, "its answers fill the memory");
  if (unread_ms_limit()) due_at(clock.mono_ms() + want_ms);
}

std::optional<int64_t> Traffic::unread_ms_limit() const {
  const Budget& memory = limits.answer_memory;
  if (memory.left() >= memory.max() / 2) return std::nullopt;
  return memory.left() < memory.max() / 8 ? unread_ms_max_in_need : unread_ms_max;
}

void Traffic::look_for_hogs(int64_t now) {
  if (!room.is_wanted() && !unread_ms_limit()) return;
  due_at(std::max(next_look_for_hogs_ms, now + 1));
  if (now < next_look_for_hogs_ms) return;
  next_look_for_hogs_ms = now + want_ms;
  if (room.is_wanted())
    if (Connection* c = slowest_sender(connections, now))
      drop(*c, "it sends its request too slowly, and others wait for memory");
  if (auto unread_ms = unread_ms_limit())
    if (Connection* c = worst_reader(connections, now, *unread_ms))
      drop(*c, "it does not read its answers, and memory is scarce");
}

// ---------------------------------------------------------------- the end of a round

void Traffic::drop(Connection& c, const std::string& why) {
  handler.on_dropped(c.peer, why);
  doom(c);
}

void Traffic::settle_later(Connection& c) {
  if (std::exchange(c.settling, true)) return;
  to_settle.push_back(c.id);
}

void Traffic::read_again(Connection& c) {
  if (std::exchange(c.again, true)) return;
  left_over.push_back(c.id);
}

void Traffic::doom(Connection& c) {
  if (std::exchange(c.closing, true)) return;
  doomed.push_back(c.id);
}

void Traffic::read_those_left_over() {
  std::vector<ConnectionId> now;
  now.swap(left_over);
  for (ConnectionId id : now) {
    Connection* c = find(id);
    if (!c) continue;
    c->again = false;
    if (!c->may_read()) continue;
    has_told = true;
    read(*c);
  }
}

void Traffic::settle_all() {
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

void Traffic::flush(Connection& c) {
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

void Traffic::update_interest(Connection& c) {
  if (c.closing) return;
  if (c.may_read()) c.disturbs = false;
  // Most pauses end before anything comes, and a change here is a call to the kernel.
  os::Interest want{c.may_read() || (c.in_poller && c.interest.read && !c.disturbs), !c.unsent.empty()};
  bool wanted = want.read || want.write || !c.hung_up;
  Status status;
  if (wanted && !c.in_poller) {
    status = poller.add(c.fd.value(), connection_token_base | c.id.value, want);
    c.in_poller = status.ok();
  } else if (!wanted && c.in_poller) {
    poller.remove(c.fd.value());
    c.in_poller = false;
  } else if (c.in_poller && !(want == c.interest)) {
    status = poller.modify(c.fd.value(), connection_token_base | c.id.value, want);
  }
  c.interest = want;
  if (!status) doom(c);  // the kernel has no memory to watch it
}

// The handler may close others meanwhile, and answer them.
void Traffic::reap() {
  std::vector<ConnectionId> now;
  now.swap(doomed);
  for (ConnectionId id : now) {
    auto it = connections.find(id);
    std::unique_ptr<Connection> c = std::move(it->second);
    connections.erase(it);
    bury(*c);
    held_bytes -= c->held_bytes;
    endpoints.give_back_place(c->peer);
    has_told = true;
    handler.on_disconnected(id);
  }
}

// Deadlines move all the time and are looked at seldom: only when the earliest of them, as it once was, has come.
void Traffic::expire() {
  int64_t now = clock.mono_ms();
  if (!next_due_ms || now < *next_due_ms) return;
  next_due_ms.reset();
  endpoints.look(now);
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

}  // namespace bobbin::transport
