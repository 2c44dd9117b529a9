// Who is in sync, as a leader says: under the lock only a leader that still is one is believed, of followers that live on.
#include "metadata/in_sync_changes.h"

#include "metadata/small_cluster.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

// Topic t has one partition, which broker 1 leads in its first reign.
struct Led {
  explicit Led(const std::string& min_isr = {}, int32_t brokers = 3) : image(cluster_of(brokers)) {
    std::vector<int32_t> all;
    for (int32_t id = 1; id <= brokers; id++) all.push_back(id);
    make_topic(image, {all}, min_isr);
  }
  Reign reign(int32_t leader = 1, int32_t epoch = 0) const {
    return {image.topic("t")->id, PartitionId(0), BrokerId(leader), LeaderEpoch(epoch)};
  }
  Result<Records> leaves(int32_t who) const { return leave_in_sync(image, reign(), BrokerId(who)); }
  Result<Records> joins(int32_t who) const { return join_in_sync(image, reign(), BrokerId(who), life(image, who)); }
  // Both questions of that reign are answered the same.
  Errc refusal(const Reign& asked) const {
    const Errc leaving = code(leave_in_sync(image, asked, BrokerId(2)));
    CHECK(code(join_in_sync(image, asked, BrokerId(2), life(image, 2))) == leaving);
    return leaving;
  }
  std::string after(const Result<Records>& change) const {
    Image changed = image;
    REQUIRE(take(changed, change));
    return said(partition(changed));
  }

  Image image;
};

}  // namespace

TEST_CASE("In sync: who does not keep up leaves the isr, in the same reign") {
  Led led;
  CHECK(led.after(led.leaves(2)) == "leader 1 epoch 0 isr 1,3 eligible none");
}

TEST_CASE("In sync: who leaves the isr too small is eligible") {
  Led led("2", 2);
  CHECK(led.after(led.leaves(2)) == "leader 1 epoch 0 isr 1 eligible 2");
}

TEST_CASE("In sync: who has everything comes in, in the same reign, and nobody is eligible any more") {
  Led led("2", 2);
  REQUIRE(take(led.image, led.leaves(2)));
  CHECK(led.after(led.joins(2)) == "leader 1 epoch 0 isr 1,2 eligible none");
}

TEST_CASE("In sync: who is in already, or out already, or the leader itself changes nothing") {
  Led led;
  CHECK(led.joins(2)->empty());
  CHECK(led.leaves(1)->empty());
  REQUIRE(take(led.image, led.leaves(2)));
  CHECK(led.leaves(2)->empty());
}

TEST_CASE("In sync: a broker that has no copy does not come in") {
  Led led;
  REQUIRE(take(led.image, register_broker(led.image, life_of(9, 9))));
  CHECK(led.joins(9)->empty());
}

TEST_CASE("In sync: R1, only who leads is believed") {
  Led led;
  CHECK(led.refusal(led.reign(2)) == Errc::not_leader_or_follower);
  fence(led.image, 1);
  CHECK(led.refusal(led.reign(1, 0)) == Errc::not_leader_or_follower);
}

TEST_CASE("In sync: R1, only in the reign that is, also where the same broker leads in the next one") {
  Led led;
  REQUIRE(take(led.image, register_broker(led.image, life_of(1, 77))));
  REQUIRE(partition(led.image).leader_epoch == LeaderEpoch(1));
  CHECK(led.refusal(led.reign(1, 0)) == Errc::fenced_leader_epoch);
  CHECK(led.refusal(led.reign(1, 2)) == Errc::fenced_leader_epoch);
  CHECK(led.refusal(led.reign(1, 1)) == Errc::none);
}

TEST_CASE("In sync: R1, of a topic or a partition that is not there nothing is believed") {
  Led led;
  Reign asked = led.reign();
  for (int32_t number : {-1, 1}) {
    asked.partition = PartitionId(number);
    CHECK(led.refusal(asked) == Errc::unknown_topic_id);
  }
  asked = led.reign();
  REQUIRE(take(led.image, delete_topic(led.image, "t")));
  CHECK(led.refusal(asked) == Errc::unknown_topic_id);
  NewTopic same_name = topic_named("t", 1, 51);
  REQUIRE(take(led.image, creating(led.image, same_name)));
  CHECK(led.refusal(asked) == Errc::unknown_topic_id);
}

TEST_CASE("In sync: R8, what is changed is the isr that is held under the lock, whatever the leader remembers") {
  Led led;
  fence(led.image, 3);  // the leader has not heard of it
  CHECK(led.after(led.leaves(2)) == "leader 1 epoch 0 isr 1 eligible none");
  REQUIRE(take(led.image, led.leaves(2)));
  CHECK(led.after(led.joins(2)) == "leader 1 epoch 0 isr 1,2 eligible none");
}

