#include "transport/listening.h"

using namespace test;

namespace {

uint16_t port_of(const std::string& address) {
  return static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

// What `channel` is told until it has so many frames.
std::vector<std::string> frames(Listening& l, Channel& channel, size_t count) {
  std::vector<std::string> out;
  l.until([&] {
    Status status = channel.advance();
    while (auto frame = channel.next_frame()) out.push_back(std::move(*frame));
    return out.size() >= count || !status;
  });
  return out;
}

}  // namespace

TEST_CASE("Channel: asks over a unix socket and is answered in order") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  l.handler.then = [&](ConnectionId id, Bytes frame) { l.listener.send(id, frame_of("re: " + std::string(frame))); };
  Channel channel = Channel::connect_unix(l.path()).value();
  CHECK(channel.is_open());
  CHECK(!channel.wants_write());
  channel.send(frame_of("a"));
  channel.send(frame_of("b"));
  CHECK(channel.wants_write());
  CHECK(frames(l, channel, 2) == std::vector<std::string>{"re: a", "re: b"});
  CHECK(!channel.wants_write());
  CHECK(channel.unsent_bytes() == 0);
  CHECK(channel.peer_credentials().ok());
}

TEST_CASE("Channel: large frames pass both ways") {
  Listening l;
  bool tcp = GENERATE(false, true);
  std::string address = l.listener.start_tcp("localhost", 0).value();
  REQUIRE(l.listener.start_unix(l.path()));
  l.handler.then = [&](ConnectionId id, Bytes frame) { l.listener.send(id, frame_of(frame)); };
  Channel channel =
      std::move(tcp ? Channel::connect_tcp("localhost", port_of(address)) : Channel::connect_unix(l.path())).value();
  std::vector<std::string> sent;
  for (size_t size : {size_t{5} << 20, size_t{0}, size_t{1}, size_t{1} << 20, size_t{70000}, size_t{20} << 20}) {
    std::string body(size, 'x');
    for (size_t at = 0; at < size; at += 1009) body[at] = static_cast<char>(at / 1009);
    channel.send(frame_of(body));
    sent.push_back(std::move(body));
  }
  CHECK(frames(l, channel, sent.size()) == sent);
}

TEST_CASE("Channel: a thousand small questions in flight at once") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  l.handler.then = [&](ConnectionId id, Bytes frame) { l.listener.send(id, frame_of(frame)); };
  Channel channel = Channel::connect_unix(l.path()).value();
  std::vector<std::string> sent;
  for (int i = 0; i < 1000; i++) {
    sent.push_back(std::to_string(i));
    channel.send(frame_of(sent.back()));
  }
  CHECK(frames(l, channel, sent.size()) == sent);
}

TEST_CASE("Channel: connecting over TCP ends open, or refused with the reason") {
  Listening l;
  std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  Channel channel = Channel::connect_tcp("localhost", port_of(address)).value();
  CHECK(channel.wants_write());
  channel.send(frame_of("early"));  // may be asked before it is open
  l.until([&] { return channel.advance().ok() && !l.handler.seen.empty() && !l.handler.only().frames.empty(); });
  CHECK(channel.is_open());
  l.listener.stop_tcp();
  auto refused = Channel::connect_tcp("localhost", port_of(address));
  if (refused) {
    l.until([&] { return !refused->advance().ok(); });
    CHECK(refused->state() == Channel::State::closed);
    CHECK(refused->fd() == -1);
    CHECK(refused->reason()->code == Errc::no_answer);
    CHECK(refused->reason()->message.find("localhost:") == 0);
  } else {
    CHECK(refused.error().code == Errc::no_answer);
  }
}

TEST_CASE("Channel: of a host's addresses the one is found at which somebody listens") {
  for (const char* host : {"127.0.0.1", "::1"}) {
    CAPTURE(host);
    Listening l;
    auto address = l.listener.start_tcp(host, 0);
    if (!address) continue;  // this machine has no such address
    Channel channel = Channel::connect_tcp("localhost", port_of(*address)).value();
    channel.send(frame_of("x"));
    l.until([&] { return channel.advance().ok() && !l.handler.seen.empty() && !l.handler.only().frames.empty(); });
    CHECK(channel.is_open());
  }
}

