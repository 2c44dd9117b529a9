#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>

#include "transport/listening.h"

using namespace test;

namespace {

uint16_t port_of(const std::string& address) {
  return static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

os::Fd tcp_client(const std::string& address) {
  return std::move(os::connect_tcp(os::resolve("127.0.0.1", port_of(address)).value().front()).value());
}

}  // namespace

TEST_CASE("Listener: a unix peer is known, and its frames and answers pass") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd client = l.raw_client();
  l.settle();
  const Peer& peer = l.handler.only().peer;
  CHECK(peer.unix);
  CHECK(peer.uid == ::geteuid());
  CHECK(peer.pid == ::getpid());
  CHECK(peer.local_address == l.path());
  put(client, frame_of("one") + frame_of("") + frame_of("three"));
  l.settle();
  CHECK(l.handler.only().frames == std::vector<std::string>{"one", "", "three"});
  l.listener.send(l.handler.only_id(), frame_of("first"));
  l.listener.send(l.handler.only_id(), frame_of("second"));
  CHECK(l.listener.has_work());
  l.settle();
  CHECK(take(client) == frame_of("first") + frame_of("second"));
  CHECK(l.listener.connections() == 1);
  CHECK(l.listener.tcp_connections() == 0);
  CHECK(!l.listener.next_deadline_ms());
  client.close();
  l.settle();
  CHECK(l.handler.only().gone);
  CHECK(l.listener.connections() == 0);
}

TEST_CASE("Listener: a TCP peer has addresses, and stop_tcp ends only the accepting") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  os::Fd client = tcp_client(address);
  l.until([&] { return !l.handler.seen.empty(); });
  const Peer& peer = l.handler.only().peer;
  CHECK(!peer.unix);
  CHECK(peer.local_address == address);
  CHECK(peer.address == os::local_address(client.value()).value().text());
  if (peer.uid) CHECK(*peer.uid == ::geteuid());
  CHECK(l.listener.tcp_connections() == 1);
  l.listener.stop_tcp();
  put(client, frame_of("still here"));
  l.until([&] { return !l.handler.only().frames.empty(); });
  CHECK(Channel::connect_tcp("127.0.0.1", port_of(address)).ok());  // begins, and is refused
  auto refused = Channel::connect_tcp("127.0.0.1", port_of(address)).value();
  os::WaitFd waits[] = {{refused.fd(), true, true}};
  REQUIRE(os::wait(waits, 30000).value() == 1);
  CHECK(refused.advance().error().code == Errc::no_answer);
  CHECK(os::connect_unix(l.path()).ok());
}

TEST_CASE("Listener: the socket's file goes with it") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  l.listener.stop();
  CHECK(os::connect_unix(l.path()).error().code == Errc::not_found);
}

TEST_CASE("Listener: frames that come in pieces of any size are put together") {
  unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd client = l.raw_client();
  std::vector<std::string> sent;
  std::string stream;
  for (int i = 0; i < 300; i++) {
    size_t size = random() % 10 == 0 ? random() % 300000 : random() % 300;
    std::string body(size, static_cast<char>(random()));
    for (size_t at = 0; at < size; at += 97) body[at] = static_cast<char>(random());
    stream += frame_of(body);
    sent.push_back(std::move(body));
  }
  for (size_t at = 0; at < stream.size();) {
    size_t piece = std::min<size_t>(random() % 3 == 0 ? random() % 5 + 1 : random() % 50000 + 1, stream.size() - at);
    put(client, Bytes(stream).substr(at, piece));
    at += piece;
    if (random() % 2) l.round();
    if (random() % 4 == 0) l.settle();
    if (at % 100000 < 50000) l.settle();
  }
  l.settle();
  CHECK(l.handler.only().frames == sent);
}

TEST_CASE("Listener: one byte at a time is enough") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd client = l.raw_client();
  for (char c : frame_of("slow") + frame_of("slower")) {
    put(client, Bytes(&c, 1));
    l.settle();
  }
  CHECK(l.handler.only().frames == std::vector<std::string>{"slow", "slower"});
}

