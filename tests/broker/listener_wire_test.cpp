// ListenerWire: a broker in memory whose clients are sockets of this machine.
#include "broker/listener_wire.h"

#include <fcntl.h>
#include <unistd.h>

#include "broker/group_broker.h"
#include "os/process.h"
#include "transport/listening.h"

namespace bobbin::test {

namespace {

struct Joined {
  Joined() {
    const BrokerId self{1};
    REQUIRE(home::make_root(world.storage, dir).ok());
    REQUIRE(home::create(world.storage, world.random, dir).ok());
    REQUIRE(world.storage.make_dir(dir.broker_dir(self)).ok());
    REQUIRE(world.storage.make_dir(dir.metadata_log_dir()).ok());
    broker = std::make_unique<broker::Broker>(
        world.world, wire, broker::BrokerOptions{self, dir, {}, "test", {}, {}},
        broker::BrokerHooks{[this](const std::string& line) { said.push_back(line); },
                            [](const std::string&, bool, const auto& done) {
                              done(Result<std::optional<metadata::Endpoint>>(std::nullopt));
                            },
                            nullptr});
    wire.serve(*broker);
    bool is_ready = false;
    broker->start([&](Status started) { is_ready = started.ok(); });
    for (int turns = 0; !is_ready && turns < 1000; turns++) run_all();
    REQUIRE(is_ready);
    REQUIRE(wire.listener().start_unix(temp / "s").ok());
  }
  ~Joined() { broker.reset(); }

  void run_all() {
    while (world.jobs.count() > 0) world.jobs.run();
    broker->run();
    wire.listener().finish_round();
  }
  // Rounds until a process would sleep until somebody sends something.
  void settle() {
    for (bool worked = true; worked;) {
      auto ready = poller.wait(0).value();
      for (const os::Ready& event : ready) wire.listener().on_ready(event);
      run_all();
      worked = !ready.empty() || wire.listener().has_work() || world.jobs.count() > 0;
    }
  }
  os::Fd client() {
    os::Fd made = std::move(os::connect_unix(temp / "s").value());
    settle();
    return made;
  }
  static std::string asking(int32_t correlation) {
    return protocol::encode_request(correlation, "test", 0, protocol::ApiVersionsRequest());
  }
  // The correlation ids of all answers that came.
  static std::vector<int32_t> answered(const os::Fd& client) {
    std::vector<int32_t> out;
    const std::string all = ::test::take(client);
    for (Bytes rest = all; rest.size() >= 8; rest.remove_prefix(4 + static_cast<size_t>(load_be<int32_t>(rest.data()))))
      out.push_back(load_be<int32_t>(rest.data() + 4));
    return out;
  }

  MemoryWorld world;
  home::ClusterDir dir{"/c"};
  ::test::TempDir temp;
  os::Poller poller = std::move(os::Poller::open().value());
  ManualJobs aside;
  std::vector<std::string> said;
  broker::ListenerWire wire{poller, world.clock, aside, {}};
  std::unique_ptr<broker::Broker> broker;
};

}  // namespace

TEST_CASE("Listener wire: what clients ask is answered, each to whom it belongs") {
  Joined j;
  os::Fd one = j.client(), other = j.client();
  CHECK(j.broker->connections().count() == 2);
  ::test::put(one, Joined::asking(7) + Joined::asking(8));
  ::test::put(other, Joined::asking(9));
  j.settle();
  CHECK(Joined::answered(one) == std::vector<int32_t>{7, 8});
  CHECK(Joined::answered(other) == std::vector<int32_t>{9});
  one.close();
  j.settle();
  CHECK(j.broker->connections().count() == 1);
}

// All come in one piece, and each waits for the disk: the second one is read when the first one is answered, at the end of
// a round, and nothing else happens that would make another one.
TEST_CASE("Listener wire: requests that came behind one that waits are answered without anybody else's help") {
  Joined j;
  os::Fd client = j.client();
  protocol::CreateTopicsRequest create;
  auto& topic = create.topics.emplace_back();
  topic.name = "orders";
  topic.num_partitions = topic.replication_factor = 1;
  create.timeout_ms = 1000;
  protocol::FindCoordinatorRequest find;
  find.key = "g";
  ::test::put(client, protocol::encode_request(1, "test", 7, create) + protocol::encode_request(2, "test", 3, find));
  j.settle();
  REQUIRE(Joined::answered(client) == std::vector<int32_t>{1, 2});
  std::string all;
  for (int32_t n : {3, 4, 5, 6}) all += protocol::encode_request(n, "test", 8, commit_request("g", n));
  ::test::put(client, all);
  j.settle();
  CHECK(Joined::answered(client) == std::vector<int32_t>{3, 4, 5, 6});
}

TEST_CASE("Listener wire: who is not let in is told of once, and the broker has no connection of it") {
  Joined j;
  transport::Peer stranger;
  stranger.unix = true;
  stranger.uid = os::current_uid() + 1;
  stranger.address = "unix";
  j.said.clear();
  const transport::ConnectionId id(1000);
  j.wire.on_connected(id, stranger);
  REQUIRE(j.said.size() == 1);
  CHECK(j.said[0].find(*transport::why_refused(stranger, os::current_uid())) != std::string::npos);
  CHECK(j.broker->connections().count() == 0);
  j.wire.on_disconnected(id);
  CHECK(j.broker->connections().count() == 0);
}

TEST_CASE("Listener wire: memory of a large frame is kept for a second after the last one") {
  Joined j;
  os::Fd client = j.client();
  ::test::put(client, Joined::asking(1));
  j.settle();
  CHECK_FALSE(j.wire.memory_due_ms());
  const std::string large = ::test::frame_of(std::string(64 << 10, '\0'));
  for (size_t at = 0; at < large.size(); at += 16 << 10) {
    ::test::put(client, Bytes(large).substr(at, 16 << 10));
    j.settle();
  }
  REQUIRE(j.wire.memory_due_ms() == j.world.clock.mono_ms() + 1000);
  j.world.clock.pass(999);
  j.wire.give_back_memory();
  CHECK(j.wire.memory_due_ms());
  j.wire.send_pieces(transport::ConnectionId(1000), {"one", "two"});  // it has gone
  CHECK(j.wire.memory_due_ms() == j.world.clock.mono_ms() + 1000);
  j.world.clock.pass(1000);
  j.wire.give_back_memory();
  CHECK_FALSE(j.wire.memory_due_ms());
}

TEST_CASE("Listener wire: what a client passed is closed aside") {
  Joined j;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  os::Fd reader(ends[0]);
  j.wire.dispose(os::Fd(ends[1]));
  REQUIRE(j.aside.count() == 1);
  CHECK(::fcntl(ends[1], F_GETFD) != -1);
  j.aside.run();
  CHECK(::fcntl(ends[1], F_GETFD) == -1);
}

}  // namespace bobbin::test