TEST_CASE("Channel: nobody there is told at once") {
  TempDir dir;
  CHECK(Channel::connect_unix(dir / "none").error().code == Errc::not_found);
  os::listen_unix(dir / "stale").value().close();
  CHECK(Channel::connect_unix(dir / "stale").error().code == Errc::no_answer);
}

TEST_CASE("Channel: what came before the end can be taken after it") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  l.handler.then = [&](ConnectionId id, Bytes) {
    l.listener.send(id, frame_of("one"));
    l.listener.send(id, frame_of("two"));
    l.listener.close(id);
  };
  Channel channel = Channel::connect_unix(l.path()).value();
  channel.send(frame_of("x"));
  REQUIRE(channel.advance());
  l.until([&] { return l.handler.seen.size() == 1 && l.handler.only().gone; });
  channel.send(frame_of("nobody reads this"));
  Status status;
  while ((status = channel.advance()).ok()) {}
  CHECK(status.error().code == Errc::disconnected);
  CHECK(channel.next_frame() == "one");
  CHECK(channel.next_frame() == "two");
  CHECK(!channel.next_frame());
  CHECK(channel.advance().error().code == Errc::disconnected);
  channel.send(frame_of("x"));
  CHECK(!channel.wants_write());
}

TEST_CASE("Channel: answers that came before the end are kept, also when a write is the first to notice that") {
  TempDir dir;
  os::Fd listener = os::listen_unix(dir / "s").value();
  Channel channel = Channel::connect_unix(dir / "s").value();
  os::Fd server = std::move(*os::accept(listener.value()).value());
  put(server, frame_of("one") + frame_of("two"));
  server.close();
  channel.send(frame_of("nobody reads this"));
  CHECK_FALSE(channel.flush());
  CHECK(channel.state() == Channel::State::closed);
  CHECK(channel.next_frame() == "one");
  CHECK(channel.next_frame() == "two");
  CHECK(!channel.next_frame());
}

TEST_CASE("Channel: an answer that is cut in the middle is never told") {
  TempDir dir;
  os::Fd listener = os::listen_unix(dir / "s").value();
  Channel channel = Channel::connect_unix(dir / "s").value();
  os::Fd server = std::move(*os::accept(listener.value()).value());
  put(server, frame_of("whole") + frame_of("half").substr(0, 6));
  server.close();
  while (channel.advance()) {}
  CHECK(channel.next_frame() == "whole");
  CHECK(!channel.next_frame());
}

TEST_CASE("Channel: an answer larger than allowed, or of negative size, closes it") {
  TempDir dir;
  os::Fd listener = os::listen_unix(dir / "s").value();
  bool behind_another = GENERATE(false, true);
  int32_t size = GENERATE(1001, -1, INT32_MAX);
  Channel channel = Channel::connect_unix(dir / "s", 1000).value();
  os::Fd server = std::move(*os::accept(listener.value()).value());
  std::string bytes = behind_another ? frame_of("good") : std::string();
  append_be(bytes, size);
  put(server, bytes);
  Status status = channel.advance();
  if (behind_another) {
    CHECK(status);
    CHECK(channel.next_frame() == "good");
    CHECK(!channel.next_frame());
    status = channel.advance();
  }
  REQUIRE(!status);
  CHECK(status.error().code == Errc::malformed);
  CHECK(channel.state() == Channel::State::closed);
}

TEST_CASE("Channel: close is silent and final") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  Channel channel = Channel::connect_unix(l.path()).value();
  l.settle();
  channel.close();
  l.settle();
  CHECK(l.handler.only().gone);
  CHECK(channel.fd() == -1);
  CHECK(!channel.advance());
}