TEST_CASE("In sync: R10, who fetched in a life that is over does not come in") {
  Led led;
  REQUIRE(take(led.image, led.leaves(2)));
  const BrokerEpoch fetched = life(led.image, 2);
  REQUIRE(take(led.image, register_broker(led.image, life_of(2, 77))));
  CHECK(code(join_in_sync(led.image, led.reign(), BrokerId(2), fetched)) == Errc::ineligible_replica);
  CHECK(code(join_in_sync(led.image, led.reign(), BrokerId(2), life(led.image, 2) + 1)) == Errc::ineligible_replica);
  CHECK(led.after(led.joins(2)) == "leader 1 epoch 0 isr 1,3,2 eligible none");
}

TEST_CASE("In sync: R10, who is fenced or never came does not come in") {
  Led led;
  fence(led.image, 2);
  CHECK(code(led.joins(2)) == Errc::ineligible_replica);
  CHECK(code(join_in_sync(led.image, led.reign(), BrokerId(9), BrokerEpoch(0))) == Errc::ineligible_replica);
}

TEST_CASE("In sync: R12, who cannot vouch for its copy is neither in sync nor eligible, and another leads") {
  Led led("2", 2);
  const TopicId topic = led.image.topic("t")->id;
  auto renounce = [&](int32_t who, std::vector<CopyOf> copies) {
    return renounce_copies(led.image, BrokerId(who), life(led.image, who), copies);
  };
  CHECK(led.after(renounce(1, {{topic, PartitionId(0)}})) == "leader 2 epoch 1 isr 2 eligible none");
  CHECK(led.after(renounce(2, {{topic, PartitionId(0)}})) == "leader 1 epoch 0 isr 1 eligible none");
  CHECK(led.after(renounce(1, {})) == "leader 2 epoch 1 isr 2 eligible none");
  SECTION("nobody else could lead: it stays as it is") {
    REQUIRE(take(led.image, led.leaves(2)));
    fence(led.image, 2);
    CHECK(renounce(1, {{topic, PartitionId(0)}})->empty());
    CHECK(renounce(1, {})->empty());
  }
  SECTION("an eligible one that lives leads") {
    REQUIRE(take(led.image, led.leaves(2)));
    CHECK(led.after(renounce(1, {{topic, PartitionId(0)}})) == "leader 2 epoch 1 isr 2 eligible none");
  }
  SECTION("it is not in sync anyway") {
    REQUIRE(take(led.image, renounce(2, {})));
    CHECK(renounce(2, {})->empty());
  }
  SECTION("in a life that is over nothing is believed") {
    const BrokerEpoch before = life(led.image, 1);
    REQUIRE(take(led.image, register_broker(led.image, life_of(1, 77))));
    CHECK(code(renounce_copies(led.image, BrokerId(1), before, {})) == Errc::stale_broker_epoch);
  }
  SECTION("a topic or partition that is not there") {
    CHECK(renounce(1, {{test::uuid(99), PartitionId(0)}})->empty());
    CHECK(renounce(1, {{topic, PartitionId(7)}})->empty());
  }
}

TEST_CASE("In sync: R12, a partition with a single copy keeps it, whatever its broker says of it") {
  Led led({}, 1);
  CHECK(renounce_copies(led.image, BrokerId(1), life(led.image, 1), {})->empty());
}

TEST_CASE("In sync: R12, whoever throws its copy away ends its life, where another broker leads or can") {
  Led led("2", 3);
  const CopyOf copy{led.image.topic("t")->id, PartitionId(0)};
  auto give_up = [&](int32_t who) { return give_up_copy(led.image, BrokerId(who), life(led.image, who), copy); };
  auto is_fenced_after = [&](int32_t who) {
    Image changed = led.image;
    REQUIRE(take(changed, give_up(who)));
    return changed.broker(BrokerId(who))->fenced;
  };
  SECTION("a leader") {
    CHECK(led.after(give_up(1)) == "leader 2 epoch 1 isr 2,3 eligible none");
    CHECK(is_fenced_after(1));
  }
  SECTION("a follower") {
    CHECK(led.after(give_up(3)) == "leader 1 epoch 0 isr 1,2 eligible none");
    CHECK(is_fenced_after(3));
  }
  SECTION("one that is not in sync") {
    REQUIRE(take(led.image, led.leaves(3)));
    CHECK(led.after(give_up(3)) == "leader 1 epoch 0 isr 1,2 eligible none");
    CHECK(is_fenced_after(3));
  }
  SECTION("not the last one that could lead") {
    fence(led.image, 2);
    fence(led.image, 3);
    CHECK(give_up(1)->empty());
  }
}
