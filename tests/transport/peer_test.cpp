// Peer: who is let in.
#include "transport/peer.h"

#include <catch2/catch.hpp>

using namespace bobbin::transport;

namespace {

constexpr uint32_t own = 1000;

Peer local(std::optional<uint32_t> uid) {
  Peer peer;
  peer.uid = uid;
  peer.address = "127.0.0.1:40001";
  peer.local_address = "127.0.0.1:9092";
  return peer;
}

Peer remote(bool by_open_door) {
  Peer peer;
  peer.address = "192.0.2.7:40001";
  peer.local_address = "192.0.2.1:9092";
  peer.is_of_this_machine = false;
  peer.came_by_open_door = by_open_door;
  return peer;
}

}  // namespace

TEST_CASE("Peer: of this machine the broker's own user and root come in") {
  CHECK_FALSE(why_refused(local(own), own));
  CHECK_FALSE(why_refused(local(0), own));
  CHECK_FALSE(why_refused(local(0), 0));
  CHECK(why_refused(local(own + 1), own) == "refused a connection of uid 1001: the cluster belongs to uid 1000");
  CHECK(why_refused(local(own), 0) == "refused a connection of uid 1000: the cluster belongs to uid 0");
  CHECK(why_refused(local(UINT32_MAX), own));
}

TEST_CASE("Peer: who cannot be told is a stranger, also at a door that is open to other machines") {
  Peer peer = local(std::nullopt);
  const std::string why = "refused a connection of 127.0.0.1:40001: it closed before the kernel could tell whose it is";
  CHECK(why_refused(peer, own) == why);
  CHECK(why_refused(peer, 0) == why);
  peer.came_by_open_door = true;
  CHECK(why_refused(peer, own) == why);
  Peer other = local(own + 1);
  other.came_by_open_door = true;
  CHECK(why_refused(other, own));
}

TEST_CASE("Peer: of other machines everybody comes by an open door, and nobody by another") {
  CHECK_FALSE(why_refused(remote(true), own));
  CHECK(why_refused(remote(false), own) ==
        "refused a connection of 192.0.2.7:40001: 192.0.2.1:9092 is not open to other machines");
  Peer named = remote(false);
  named.uid = own;  // whatever it may be called
  CHECK(why_refused(named, own));
}
