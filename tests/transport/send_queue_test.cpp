// SendQueue: bytes leave in their order, and a descriptor with the frame that it belongs to.
#include "transport/send_queue.h"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "os/memory_file.h"
#include "os/socket.h"

using namespace bobbin;
using namespace bobbin::transport;

namespace {

struct Pair {
  Pair() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    ours = os::Fd(ends[0]);
    theirs = os::Fd(ends[1]);
  }
  // What came in one step, and whether a descriptor did.
  struct Came {
    std::string bytes;
    bool passed = false;
  };
  Came receive(size_t bytes_max = 1 << 20) {
    std::string into(bytes_max, '\0');
    os::Fd passed;
    auto got = os::receive(theirs.value(), into, passed);
    REQUIRE(got.ok());
    into.resize(got->value_or(0));
    return {into, passed.is_open()};
  }
  std::string receive_all() {
    std::string all;
    for (Came came = receive(); !came.bytes.empty(); came = receive()) all += came.bytes;
    return all;
  }
  bool send() {
    auto sent = queue.send_some(ours.value());
    REQUIRE(sent.ok());
    return *sent;
  }
  void send_all() {
    for (int i = 0; i < 100 && !queue.empty(); i++) send();
    REQUIRE(queue.empty());
  }
  SendQueue queue;
  os::Fd ours, theirs;
};

os::MemoryFile memory() {
  auto made = os::MemoryFile::create("test", 4096);
  REQUIRE(made.ok());
  return std::move(*made);
}

}  // namespace

TEST_CASE("SendQueue: without frames nothing is sent, and nothing held") {
  Pair p;
  CHECK(p.queue.empty());
  CHECK(p.queue.bytes() == 0);
  CHECK(p.queue.held_bytes() == 0);
  CHECK_FALSE(p.send());
  CHECK(p.receive_all().empty());
}

TEST_CASE("SendQueue: frames leave in their order, more of them than one call takes, and empty ones with them") {
  Pair p;
  std::string wanted;
  for (int i = 0; i < 1000; i++) {
    std::string frame = i % 7 == 0 ? "" : std::to_string(i) + ",";
    wanted += frame;
    p.queue.push(frame);
  }
  CHECK(p.queue.bytes() == wanted.size());
  CHECK(p.queue.held_bytes() > wanted.size());  // each costs something
  std::string came;
  while (!p.queue.empty() && p.send()) came += p.receive_all();
  CHECK(came == wanted);
  CHECK(p.queue.empty());
  CHECK(p.queue.held_bytes() == 0);
}

TEST_CASE("SendQueue: what a full socket does not take is kept, held whole until its last byte has left") {
  Pair p;
  std::string large(8 << 20, 'x');
  for (size_t i = 0; i < large.size(); i++) large[i] = static_cast<char>(i * 31 >> 3);
  p.queue.push(large);
  p.queue.push("end");
  CHECK(p.send());
  const size_t left = p.queue.bytes();
  CHECK(left < large.size() + 3);
  CHECK(left > 3);
  CHECK(p.queue.held_bytes() >= large.size() + 3);
  CHECK_FALSE(p.send());  // full
  CHECK(p.queue.bytes() == left);
  std::string came = p.receive_all();
  CHECK(came.size() + left == large.size() + 3);
  while (!p.queue.empty()) {
    REQUIRE(p.send());
    came += p.receive_all();
  }
  CHECK(came == large + "end");
}

TEST_CASE("SendQueue: a descriptor goes with the frame that is pushed next, not before and not behind it") {
  Pair p;
  auto file = memory();
  p.queue.push("first");
  p.queue.pass_with_next(file.fd());
  p.queue.push("second");
  p.queue.push("third");
  p.send_all();
  // The kernel never joins bytes of two sendings where one has a descriptor and the other came before it.
  Pair::Came first = p.receive(5);
  CHECK(first.bytes == "first");
  CHECK_FALSE(first.passed);
  Pair::Came second = p.receive(6);
  CHECK(second.bytes == "second");
  CHECK(second.passed);
  Pair::Came third = p.receive();
  CHECK(third.bytes == "third");
  CHECK_FALSE(third.passed);
}

TEST_CASE("SendQueue: one descriptor at a time; when it has left, another one may") {
  Pair p;
  auto file = memory(), other = memory();
  p.queue.pass_with_next(file.fd());
  p.queue.push("a");
  p.queue.pass_with_next(other.fd());  // the first one has not left
  p.queue.push("b");
  p.send_all();
  CHECK(p.receive(1).passed);
  CHECK_FALSE(p.receive(1).passed);
  p.queue.pass_with_next(other.fd());
  p.queue.push("c");
  p.send_all();
  Pair::Came came = p.receive();
  CHECK(came.bytes == "c");
  CHECK(came.passed);
}

TEST_CASE("SendQueue: what is cleared is not sent, nor is a descriptor that was to go with it") {
  Pair p;
  auto file = memory();
  p.queue.pass_with_next(file.fd());
  p.queue.push("gone");
  p.queue.clear();
  CHECK(p.queue.empty());
  CHECK(p.queue.bytes() == 0);
  CHECK(p.queue.held_bytes() == 0);
  p.queue.push("new");
  CHECK(p.send());
  Pair::Came came = p.receive();
  CHECK(came.bytes == "new");
  CHECK_FALSE(came.passed);
}

TEST_CASE("SendQueue: who has gone is disconnected, and no signal") {
  Pair p;
  p.theirs.close();
  p.queue.push("x");
  CHECK(p.queue.send_some(p.ours.value()).error().code == Errc::disconnected);
  auto file = memory();
  SendQueue passing;
  passing.pass_with_next(file.fd());
  passing.push("x");
  CHECK(passing.send_some(p.ours.value()).error().code == Errc::disconnected);
}