TEST_CASE("Listener: a size that is negative or too large closes, and only that connection") {
  ListenerLimits limits;
  limits.frame_bytes_max = 1000;
  Listening l(limits);
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd good = l.raw_client();
  l.settle();
  ConnectionId good_id = l.handler.only_id();
  int32_t size = GENERATE(-1, INT32_MIN, 1001, INT32_MAX);
  os::Fd bad = l.raw_client();
  std::string bytes = frame_of("before");
  append_be(bytes, size);
  bytes += "GET / HTTP";
  put(bad, bytes);
  put(good, frame_of(std::string(1000, 'x')));
  l.settle();
  bool ended = false;
  take(bad, &ended);
  CHECK(ended);
  CHECK(l.handler.seen.rbegin()->second.frames == std::vector<std::string>{"before"});
  CHECK(l.handler.seen.rbegin()->second.gone);
  CHECK(l.handler.seen.at(good_id).frames.size() == 1);
  CHECK(!l.handler.seen.at(good_id).gone);
}

TEST_CASE("Listener: announced bytes take no memory until they come") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  std::vector<os::Fd> clients;
  std::string start;
  append_be<int32_t>(start, 100 << 20);
  start += "x";
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  // 200 of them announce 20 GiB.
  for (int i = 0; i < 200; i++) {
    clients.push_back(l.raw_client());
    put(clients.back(), start);
    l.settle();
  }
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  CHECK(after.ru_maxrss - before.ru_maxrss < 256 << 10);  // KiB
  CHECK(l.listener.connections() == 200);
}

TEST_CASE("Listener: who does not read its answers is not read from, and harms nobody") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd slow = l.raw_client();
  l.settle();
  ConnectionId slow_id = l.handler.only_id();
  std::string answer = frame_of(std::string(1 << 20, 'a'));
  l.handler.then = [&](ConnectionId id, Bytes) { l.listener.send(id, answer); };
  // Far more questions than answers that may wait.
  for (int i = 0; i < 100; i++) put(slow, frame_of("give me a MiB"));
  l.settle();
  size_t asked = l.handler.seen.at(slow_id).frames.size();
  CHECK(asked < 20);
  CHECK(l.listener.queued_bytes(slow_id) <= (8u << 20) + answer.size());
  os::Fd other = l.raw_client();
  l.settle();
  put(other, frame_of("me too"));
  std::string got;
  l.until([&] { return (got += take(other)).size() >= answer.size(); });
  CHECK(got == answer);
  // It reads again: everything is answered, in order.
  size_t bytes = 0;
  l.until([&] { return (bytes += take(slow).size()) >= 100 * answer.size(); });
  CHECK(bytes == 100 * answer.size());
  CHECK(l.handler.seen.at(slow_id).frames.size() == 100);
}

TEST_CASE("Listener: who does not read its answers and goes is forgotten") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd slow = l.raw_client();
  std::string answer = frame_of(std::string(1 << 20, 'a'));
  l.handler.then = [&](ConnectionId id, Bytes) { l.listener.send(id, answer); };
  for (int i = 0; i < 20; i++) put(slow, frame_of("x"));
  l.settle();
  CHECK(!l.handler.only().gone);
  slow.close();
  l.until([&] { return l.handler.only().gone; });
  CHECK(l.listener.connections() == 0);
}

TEST_CASE("Listener: one that floods does not keep others from being read") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd flood = l.raw_client();
  l.settle();
  ConnectionId flood_id = l.handler.only_id();
  std::string many;
  for (int i = 0; i < 5000; i++) many += frame_of("x");
  put(flood, many);
  os::Fd other = l.raw_client();
  l.round();  // lets it in, and reads a share of the flood
  put(other, frame_of("y"));
  l.round();
  CHECK(l.handler.seen.rbegin()->second.frames.size() == 1);
  CHECK(l.handler.seen.at(flood_id).frames.size() <= 64);
  CHECK(l.listener.has_work());
  l.settle();
  CHECK(l.handler.seen.at(flood_id).frames.size() == 5000);
}

