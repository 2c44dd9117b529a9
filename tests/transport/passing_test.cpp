// Descriptors that go along with frames, from the answering end to the asking one and back.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>

#include "transport/listening.h"

using namespace test;

namespace {

size_t open_descriptors() {
  size_t count = 0;
  for (int fd = 0; fd < 1024; fd++) count += ::fcntl(fd, F_GETFD) >= 0;
  return count;
}

// A file of memory that is known by what is in it.
os::Fd named(const std::string& what) {
  os::Fd fd(::memfd_create("test", MFD_CLOEXEC));
  REQUIRE(fd.is_open());
  REQUIRE(::pwrite(fd.value(), what.data(), what.size(), 0) == static_cast<ssize_t>(what.size()));
  return fd;
}
std::string name_of(const os::Fd& fd) {
  char bytes[64];
  if (!fd.is_open()) return "none";
  ssize_t n = ::pread(fd.value(), bytes, sizeof bytes, 0);
  return n < 0 ? "unreadable" : std::string(bytes, static_cast<size_t>(n));
}

// A listener with one client that has said something.
struct Pair {
  Pair() {
    REQUIRE(l.listener.start_unix(l.path()));
    channel.emplace(Channel::connect_unix(l.path()).value());
    channel->send(frame_of("hello"));
    l.until([&] { return channel->advance().ok() && !l.handler.seen.empty() && !l.handler.only().frames.empty(); });
  }
  ConnectionId id() { return l.handler.only_id(); }
  // What arrives, frame by frame, and which descriptor was there when it could be taken.
  void read_until(size_t count) {
    l.until([&] {
      REQUIRE(channel->advance().ok());
      while (auto frame = channel->next_frame()) got.push_back(std::move(*frame));
      return got.size() >= count;
    });
  }

  Listening l;
  std::optional<Channel> channel;
  std::vector<std::string> got;
};

}  // namespace

