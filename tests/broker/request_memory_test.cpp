// RequestMemory: who is let in, and who waits.
#include "broker/request_memory.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace bobbin;
using namespace bobbin::broker;

namespace {

struct Nowhere : Wire {
  void send(ConnectionId, std::string) override {}
  void close(ConnectionId) override {}
  void pause(ConnectionId) override {}
  void resume(ConnectionId id) override { back.push_back(id.value); }
  std::vector<uint64_t> back;  // who is read again, or is not waited for any more
};

constexpr ConnectionId one{1}, two{2};

struct Room {
  explicit Room(size_t bytes_max) : budget(bytes_max), memory(budget, connections) {
    connections.open(one, {});
    connections.open(two, {});
  }
  // The frames that are handled now.
  std::vector<std::string> handled() {
    std::vector<std::string> frames;
    while (auto next = connections.next_kept_frame()) frames.push_back(next->second);
    return frames;
  }

  Nowhere wire;
  Connections connections{wire, [](ConnectionId, const Error&) {},
                          [this](ConnectionId id) { wire.back.push_back(id.value); }};
  Budget budget;
  RequestMemory memory;
};

using Frames = std::vector<std::string>;

}  // namespace

TEST_CASE("RequestMemory: small requests are let in whatever is held, others while there is room") {
  Room room(100'000);
  CHECK(room.memory.has_room(100'000));
  CHECK_FALSE(room.memory.has_room(100'001));
  auto held = room.memory.budget().take(90'000);
  CHECK(room.memory.has_room(RequestMemory::small_bytes));
  CHECK_FALSE(room.memory.has_room(RequestMemory::small_bytes + 1));
  held.resize(0);
  CHECK(room.memory.has_room(RequestMemory::small_bytes + 1));
}

TEST_CASE("RequestMemory: who waits is let in when what it needs has room, in order") {
  Room room(100'000);
  auto held = room.memory.budget().take(90'000);
  room.memory.wait(one, "first", 50'000);
  room.memory.wait(two, "second", 20'000);
  CHECK(room.memory.budget().used() == 90'000 + 5 + 6);
  room.memory.let_in();
  CHECK(room.wire.back.empty());
  CHECK(room.handled().empty());
  // The second one would have room, and does not overtake.
  held.resize(60'000);
  room.memory.let_in();
  CHECK(room.wire.back.empty());
  held.resize(40'000);
  room.memory.let_in();
  CHECK(room.wire.back == std::vector<uint64_t>{one.value});
  CHECK(room.handled() == Frames{"first"});
  room.memory.let_in();
  CHECK(room.handled() == Frames{"second"});
}

TEST_CASE("RequestMemory: one that wants more than there ever is comes in when nothing else is held") {
  Room room(1000);
  auto held = room.memory.budget().take(10);
  room.memory.wait(one, "huge", 1'000'000);
  room.memory.let_in();
  CHECK(room.handled().empty());
  held.resize(0);
  room.memory.let_in();
  CHECK(room.handled() == Frames{"huge"});
}

TEST_CASE("RequestMemory: who has gone meanwhile holds up nobody") {
  Room room(1000);
  auto held = room.memory.budget().take(900);
  room.memory.wait(one, "gone", 500);
  room.memory.wait(two, "there", 50);
  room.connections.gone(one);
  room.memory.let_in();
  CHECK(room.wire.back == std::vector<uint64_t>{one.value, two.value});
  CHECK(room.handled() == Frames{"there"});
}

TEST_CASE("RequestMemory: a connection has enough of it with many unanswered ones, or with one where nothing is left") {
  Room room(1000);
  std::vector<Reply> replies;
  replies.push_back(room.connections.begin(one));
  CHECK_FALSE(room.memory.has_enough_of(one));
  auto held = room.memory.budget().take(1000);
  CHECK(room.memory.has_enough_of(one));
  CHECK_FALSE(room.memory.has_enough_of(two));
  held.resize(0);
  while (replies.size() < 999) replies.push_back(room.connections.begin(one));
  CHECK_FALSE(room.memory.has_enough_of(one));
  replies.push_back(room.connections.begin(one));
  CHECK(room.memory.has_enough_of(one));
}