TEST_CASE("Listener: a paused connection is not read, from the next frame on, until it is resumed") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd client = l.raw_client();
  l.handler.then = [&](ConnectionId id, Bytes frame) {
    if (frame == "stop") l.listener.pause(id);
  };
  put(client, frame_of("a") + frame_of("stop") + frame_of("b") + frame_of("c"));
  l.settle();
  CHECK(l.handler.only().frames == std::vector<std::string>{"a", "stop"});
  put(client, frame_of("d"));
  CHECK(l.round() <= 1);
  CHECK(l.round() == 0);  // nor does it wake anybody twice
  CHECK(!l.listener.has_work());
  l.listener.send(l.handler.only_id(), frame_of("answer"));
  l.settle();
  CHECK(take(client) == frame_of("answer"));
  l.listener.resume(l.handler.only_id());
  CHECK(l.listener.has_work());
  l.listener.finish_round();
  CHECK(l.handler.only().frames.size() > 2);
  CHECK(l.listener.has_work());  // the round that they came in is over: what they lead to needs another one
  l.settle();
  CHECK(l.handler.only().frames == std::vector<std::string>{"a", "stop", "b", "c", "d"});
  CHECK(!l.listener.has_work());
}

TEST_CASE("Listener: a paused connection whose client went says so once, and is still read to its end") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd client = l.raw_client();
  l.handler.then = [&](ConnectionId id, Bytes) { l.listener.pause(id); };
  put(client, frame_of("a") + frame_of("b"));
  l.settle();
  put(client, frame_of("c"));
  client.close();
  l.until([&] { return l.handler.only().hung_up; });
  CHECK(l.round() == 0);
  CHECK(!l.handler.only().gone);
  for (int i = 0; i < 2; i++) {
    l.listener.resume(l.handler.only_id());
    l.settle();
  }
  CHECK(l.handler.only().frames == std::vector<std::string>{"a", "b", "c"});
  l.listener.resume(l.handler.only_id());
  l.until([&] { return l.handler.only().gone; });
}

TEST_CASE("Listener: close sends what it can and hands over no more") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd client = l.raw_client();
  l.handler.then = [&](ConnectionId id, Bytes) {
    l.listener.send(id, frame_of("good bye"));
    l.listener.close(id);
    l.listener.close(id);
    l.listener.send(id, frame_of("too late"));
    l.listener.resume(id);
  };
  put(client, frame_of("a") + frame_of("b"));
  l.settle();
  CHECK(l.handler.only().frames == std::vector<std::string>{"a"});
  CHECK(l.handler.only().gone);
  bool ended = false;
  CHECK(take(client, &ended) == frame_of("good bye"));
  CHECK(ended);
  // One that has gone is nobody.
  l.listener.send(l.handler.only_id(), frame_of("x"));
  l.listener.pause(l.handler.only_id());
  l.listener.close(l.handler.only_id());
  CHECK(!l.listener.has_work());
}

TEST_CASE("Listener: a handler may close others, also of the same round, and those it just met") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd a = l.raw_client();
  os::Fd b = l.raw_client();
  l.settle();
  l.handler.then = [&](ConnectionId, Bytes) {
    for (auto& [id, seen] : l.handler.seen) l.listener.close(id);
  };
  put(a, frame_of("a"));
  put(b, frame_of("b"));
  l.settle();
  size_t frames = 0;
  for (auto& [id, seen] : l.handler.seen) {
    CHECK(seen.gone);
    frames += seen.frames.size();
  }
  CHECK(frames == 1);
}

TEST_CASE("Listener: a TCP connection that is idle for long is closed, a unix one and a busy one never") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  os::Fd unix_client = l.raw_client();
  l.settle();
  os::Fd idle = tcp_client(address);
  l.until([&] { return l.handler.seen.size() == 2; });
  os::Fd busy = tcp_client(address);
  l.until([&] { return l.handler.seen.size() == 3; });
  auto& seen = l.handler.seen;
  CHECK(l.listener.next_deadline_ms().value() == l.clock.now_ms + 600000);
  l.clock.now_ms += 400000;
  put(busy, frame_of("x"));
  l.until([&] { return seen.at(ConnectionId(3)).frames.size() == 1; });
  l.clock.now_ms += 200000;
  l.settle();
  CHECK(!seen.at(ConnectionId(1)).gone);
  CHECK(seen.at(ConnectionId(2)).gone);
  CHECK(!seen.at(ConnectionId(3)).gone);
  CHECK(l.listener.next_deadline_ms().value() == l.clock.now_ms + 400000);
  l.listener.pause(ConnectionId(3));  // its request is worked on
  l.clock.now_ms += 100000000;
  l.settle();
  CHECK(!seen.at(ConnectionId(1)).gone);
  CHECK(!seen.at(ConnectionId(3)).gone);
}

