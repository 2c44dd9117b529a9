// Peers: which brokers are watched, and what becomes of one that is gone.
#include "broker/replication/peers.h"

#include <catch2/catch.hpp>

#include "broker/some_peers.h"

using namespace bobbin;

namespace {

struct Watching : test::SomePeers {
  Watching() {
    for (int32_t id : {2, 3}) {
      register_broker(id);
      REQUIRE(w.storage.make_dir(dir.broker_dir(BrokerId(id))).ok());
      locks[id] = lock_of(id);
    }
    peers.follow(view.settings());
    peers.run();
  }
  std::unique_ptr<os::Lock> lock_of(int32_t id) {
    auto lock = w.storage.try_lock(dir.broker_lock(BrokerId(id)));
    REQUIRE(lock.ok());
    return std::move(*lock);
  }
  bool is_fenced(int32_t id) { return transactions.image().broker(BrokerId(id))->fenced; }
  void pass(int64_t ms) {
    w.clock.pass(ms);
    peers.run();
    w.jobs.run_all();
  }

  std::map<int32_t, std::unique_ptr<os::Lock>> locks;
  std::vector<BrokerId> killed;
  broker::Peers peers{context, [this](BrokerId id) { killed.push_back(id); }};
};

}  // namespace

TEST_CASE("Peers: each other broker is connected to, this one is not") {
  Watching w;
  CHECK(w.connected == std::vector{BrokerId(2), BrokerId(3)});
}

TEST_CASE("Peers: who lost its connection and holds its lock lives, and is connected to again") {
  Watching w;
  w.peers.on_lost(broker::LinkId(1));
  w.peers.run();
  w.w.jobs.run_all();
  CHECK_FALSE(w.is_fenced(2));
  CHECK(w.connected == std::vector{BrokerId(2), BrokerId(3), BrokerId(2)});
}

TEST_CASE("Peers: who lost its connection and its lock is dead, and what it led is led by others") {
  Watching w;
  const auto id = w.follow_topic();
  w.locks.erase(2);
  w.peers.on_lost(broker::LinkId(1));
  w.peers.run();
  w.w.jobs.run_all();
  CHECK(w.is_fenced(2));
  CHECK_FALSE(w.is_fenced(3));
  CHECK(w.topic("t")->partitions[0].leader == BrokerId(1));
  CHECK(w.replicas->opened().find_succeeding(id));
  CHECK(w.said.back().find("broker 2 is dead") != std::string::npos);
  // It is watched no more, before it is there again.
  w.peers.follow(w.view.settings());
  const size_t before = w.connected.size();
  w.pass(5000);
  CHECK(w.connected.size() == before);
  w.locks[2] = w.lock_of(2);
  w.change(w.transactions, [](const metadata::Image& image) {
    return metadata::register_broker(image, {BrokerId(2), Uuid{}, {}, {}});
  });
  w.w.jobs.run_all();
  w.peers.follow(w.view.settings());
  w.pass(1);
  CHECK(w.connected.size() == before + 1);
}

TEST_CASE("Peers: who was never seen has a second to begin before it is taken for dead") {
  Watching w;
  w.register_broker(4);
  w.peers.follow(w.view.settings());
  w.pass(0);
  w.pass(500);
  CHECK_FALSE(w.is_fenced(4));
  w.pass(600);
  w.pass(1000);
  CHECK(w.is_fenced(4));
}

TEST_CASE("Peers: who ends in order is led by others before, unless all end or nobody is there") {
  Watching w;
  const bool all = GENERATE(true, false);
  // As who it is.
  w.registration.look_at(w.replicas->folder());
  w.registration.write({}, [](Status s) { REQUIRE(s.ok()); });
  w.w.jobs.run_all();
  w.change(w.transactions, [&](const metadata::Image& image) {
    metadata::NewTopic topic;
    topic.name = "t";
    topic.id = os::random_uuid(w.w.random);
    topic.assignments = {{PartitionId(0), {BrokerId(1), BrokerId(2)}}};
    return metadata::create_topic(image, topic, {{BrokerId(1), BrokerId(2)}, 0}, {});
  });
  w.w.jobs.run_all();
  w.peers.end(all);
  w.w.jobs.run_all();
  CHECK(w.is_fenced(1) == !all);
  CHECK(w.topic("t")->partitions[0].leader == BrokerId(all ? 1 : 2));
}

TEST_CASE("Peers: who lives and does not answer for the session's time is fenced and killed") {
  Watching w;
  w.follow_topic();
  w.peers.note_ready(w.id_of(w.topic("t"), 0));
  w.pass(0);
  REQUIRE(w.asked.size() == 1);
  // The first look finds the question, the others that it is still there.
  for (int second = 0; second < 7; second++) {
    CHECK_FALSE(w.is_fenced(2));
    w.pass(1000);
  }
  CHECK(w.is_fenced(2));
  CHECK_FALSE(w.is_fenced(3));  // nothing was asked of it
  CHECK(w.killed == std::vector{BrokerId(2)});
  CHECK(w.topic("t")->partitions[0].leader == BrokerId(1));
}

TEST_CASE("Peers: whoever did not look himself takes nobody for dead") {
  Watching w;
  w.follow_topic();
  w.peers.note_ready(w.id_of(w.topic("t"), 0));
  w.pass(0);
  w.pass(60'000);  // this broker was stopped
  CHECK_FALSE(w.is_fenced(2));
  CHECK(w.killed.empty());
}

TEST_CASE("Peers: who is suspected is asked, and killed if it does not answer for the rest of its session") {
  Watching w;
  const int64_t session = w.view.settings().session_timeout_ms, look = session / broker::looks_a_session;
  w.peers.suspect(BrokerId(2));
  REQUIRE(w.asked.size() == 1);
  for (int i = 1; i < broker::looks_a_session - 1; i++) {
    w.pass(look);
    w.peers.suspect(BrokerId(2));  // nothing new
    CHECK_FALSE(w.is_fenced(2));
  }
  CHECK(w.asked.size() == 1);
  w.pass(look);
  CHECK(w.is_fenced(2));
  CHECK(w.killed == std::vector{BrokerId(2)});
  CHECK_FALSE(w.is_fenced(3));
}
