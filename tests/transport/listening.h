// A Listener with a handler that writes down what happens, and both ends' rounds turned by hand on one thread.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "os/poller.h"
#include "os/posix/clock.h"
#include "os/socket.h"
#include "os/temp_dir.h"
#include "os/wait.h"
#include "transport/channel.h"
#include "transport/listener.h"

namespace test {

using namespace bobbin;
using namespace bobbin::transport;

// A clock that the test moves.
class HandClock final : public os::Clock {
 public:
  int64_t now_ms = 1000;
  int64_t mono_ms() override { return now_ms; }
  Timestamp wall() override { return Timestamp(now_ms); }
};

inline std::string frame_of(Bytes body) {
  std::string out;
  append_be(out, static_cast<int32_t>(body.size()));
  out += body;
  return out;
}

struct Recorder : Handler {
  struct Seen {
    Peer peer;
    std::vector<std::string> frames;
    bool gone = false;
    bool hung_up = false;
  };
  std::map<ConnectionId, Seen> seen;
  std::function<void(ConnectionId, Bytes)> then;  // after each frame

  void on_connected(ConnectionId id, const Peer& peer) override {
    REQUIRE(!seen.contains(id));
    seen[id].peer = peer;
  }
  void on_frame(ConnectionId id, Bytes frame) override {
    Seen& s = seen.at(id);
    REQUIRE(!s.gone);
    s.frames.emplace_back(frame);
    if (then) then(id, frame);
  }
  void on_disconnected(ConnectionId id) override {
    REQUIRE(!seen.at(id).gone);
    seen.at(id).gone = true;
  }
  void on_hung_up(ConnectionId id) override { seen.at(id).hung_up = true; }
  void on_dropped(const Peer&, const std::string& why) override { dropped.push_back(why); }
  std::vector<std::string> dropped;
  void dispose(os::Fd fd) override {
    if (keeps_disposed) disposed.push_back(std::move(fd));
  }
  bool keeps_disposed = false;
  std::vector<os::Fd> disposed;  // and not closed

  Seen& only() {
    REQUIRE(seen.size() == 1);
    return seen.begin()->second;
  }
  ConnectionId only_id() const {
    REQUIRE(seen.size() == 1);
    return seen.begin()->first;
  }
};

struct Listening {
  explicit Listening(const ListenerLimits& limits = {}) : listener(poller, clock, handler, limits) {}

  TempDir dir;
  HandClock clock;
  os::Poller poller = std::move(os::Poller::open().value());
  Recorder handler;
  Listener listener;

  std::string path() const { return dir / "broker.sock"; }

  // One round: what is ready now, or within wait_ms.
  size_t round(int64_t wait_ms = 0) {
    auto ready = poller.wait(listener.has_work() ? 0 : wait_ms).value();
    for (const os::Ready& event : ready) {
      if (Listener::owns(event.token)) listener.on_ready(event);
    }
    listener.finish_round();
    return ready.size();
  }

  // Rounds until it holds; nothing that is right takes 30 seconds.
  template <class Holds>
  void until(Holds holds) {
    os::PosixClock real;
    int64_t deadline = real.mono_ms() + 30000;
    while (!holds()) {
      REQUIRE(real.mono_ms() < deadline);
      round(10);
    }
  }

  // Rounds until nothing is left to do.
  void settle() {
    bool worked = true;
    while (worked) {
      worked = listener.has_work();
      worked |= round() > 0 || listener.has_work();
    }
  }

  os::Fd raw_client() { return std::move(os::connect_unix(path()).value()); }
};

inline void put(const os::Fd& fd, Bytes bytes) {
  while (!bytes.empty()) {
    Bytes parts[] = {bytes};
    auto n = os::send(fd.value(), parts).value();
    REQUIRE(n.has_value());
    bytes.remove_prefix(*n);
  }
}

// Everything that waits in the socket; `ended` tells that the other end closed.
inline std::string take(const os::Fd& fd, bool* ended = nullptr) {
  std::string out;
  char buffer[1 << 16];
  for (;;) {
    auto n = os::receive(fd.value(), buffer);
    if (ended) *ended = !n || (*n && **n == 0);
    if (!n || !*n || **n == 0) return out;
    out.append(buffer, **n);
  }
}

}  // namespace test