TEST_CASE("Listener: other limits hold for the connections that are there, too") {
  Listening l;
  std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  os::Fd client = tcp_client(address);
  l.until([&] { return l.handler.seen.size() == 1; });
  put(client, frame_of(std::string(2000, 'x')));
  l.until([&] { return l.handler.only().frames.size() == 1; });
  l.listener.set_limits(1000, INT64_MAX);
  CHECK(l.listener.next_deadline_ms().value() <= l.clock.now_ms);
  l.clock.now_ms += 10'000'000;
  l.settle();
  CHECK(!l.handler.only().gone);
  l.listener.set_limits(1000, 5000);
  l.settle();
  CHECK(l.handler.only().gone);  // silent for longer
  os::Fd other = tcp_client(address);
  l.until([&] { return l.handler.seen.size() == 2; });
  put(other, frame_of(std::string(1001, 'x')));
  l.until([&] { return l.handler.seen.rbegin()->second.gone; });
  CHECK(l.handler.seen.rbegin()->second.frames.empty());
}

TEST_CASE("Listener: a frame that is never finished closes its TCP connection") {
  Listening l;
  std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  os::Fd client = tcp_client(address);
  l.until([&] { return l.handler.seen.size() == 1; });
  put(client, Bytes("\0\0", 2));
  l.until([&] { return l.listener.next_deadline_ms() == l.clock.now_ms + 30000; });
  l.clock.now_ms += 29000;
  put(client, Bytes("\0\1", 2));  // a drip does not move it
  l.until([&] { return l.round() == 0; });
  l.clock.now_ms += 1001;
  l.settle();
  CHECK(l.handler.only().gone);
}

TEST_CASE("Listener: a finished frame is no half-open one") {
  Listening l;
  std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  os::Fd client = tcp_client(address);
  l.until([&] { return l.handler.seen.size() == 1; });
  put(client, Bytes("\0\0", 2));
  l.until([&] { return l.listener.next_deadline_ms() == l.clock.now_ms + 30000; });
  put(client, Bytes("\0\0", 2));
  l.until([&] { return l.handler.only().frames.size() == 1; });
  l.clock.now_ms += 40000;
  l.settle();
  CHECK(!l.handler.only().gone);
}

