#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "os/poller.h"
#include "os/stdio.h"
#include "os/wait.h"

using namespace bobbin;
using namespace bobbin::os;

namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    out = Fd(ends[0]);
    in = Fd(ends[1]);
  }
  Fd out;
  Fd in;
};

}  // namespace

TEST_CASE("Fd: is the one owner") {
  Pipe p;
  int number = p.in.value();
  Fd moved = std::move(p.in);
  CHECK(!p.in.is_open());
  CHECK(moved.value() == number);
  moved = Fd();
  CHECK(!is_open(number));
}

TEST_CASE("Poller: tells what is ready under its token, again and again, until it is removed") {
  Poller poller = Poller::open().value();
  Pipe p;
  REQUIRE(poller.add(p.out.value(), 7, {.read = true}));
  CHECK(poller.wait(0).value().empty());
  REQUIRE(write_all(p.in.value(), "x"));
  for (int i = 0; i < 2; i++) {
    auto ready = poller.wait(1000).value();
    REQUIRE(ready.size() == 1);
    CHECK(ready[0].token == 7);
    CHECK(ready[0].readable);
    CHECK(!ready[0].hangup);
  }
  REQUIRE(poller.modify(p.out.value(), 8, {}));
  CHECK(poller.wait(0).value().empty());
  p.in.close();
  auto ready = poller.wait(1000).value();
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].token == 8);
  CHECK(ready[0].hangup);
  poller.remove(p.out.value());
  CHECK(poller.wait(0).value().empty());
}

TEST_CASE("Poller: refuses what cannot be waited for") {
  Poller poller = Poller::open().value();
  CHECK(!poller.add(12345, 1, {.read = true}));
}

TEST_CASE("wait: tells of bytes, of room, and of nothing at all") {
  Pipe p;
  WaitFd waits[] = {{p.out.value(), true}, {p.in.value(), false, true}, {-1, true}};
  CHECK(wait(waits, 1000).value() == 1);
  CHECK(!waits[0].readable);
  CHECK(waits[1].writable);
  REQUIRE(write_all(p.in.value(), "x"));
  CHECK(wait(waits, 1000).value() == 2);
  CHECK(waits[0].readable);
  CHECK(!waits[2].readable);
}

TEST_CASE("wait: the reader of a pipe has gone, though nothing was asked for") {
  Pipe p;
  WaitFd waits[] = {{p.in.value()}};
  CHECK(wait(waits, 0).value() == 0);
  p.out.close();
  CHECK(wait(waits, 1000).value() == 1);
  CHECK(waits[0].hangup);
  CHECK(!waits[0].writable);
}

TEST_CASE("wait: the end of the input is readable") {
  Pipe p;
  p.in.close();
  WaitFd waits[] = {{p.out.value(), true}};
  CHECK(wait(waits, 1000).value() == 1);
  CHECK(waits[0].readable);
}

TEST_CASE("wait: more descriptors than a handful, and one that is not open") {
  Pipe p;
  std::vector<WaitFd> waits(100, WaitFd{p.in.value(), false, true});
  CHECK(wait(waits, 1000).value() == 100);
  waits[50].fd = 12345;
  CHECK(wait(waits, 0).error().code == Errc::io_error);
}
