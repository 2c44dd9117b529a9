// Succession: who is to lead takes first what another broker's copy has.
#include "broker/replication/succession.h"

#include <catch2/catch.hpp>

#include "broker/some_peers.h"
#include "log/open_work.h"
#include "metadata/in_sync_changes.h"

using namespace bobbin;

namespace {

struct Heirs : test::SomePeers {
  Heirs() { register_broker(2); }
  // A copy in the folder of broker 2, with batches of one record each, of these epochs.
  void other_copy(std::initializer_list<int> epochs) {
    const std::string folder = dir.broker_dir(BrokerId(2));
    REQUIRE(w.storage.make_dir(folder).ok());
    log::Files files(w.storage, 16);
    log::RecoveryReport found;
    auto opened = log::open_log(w.world, files, folder + "/t-0", topic("t")->id, {}, {}, found);
    REQUIRE(opened.ok());
    for (int epoch : epochs)
      REQUIRE((*opened)->append(batch(0, 1), LeaderEpoch(epoch), log::AppendOrigin::client).ok());
  }
  void own_records(const cluster::TopicPartition& id, std::initializer_list<int> epochs) {
    auto* following = replicas->opened().find_following(id);
    REQUIRE(following);
    for (int epoch : epochs) REQUIRE(following->take(batch(following->copy().log_end().value, 1, epoch)).ok());
  }
  // A record of a reign that the metadata forgot.
  void following_is_of(const cluster::TopicPartition& id, int32_t epoch) {
    reign(id, epoch);
    own_records(id, {epoch});
    reign(id, 0);
  }
  void reign(const cluster::TopicPartition& id, int32_t epoch) {
    auto* following = replicas->opened().find_following(id);
    following->follow({following->leader(), LeaderEpoch(epoch), {following->replicas(), {}, 1}});
  }
  // Broker 2 is dead, and this one leads.
  void succeed_broker_2() {
    change(transactions, [](const metadata::Image& image) {
      return metadata::fence_broker(image, BrokerId(2), image.broker(BrokerId(2))->epoch);
    });
    w.jobs.run_all();
    REQUIRE(topic("t")->partitions[0].leader == BrokerId(1));
  }
  // Rounds until nothing is to be done at once.
  void rounds() {
    for (int i = 0; i < 20; i++) {
      succession.run();
      settle();
      w.clock.pass(10);
    }
  }
  broker::Succession succession{w.world,
                                transactions,
                                dir,
                                self,
                                *replicas,
                                durability,
                                [this](const std::string& line) { said.push_back(line); }};
};

}  // namespace

TEST_CASE("Succession: records that the dead leader alone had are taken before anybody is answered") {
  Heirs h;
  const auto id = h.follow_topic();
  h.own_records(id, {0});
  h.other_copy({0, 0, 0});
  h.succeed_broker_2();
  CHECK_FALSE(h.replicas->opened().find_leading(id));
  h.rounds();
  REQUIRE(h.replicas->opened().find_leading(id));
  CHECK(h.replicas->opened().find_copy(id)->log_end() == Offset(3));
  CHECK(h.said.back() == "t-0: offsets 1 to 2 are taken from the files of broker 2");
  CHECK(h.succession.is_idle());
  CHECK_FALSE(h.succession.next_deadline_ms());
}

TEST_CASE("Succession: what the best copy never had is cut first") {
  Heirs h;
  const auto id = h.follow_topic();
  h.own_records(id, {0, 1, 1});
  h.other_copy({0, 2});
  h.succeed_broker_2();
  h.rounds();
  REQUIRE(h.replicas->opened().find_leading(id));
  CHECK(h.replicas->opened().find_copy(id)->log_end() == Offset(2));
  CHECK(h.replicas->opened().find_leading(id)->epoch_at(Offset(1)) == LeaderEpoch(2));
}

TEST_CASE("Succession: one that has everything leads after one look") {
  Heirs h;
  const auto id = h.follow_topic();
  h.own_records(id, {0, 0});
  h.other_copy({0});
  h.succeed_broker_2();
  h.succession.run();
  CHECK_FALSE(h.succession.is_idle());
  h.w.jobs.run_all();
  CHECK(h.replicas->opened().find_leading(id));
}

TEST_CASE("Succession: what a look was for is looked at again when another reign has begun meanwhile") {
  Heirs h;
  const auto id = h.follow_topic();
  h.own_records(id, {0});
  h.other_copy({0, 0});
  h.succeed_broker_2();
  h.succession.run();
  h.register_broker(3);  // a round of the metadata, and of jobs, in which nothing of this changes
  h.rounds();
  CHECK(h.replicas->opened().find_copy(id)->log_end() == Offset(2));
}

TEST_CASE("Succession: a copy that cannot be looked at is waited for, and not for ever") {
  Heirs h;
  const auto id = h.follow_topic();
  h.own_records(id, {0});
  h.other_copy({0, 0});
  h.succeed_broker_2();
  h.w.storage.inject({1, true, Errc::io_error, 0, {test::Call::list}});
  h.rounds();
  CHECK_FALSE(h.replicas->opened().find_leading(id));
  REQUIRE(h.succession.next_deadline_ms());
  SECTION("it is there again") {
    h.w.storage.heal();
    h.w.clock.pass(200);
    h.rounds();
    REQUIRE(h.replicas->opened().find_leading(id));
    CHECK(h.replicas->opened().find_copy(id)->log_end() == Offset(2));
  }
  SECTION("it is not") {
    for (int i = 0; i < 12; i++) {
      h.w.clock.pass(100);
      h.rounds();
    }
    REQUIRE(h.replicas->opened().find_leading(id));
    CHECK(h.replicas->opened().find_copy(id)->log_end() == Offset(1));
    CHECK(h.said.back().find("what another copy may have beyond offset 1 is not taken") != std::string::npos);
  }
}

TEST_CASE("Succession: a copy of later reigns than the metadata knows leads in one above them") {
  Heirs h;
  const auto id = h.follow_topic();
  h.own_records(id, {0});
  SECTION("its own") {
    h.following_is_of(id, 6);
    h.other_copy({0});
  }
  SECTION("what it takes from the best of the others") { h.other_copy({0, 6}); }
  h.succeed_broker_2();
  h.rounds();
  REQUIRE(h.replicas->opened().find_leading(id));
  CHECK(h.replicas->opened().find_leading(id)->epoch() == LeaderEpoch(7));
  CHECK(h.replicas->opened().find_copy(id)->log_end() == Offset(2));
  CHECK(h.topic("t")->partitions[0].leader_epoch == LeaderEpoch(7));
  CHECK(h.said.back() ==
        "t-0: has records of leader epoch 6, which the metadata does not know: it is older than they are, and "
        "a new reign begins");
}
