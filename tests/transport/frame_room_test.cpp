#include "transport/frame_room.h"

#include <catch2/catch.hpp>
#include <map>

using namespace bobbin;
using namespace bobbin::transport;

namespace {

constexpr size_t KiB = 1024, MiB = 1024 * KiB;

// Connections of which the size of a frame has arrived.
struct Room {
  explicit Room(size_t bytes_max) : memory(bytes_max), room(memory) {}
  Connection& begins(size_t frame_bytes) {
    auto made = std::make_unique<Connection>();
    made->id = ConnectionId(connections.size() + 1);
    made->memory_share = memory.take(0);
    std::span<char> into = made->arrived.room();
    store_be(into.data(), static_cast<int32_t>(frame_bytes));
    made->arrived.filled(4);
    return *(connections[made->id] = std::move(made));
  }
  std::vector<uint64_t> feed() {
    std::vector<uint64_t> fed;
    room.feed(
        [&](ConnectionId id) {
          auto it = connections.find(id);
          return it == connections.end() ? nullptr : it->second.get();
        },
        [&](Connection& c) { fed.push_back(c.id.value); });
    return fed;
  }

  Budget memory;
  FrameRoom room;
  std::map<ConnectionId, std::unique_ptr<Connection>> connections;
};

}  // namespace

TEST_CASE("FrameRoom: small frames need none, a larger one takes all of its own before it is read on") {
  Room r(4 * MiB);
  Connection& small = r.begins(16 * KiB);
  CHECK(r.room.take(small));
  CHECK(r.memory.used() == 0);
  Connection& large = r.begins(MiB);
  CHECK(r.room.take(large));
  CHECK(r.memory.used() == MiB);
  CHECK(r.room.take(large));  // it has its room
  CHECK(r.memory.used() == MiB);
  CHECK_FALSE(r.room.is_wanted());
}

TEST_CASE("FrameRoom: one that is larger than all there is is read alone") {
  Room r(16 * KiB);
  Connection& huge = r.begins(5 * MiB);
  CHECK(r.room.take(huge));
  CHECK(r.memory.used() == 5 * MiB);
  Connection& next = r.begins(20 * KiB);
  CHECK_FALSE(r.room.take(next));
  CHECK(r.feed().empty());
  huge.memory_share.resize(0);
  CHECK(r.feed() == std::vector<uint64_t>{next.id.value});
  CHECK(r.memory.used() == 20 * KiB);
}

TEST_CASE("FrameRoom: the largest leave a quarter to others, and wait in the order in which they came") {
  Room r(8 * MiB);
  Connection& first = r.begins(5 * MiB);
  Connection& second = r.begins(2 * MiB);
  Connection& third = r.begins(1100 * KiB);
  CHECK(r.room.take(first));
  CHECK_FALSE(r.room.take(second));  // 7 of 8
  CHECK_FALSE(r.room.take(third));   // not before the second, though there would be room
  CHECK((second.starved && third.starved && r.room.is_wanted()));
  CHECK(r.feed().empty());
  Connection& common = r.begins(MiB);
  CHECK(r.room.take(common));
  first.memory_share.resize(0);
  CHECK(r.feed() == std::vector<uint64_t>{2, 3});
  CHECK_FALSE(second.starved);
  CHECK_FALSE(r.room.is_wanted());
}

TEST_CASE("FrameRoom: who has gone leaves the queue to those behind him") {
  Room r(4 * MiB);
  Budget::Share all = r.memory.take(4 * MiB);
  Connection& gone = r.begins(2 * MiB);
  Connection& closing = r.begins(2 * MiB);
  Connection& stays = r.begins(2 * MiB);
  for (Connection* c : {&gone, &closing, &stays}) CHECK_FALSE(r.room.take(*c));
  closing.closing = true;
  r.connections.erase(gone.id);
  all.resize(0);
  CHECK(r.feed() == std::vector<uint64_t>{3});
  CHECK(r.memory.used() == 2 * MiB);
}

TEST_CASE("FrameRoom: one that is larger than three quarters comes when there is nothing else") {
  Room r(4 * MiB);
  Connection& other = r.begins(MiB);
  CHECK(r.room.take(other));
  Connection& huge = r.begins(4 * MiB);
  CHECK_FALSE(r.room.take(huge));
  CHECK(r.feed().empty());
  other.memory_share.resize(0);
  CHECK(r.feed() == std::vector<uint64_t>{2});
}

TEST_CASE("FrameRoom: where there is little, one whose size is not known yet gets little") {
  Room r(4 * MiB);
  Connection& c = r.begins(20 * KiB);
  CHECK_FALSE(r.room.is_scarce_for(c));
  Budget::Share most = r.memory.take(3 * MiB);
  CHECK(r.room.is_scarce_for(c));
  CHECK(r.room.take(c));
  CHECK_FALSE(r.room.is_scarce_for(c));  // its room is taken
}