TEST_CASE("Listener: a stream that never rests between two frames has as long for each of them") {
  Listening l;
  std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  os::Fd client = tcp_client(address);
  l.until([&] { return l.handler.seen.size() == 1; });
  const std::string frame = frame_of("a request");
  put(client, frame.substr(0, 5));
  l.until([&] { return l.listener.next_deadline_ms() == l.clock.now_ms + 30'000; });
  for (size_t n = 1; n <= 10; n++) {
    l.clock.now_ms += 20'000;
    put(client, frame.substr(5) + frame.substr(0, 5));  // the end of this one and the beginning of the next at once
    l.until([&] { return l.handler.only().frames.size() == n; });
    l.settle();
    REQUIRE_FALSE(l.handler.only().gone);
  }
  l.clock.now_ms += 30'001;
  l.settle();
  CHECK(l.handler.only().gone);
}

TEST_CASE(
    "Listener: while its answers are not taken a client is not late with its frame, nor idle while it takes them") {
  ListenerLimits limits;
  limits.queued_bytes_max = 1 << 20;
  limits.queued_bytes_low = 1 << 19;
  Listening l(limits);
  std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  os::Fd client = tcp_client(address);
  l.until([&] { return l.handler.seen.size() == 1; });
  const std::string frame = frame_of("a request");
  put(client, frame.substr(0, 5));
  l.until([&] { return l.listener.next_deadline_ms() == l.clock.now_ms + 30'000; });
  const std::string answer = frame_of(std::string(64 << 20, 'a'));
  const ConnectionId id = l.handler.only_id();
  l.listener.send(id, answer);  // more than the kernel takes, so that nothing is read meanwhile
  size_t taken = 0;
  int times = 0;
  for (size_t left = answer.size(); left >= limits.queued_bytes_low; times++) {
    l.until([&] {
      taken += take(client).size();
      return l.listener.queued_bytes(id) < left;
    });
    left = l.listener.queued_bytes(id);
    if (left < limits.queued_bytes_low) break;
    l.clock.now_ms += 400'000;
    l.settle();
    REQUIRE_FALSE(l.handler.only().gone);
  }
  CHECK(times >= 2);  // longer together than anybody may be idle
  l.clock.now_ms += 1001;
  l.until([&] {
    taken += take(client).size();
    return taken == answer.size();
  });
  l.settle();
  REQUIRE_FALSE(l.handler.only().gone);
  put(client, frame.substr(5));
  l.until([&] { return l.handler.only().frames.size() == 1; });
  CHECK(l.handler.only().frames[0] == "a request");
}

TEST_CASE("Listener: who waited long for its answer has as long as others for the next question") {
  Listening l;
  std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  os::Fd client = tcp_client(address);
  l.until([&] { return l.handler.seen.size() == 1; });
  put(client, frame_of("asks"));
  l.until([&] { return l.handler.only().frames.size() == 1; });
  l.listener.pause(l.handler.only_id());
  l.settle();
  l.clock.now_ms += 10'000'000;  // its request is worked on
  l.settle();
  l.listener.resume(l.handler.only_id());
  l.settle();
  l.clock.now_ms += 599'000;
  l.settle();
  CHECK_FALSE(l.handler.only().gone);
  l.clock.now_ms += 100'000;
  l.settle();
  CHECK(l.handler.only().gone);
}

TEST_CASE("Listener: beyond the limit nobody is let in, until somebody goes") {
  ListenerLimits limits;
  limits.connections_max = 2;
  Listening l(limits);
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd a = l.raw_client();
  os::Fd b = l.raw_client();
  os::Fd c = l.raw_client();
  l.settle();
  CHECK(l.handler.seen.size() == 2);
  bool ended = false;
  take(c, &ended);
  CHECK(ended);
  a.close();
  l.settle();
  os::Fd d = l.raw_client();
  l.settle();
  CHECK(l.handler.seen.size() == 3);
}

TEST_CASE("Listener: without descriptors it lets nobody in for a while, and does not spin") {
#ifdef __SANITIZE_ADDRESS__
  WARN("not under this sanitizer: it needs a descriptor of its own to look at memory");
  return;
#else
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd client = l.raw_client();
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  int next = ::dup(0);
  ::close(next);
  rlimit none{static_cast<rlim_t>(next), before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  l.round();
  size_t woken = l.round();
  ::setrlimit(RLIMIT_NOFILE, &before);
  CHECK(woken == 0);
  CHECK(l.handler.seen.empty());
  l.clock.now_ms = l.listener.next_deadline_ms().value();
  l.until([&] { return l.handler.seen.size() == 1; });
#endif
}

TEST_CASE("Listener: clients that come, speak and go in any order leave nothing behind") {
  unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  l.handler.then = [&](ConnectionId id, Bytes frame) {
    switch (random() % 8) {
      case 0:
        l.listener.close(id);
        break;
      case 1:
        l.listener.pause(id);
        break;
      default:
        l.listener.send(id, frame_of(frame));
    }
  };
  std::vector<os::Fd> clients;
  for (int step = 0; step < 5000; step++) {
    size_t which = clients.empty() ? 0 : random() % clients.size();
    switch (random() % 8) {
      case 0:
        if (clients.size() < 50) clients.push_back(l.raw_client());
        break;
      case 1:
        if (!clients.empty()) clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(which));
        break;
      case 2:
        if (!clients.empty()) take(clients[which]);
        break;
      case 3:
        for (auto& [id, seen] : l.handler.seen) l.listener.resume(id);
        break;
      default:
        if (!clients.empty()) {
          std::string bytes = frame_of(std::string(random() % 2000, 'x'));
          Bytes parts[] = {Bytes(bytes).substr(0, random() % 4 ? bytes.size() : random() % bytes.size())};
          (void)os::send(clients[which].value(), parts);
        }
    }
    if (random() % 3 == 0) l.round();
  }
  clients.clear();
  l.handler.then = nullptr;
  l.until([&] {
    for (auto& [id, seen] : l.handler.seen) l.listener.resume(id);
    return l.listener.connections() == 0;
  });
  for (auto& [id, seen] : l.handler.seen) CHECK(seen.gone);
}