TEST_CASE("Passing: a descriptor arrives with its frame, and can be taken once") {
  Pair p;
  os::Fd given = named("region");
  p.l.listener.send_with(p.id(), frame_of("answer"), given.value());
  CHECK(name_of(p.channel->take_passed()) == "none");
  p.read_until(1);
  CHECK(p.got == std::vector<std::string>{"answer"});
  os::Fd taken = p.channel->take_passed();
  CHECK(taken.value() != given.value());
  CHECK(name_of(taken) == "region");
  CHECK((::fcntl(taken.value(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(name_of(p.channel->take_passed()) == "none");
  CHECK(name_of(given) == "region");  // still the giver's
}

TEST_CASE("Passing: never before its frame, and never after it, wherever it is among others") {
  size_t which = GENERATE(size_t{0}, size_t{1}, size_t{63}, size_t{64}, size_t{65}, size_t{128}, size_t{199});
  CAPTURE(which);
  Pair p;
  os::Fd given = named("region");
  std::vector<std::string> sent;
  for (size_t i = 0; i < 200; i++) {
    sent.push_back(std::to_string(i));
    if (i == which) p.l.listener.send_with(p.id(), frame_of(sent.back()), given.value());
    else p.l.listener.send(p.id(), frame_of(sent.back()));
  }
  // All of it is in the socket, and is taken in small pieces.
  p.l.settle();
  std::string stream;
  size_t begins = 0;  // where its frame does
  for (size_t i = 0; i < which; i++) begins += 4 + sent[i].size();
  bool here = false;
  for (;;) {
    char bytes[3];
    os::Fd passed;
    auto n = os::receive(p.channel->fd(), bytes, passed).value();
    if (!n) break;
    if (passed.is_open()) {
      CHECK_FALSE(here);
      here = true;
      // With the first byte of its frame; some before it may come along.
      CHECK(stream.size() <= begins);
      CHECK(begins < stream.size() + *n);
      CHECK(name_of(passed) == "region");
    }
    stream.append(bytes, *n);
  }
  std::string wanted;
  for (const auto& s : sent) wanted += frame_of(s);
  CHECK(stream == wanted);
  CHECK(here);
}

TEST_CASE("Passing: through a full socket, with large frames before it, in it and behind it") {
  Pair p;
  os::Fd given = named("region");
  unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  auto body = [&](size_t size) {
    std::string s(size, 'x');
    for (size_t at = 0; at < size; at += 501) s[at] = static_cast<char>(random());
    return s;
  };
  std::vector<std::string> sent{body(3 << 20), body(10), body(5 << 20), body(0), body(2 << 20), body(7)};
  size_t which = GENERATE(range(0, 6));
  for (size_t i = 0; i < sent.size(); i++) {
    if (i == which) p.l.listener.send_with(p.id(), frame_of(sent[i]), given.value());
    else p.l.listener.send(p.id(), frame_of(sent[i]));
  }
  for (int i = 0; i < 5; i++) p.l.round();
  REQUIRE(p.l.listener.queued_bytes(p.id()) > 0);  // the socket took no more
  size_t came_with = SIZE_MAX;
  p.l.until([&] {
    REQUIRE(p.channel->advance().ok());
    while (auto frame = p.channel->next_frame()) p.got.push_back(std::move(*frame));
    if (os::Fd passed = p.channel->take_passed(); passed.is_open()) {
      CHECK(came_with == SIZE_MAX);
      came_with = p.got.size();
      CHECK(name_of(passed) == "region");
    }
    return p.got.size() == sent.size();
  });
  CHECK(p.got == sent);
  // It is there by the time that its frame is whole, at the latest.
  CHECK(came_with <= which + 1);
}

TEST_CASE("Passing: a second one while the first has not left goes without, and a later one goes") {
  Pair p;
  os::Fd first = named("first"), second = named("second"), third = named("third");
  p.l.listener.send_with(p.id(), frame_of("1"), first.value());
  p.l.listener.send_with(p.id(), frame_of("2"), second.value());
  p.read_until(2);
  CHECK(name_of(p.channel->take_passed()) == "first");
  p.l.listener.send_with(p.id(), frame_of("3"), third.value());
  p.read_until(3);
  CHECK(name_of(p.channel->take_passed()) == "third");
  CHECK(p.got == std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE("Passing: of many that nobody takes the last one is kept, and no descriptor leaks") {
  size_t before = open_descriptors();
  {
    Pair p;
    os::Fd given = named("x");
    size_t with_pair = open_descriptors();
    for (size_t i = 0; i < 50; i++) {
      p.l.listener.send_with(p.id(), frame_of("y"), given.value());
      p.read_until(i + 1);
    }
    CHECK(open_descriptors() == with_pair + 1);
    os::Fd last = named("last");
    p.l.listener.send_with(p.id(), frame_of("z"), last.value());
    p.read_until(51);
    CHECK(name_of(p.channel->take_passed()) == "last");
    CHECK(open_descriptors() == with_pair + 1);  // `last` itself
    p.l.listener.send_with(p.id(), frame_of("z"), last.value());
    p.read_until(52);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("Passing: what goes wrong on the way leaves no descriptor open") {
  size_t before = open_descriptors();
  os::Fd given = named("x");
  SECTION("the client goes before it reads") {
    Pair p;
    p.l.listener.send_with(p.id(), frame_of("y"), given.value());
    p.l.settle();
    p.channel->close();
    p.l.until([&] { return p.l.handler.only().gone; });
    p.channel.reset();
  }
  SECTION("the client goes before it is sent") {
    Pair p;
    p.l.listener.send(p.id(), frame_of(std::string(4 << 20, 'x')));
    p.l.listener.send_with(p.id(), frame_of("y"), given.value());
    p.l.round();
    p.channel->close();
    p.l.until([&] { return p.l.handler.only().gone; });
  }
  SECTION("the broker closes right behind it") {
    Pair p;
    p.l.listener.send_with(p.id(), frame_of("y"), given.value());
    p.l.listener.close(p.id());
    p.l.settle();
    while (p.channel->advance().ok()) {}
    CHECK(p.channel->next_frame() == "y");
    CHECK(name_of(p.channel->take_passed()) == "x");
  }
  SECTION("the connection is not known, or is closing") {
    Pair p;
    p.l.listener.send_with(ConnectionId(77), frame_of("y"), given.value());
    ConnectionId id = p.id();
    p.l.listener.close(id);
    p.l.listener.send_with(id, frame_of("y"), given.value());
    p.l.settle();
    CHECK(p.l.handler.only().gone);
    p.l.listener.send_with(id, frame_of("y"), given.value());
    while (p.channel->advance().ok()) {}
    CHECK(name_of(p.channel->take_passed()) == "none");
  }
  SECTION("a frame that is none comes with it") {
    TempDir dir;
    os::Fd listener = os::listen_unix(dir / "s").value();
    Channel channel = Channel::connect_unix(dir / "s", 1000).value();
    os::Fd server = std::move(*os::accept(listener.value()).value());
    std::string bytes;
    append_be(bytes, int32_t{-1});
    REQUIRE(os::send_with(server.value(), bytes, given.value()).ok());
    CHECK_FALSE(channel.advance().ok());
  }
  given.close();
  CHECK(open_descriptors() == before);
}

TEST_CASE("Passing: over TCP the frame goes alone") {
  Listening l;
  std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  Channel channel =
      Channel::connect_tcp("127.0.0.1", static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))))
          .value();
  channel.send(frame_of("hello"));
  l.until([&] { return channel.advance().ok() && !l.handler.seen.empty() && !l.handler.only().frames.empty(); });
  os::Fd given = named("x");
  l.listener.send_with(l.handler.only_id(), frame_of("y"), given.value());
  std::optional<std::string> got;
  l.until([&] {
    REQUIRE(channel.advance().ok());
    got = channel.next_frame();
    return got.has_value();
  });
  CHECK(got == "y");
  CHECK(name_of(channel.take_passed()) == "none");
}

TEST_CASE("Passing: both ways at once") {
  Pair p;
  os::Fd given = named("region");
  auto memory = FrameMemory::create(1 << 16).value();
  p.l.handler.then = [&](ConnectionId id, Bytes frame) {
    if (frame == "piece") p.l.listener.send_with(id, frame_of("answer"), given.value());
  };
  auto room = std::move(*memory->take(5));
  std::copy_n("piece", 5, room.bytes().begin());
  p.channel->offer(*memory);
  p.channel->send(encode_note(*memory->place_of({room.bytes().data(), 5}), 5));
  p.read_until(1);
  CHECK(p.l.handler.only().frames == std::vector<std::string>{"hello", "piece"});
  CHECK(name_of(p.channel->take_passed()) == "region");
}

TEST_CASE("Passing: more descriptors than one in a message are closed, all but one") {
  TempDir dir;
  os::Fd listener = os::listen_unix(dir / "s").value();
  Channel channel = Channel::connect_unix(dir / "s").value();
  os::Fd server = std::move(*os::accept(listener.value()).value());
  os::Fd one = named("one"), two = named("two"), three = named("three");
  size_t before = open_descriptors();
  std::string bytes = frame_of("x");
  iovec vector{bytes.data(), bytes.size()};
  alignas(cmsghdr) char room[CMSG_SPACE(3 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof room;
  cmsghdr* c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(3 * sizeof(int));
  int fds[3] = {one.value(), two.value(), three.value()};
  std::memcpy(CMSG_DATA(c), fds, sizeof fds);
  REQUIRE(::sendmsg(server.value(), &message, MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  REQUIRE(channel.advance().ok());
  CHECK(channel.next_frame() == "x");
  CHECK(open_descriptors() <= before + 1);
  CHECK(name_of(channel.take_passed()) == "one");
  CHECK(open_descriptors() == before);
}

namespace {

// Frames with a descriptor, as a client passes them.
void put_with(const os::Fd& to, const std::string& frame, int fd) {
  REQUIRE(os::send_with(to.value(), frame, fd).value() == frame.size());
}

// What `fd` is another descriptor of: the same file.
bool is_same_file(const os::Fd& a, const os::Fd& b) {
  struct stat x {
  }, y{};
  return ::fstat(a.value(), &x) == 0 && ::fstat(b.value(), &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

}  // namespace

TEST_CASE("Listener: what a client passed is never closed by the thread that decides") {
  Listening l;
  l.handler.keeps_disposed = true;
  REQUIRE(l.listener.start_unix(l.path()));
  os::Fd client = l.raw_client();
  os::Fd memory = named("memory"), second = named("second");
  TempDir dir;
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  os::Fd slow(::open((dir / "fifo").c_str(), O_RDWR | O_NONBLOCK));
  SECTION("what is no memory goes at once, and its frame counts") {
    put_with(client, frame_of("x"), slow.value());
    l.settle();
    REQUIRE(l.handler.disposed.size() == 1);
    CHECK(is_same_file(l.handler.disposed[0], slow));
    CHECK(l.handler.only().frames == std::vector<std::string>{"x"});
  }
  SECTION("memory that another one takes the place of") {
    put_with(client, frame_of("x"), memory.value());
    l.settle();
    CHECK(l.handler.disposed.empty());
    put_with(client, frame_of("y"), second.value());
    l.settle();
    REQUIRE(l.handler.disposed.size() == 1);
    CHECK(name_of(l.handler.disposed[0]) == "memory");
  }
  SECTION("memory that is offered, and offered again, at the end of the connection") {
    put_with(client, encode_offer(), memory.value());
    l.settle();
    put_with(client, encode_offer(), second.value());
    l.settle();
    REQUIRE(l.handler.disposed.size() == 1);
    CHECK(name_of(l.handler.disposed[0]) == "memory");
    client.close();
    l.until([&] { return l.handler.only().gone; });
    REQUIRE(l.handler.disposed.size() == 2);
    CHECK(name_of(l.handler.disposed[1]) == "second");
  }
  SECTION("what lies in the socket unread: the socket itself goes, and its client sees the end at once") {
    put(client, frame_of("x"));
    l.settle();
    l.listener.pause(l.handler.only_id());
    l.settle();
    put_with(client, frame_of("never read"), slow.value());
    l.listener.close(l.handler.only_id());
    l.until([&] { return l.handler.only().gone; });
    REQUIRE(l.handler.disposed.size() == 1);
    bool ended = false;
    take(client, &ended);
    CHECK(ended);
  }
  SECTION("a connection in which nothing lies is closed right there") {
    put(client, frame_of("x"));
    l.settle();
    client.close();
    l.until([&] { return l.handler.only().gone; });
    CHECK(l.handler.disposed.empty());
  }
}
