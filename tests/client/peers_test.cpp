// Peers: who is connected to, and what callers hear when nobody can be.
#include "client/peers.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::client;

namespace {

// Brokers none of which can be connected to.
struct Unreachable {
  explicit Unreachable(const std::string& bootstrap = "host:1") {
    target.bootstrap = bootstrap;
    target.dir = "/cluster";
    target.timeout_ms = 500;
  }
  void know(int32_t id, const std::string& host) { topology.nodes[BrokerId(id)] = {BrokerId(id), host, 9092, {}}; }
  void pass(int64_t ms) { patience.tick(clock += ms, ms); }
  void call(BrokerId node, int64_t timeout_ms = 0) {
    Call call;
    call.node = node;
    call.timeout_ms = timeout_ms;
    call.done = [this](Result<RawAnswer> raw) { told.push_back(raw ? "" : raw.error().message); };
    peers.send(std::move(call));
  }

  int64_t clock = 1000;
  Target target;
  Topology topology;
  Patience patience{clock};
  Error why = error(Errc::disconnected, "the door is shut");
  std::vector<std::string> tried, told;
  Peers peers{target, topology, patience, [this](const Peer& peer) -> Result<transport::Channel> {
                tried.push_back(to_string(peer.id()) + " at " + peer.address().host);
                return why;
              }};
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("Peers: a broker that cannot be reached is tried again after its pause, and its calls hear why") {
  Unreachable u;
  u.know(1, "one");
  u.call(BrokerId(1));
  CHECK(u.peers.awaited() == "broker 1");
  CHECK_FALSE(u.peers.is_lost(BrokerId(1)));
  REQUIRE(u.peers.connect_due().ok());
  CHECK(u.peers.is_lost(BrokerId(1)));
  CHECK_FALSE(u.peers.is_lost(BrokerId(2)));
  CHECK(u.told.empty());  // never before it is asked to tell
  CHECK(u.peers.due_ms() == u.patience.now_ms());
  u.peers.tell_finished();
  CHECK(u.told == Texts{"the door is shut"});
  CHECK(u.peers.awaited().empty());
  CHECK(u.peers.due_ms() == INT64_MAX);

  u.peers.want(BrokerId(1));
  REQUIRE(u.peers.connect_due().ok());
  CHECK(u.tried.size() == 1);
  u.pass(20);
  REQUIRE(u.peers.connect_due().ok());
  CHECK(u.tried == Texts{"1 at one", "1 at one"});
  u.peers.want(BrokerId(1));
  u.peers.retry_at_once(BrokerId(1));
  REQUIRE(u.peers.connect_due().ok());
  CHECK(u.tried.size() == 3);
  CHECK(u.peers.ready(BrokerId(1)) == nullptr);
}

TEST_CASE("Peers: a call for any broker waits until its time is over, and hears what the trouble was") {
  Unreachable u;
  u.peers.add({"first", 1});
  CHECK_FALSE(u.peers.needs_any());
  u.call(any_node);
  u.call(any_node, 100);
  CHECK(u.peers.needs_any());
  CHECK(u.peers.awaited() == "a broker at host:1");
  CHECK(u.peers.due_ms() == u.patience.now_ms() + retry_pause_ms);
  u.peers.want_all();
  REQUIRE(u.peers.connect_due().ok());
  u.pass(100);
  u.peers.advance({});
  u.peers.tell_finished();
  const std::string nobody =
      "no broker at host:1 answered in time (the door is shut); is that the address of a Kafka listener?";
  CHECK(u.told == Texts{nobody});
  u.pass(400);
  u.peers.advance({});
  u.peers.tell_finished();
  CHECK(u.told == Texts{nobody, nobody});
  CHECK_FALSE(u.peers.needs_any());
}

TEST_CASE("Peers: whose cluster it is does not change by waiting, on this machine") {
  const bool is_local = GENERATE(false, true);
  Unreachable u(is_local ? "" : "host:1");
  u.why = error(Errc::permission_denied, "not yours");
  u.peers.want(BrokerId(1));
  CHECK(u.peers.connect_due().ok() != is_local);
  CHECK(u.peers.nobody_answered().message ==
        (is_local ? "no broker of /cluster answered in time (not yours); `bobbin broker status` tells what runs"
                  : "no broker at host:1 answered in time (not yours); is that the address of a Kafka listener?"));
}

TEST_CASE("Peers: a broker that moved is connected to where it is, one that is not told of only while it is used") {
  Unreachable u;
  u.know(1, "old");
  u.know(2, "old");
  u.know(3, "old");
  u.peers.want(BrokerId(1));
  u.peers.want(BrokerId(2));
  u.call(BrokerId(3));
  u.topology.nodes.clear();
  u.know(1, "new");
  u.peers.adopt_addresses();
  REQUIRE(u.peers.connect_due().ok());
  CHECK(u.tried == Texts{"1 at new", "3 at old"});
}
