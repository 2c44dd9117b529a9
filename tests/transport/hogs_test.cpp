#include <catch2/catch.hpp>

#include "transport/hogs.h"

using namespace bobbin;
using namespace bobbin::transport;

namespace {

constexpr size_t MiB = 1 << 20;
constexpr int64_t now = 100'000;

struct Neighbours {
  Budget memory;
  ConnectionTable table;

  Connection& add(uint64_t number) {
    auto& c = table[ConnectionId(number)] = std::make_unique<Connection>();
    c->id = ConnectionId(number);
    c->memory_share = memory.take(0);
    c->unsent_share = memory.take(0);
    c->active_ms = c->taken_ms = now;
    return *c;
  }
  // Has room for `room` bytes since `age_ms`, of which `sent` came, the last of them `silent_ms` ago.
  Connection& sender(uint64_t number, size_t room, int64_t age_ms, size_t sent, int64_t silent_ms = 0) {
    Connection& c = add(number);
    c.memory_share.resize(room);
    c.frame_began_ms = now - age_ms;
    c.active_ms = now - silent_ms;
    for (size_t got; sent > 0; sent -= got) {
      got = std::min(c.arrived.room().size(), sent);
      c.arrived.filled(got);
    }
    return c;
  }
  Connection& reader(uint64_t number, size_t unread, int64_t idle_ms) {
    Connection& c = add(number);
    c.unsent.push(std::string(unread, 'a'));
    c.unsent_share.resize(unread);
    c.taken_ms = now - idle_ms;
    return c;
  }
  uint64_t slowest() { return number(slowest_sender(table, now)); }
  uint64_t worst(int64_t idle_ms) { return number(worst_reader(table, now, idle_ms)); }
  static uint64_t number(const Connection* c) { return c ? c->id.value : 0; }
};

}  // namespace

TEST_CASE("Hogs: who has room for a request and does not send it, or too slowly, the one with most room first") {
  Neighbours n;
  CHECK(n.slowest() == 0);
  n.sender(1, 0, 60'000, 1000, 60'000);    // of a small frame: it holds nothing
  n.sender(2, 90 * MiB, 900, 0, 900);      // has only just begun
  n.sender(3, 90 * MiB, 20'000, 8 * MiB);  // 400 KB/s
  CHECK(n.slowest() == 0);
  n.sender(4, 10 * MiB, 20'000, 4 * MiB);  // 200 KB/s
  CHECK(n.slowest() == 4);
  n.sender(5, 11 * MiB, 20'000, 8 * MiB, 1001);  // was quick, and is silent
  CHECK(n.slowest() == 5);
  n.sender(6, 10 * MiB, 60'000, 0, 60'000);  // the slower one, but in less room
  CHECK(n.slowest() == 5);
}

TEST_CASE("Hogs: nobody is slow whose request waits for us, or who goes already") {
  Neighbours n;
  auto& c = n.sender(1, 90 * MiB, 60'000, 0, 60'000);
  CHECK(n.slowest() == 1);
  SECTION("paused") { c.paused = true; }
  SECTION("starved") { c.starved = true; }
  SECTION("closing") { c.closing = true; }
  SECTION("whole frames of it lie here") { c.frame_began_ms = 0; }
  CHECK(n.slowest() == 0);
}

TEST_CASE("Hogs: who holds room for a request and is not read because it does not read its answers is a hog of both") {
  Neighbours n;
  auto& c = n.sender(1, 90 * MiB, 60'000, 4 * MiB);
  c.choked = true;
  c.taken_ms = now - 999;
  CHECK(n.slowest() == 0);
  c.taken_ms = now - 1001;
  CHECK(n.slowest() == 1);
}

TEST_CASE("Hogs: who does not read most answers for long enough") {
  Neighbours n;
  n.reader(1, 8 * MiB, 4999);
  n.reader(2, 200 << 10, 60'000);  // too little to be of use
  CHECK(n.worst(5000) == 0);
  CHECK(n.worst(0) == 1);
  n.reader(3, MiB, 5000);
  CHECK(n.worst(5000) == 3);
  n.reader(4, 2 * MiB, 6000);
  n.reader(5, MiB, 60'000);
  CHECK(n.worst(5000) == 4);
  n.table.at(ConnectionId(4))->closing = true;
  CHECK(n.worst(5000) != 4);
  CHECK(n.worst(0) == 1);
}
