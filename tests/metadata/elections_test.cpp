// Leaders go back to where they were placed, when they may, and nowhere else.
#include "metadata/elections.h"

#include "metadata/partition_change.h"
#include "metadata/small_cluster.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

Errc code(const Result<PartitionChangeRecord>& r) { return r ? Errc::none : r.error().code; }

Result<Records> alone(const Result<PartitionChangeRecord>& elected) {
  if (!elected) return elected.error();
  return Records{*elected};
}

Result<PartitionChangeRecord> preferred(const Image& image, int32_t number = 0, std::string_view topic = "t") {
  return elect_preferred_leader(image, topic, PartitionId(number));
}

Result<PartitionChangeRecord> anybody(const Image& image, int32_t number = 0, std::string_view topic = "t") {
  return elect_any_leader(image, topic, PartitionId(number));
}

// It begins a new life, and is in sync nowhere.
void come_back(Image& image, int32_t id) {
  REQUIRE(take(image, register_broker(image, life_of(id, static_cast<unsigned char>(200 + id)))));
}

// And has everything again.
void catch_up(Image& image, int32_t id) {
  for (size_t i = 0; i < image.topic("t")->partitions.size(); i++) {
    PartitionChange change(*image.topic("t"), PartitionId(static_cast<int32_t>(i)), 1);
    change.join(BrokerId(id));
    if (auto record = change.record()) REQUIRE(image.apply(*record, image.next_offset()));
  }
}

// Topic t of three brokers; broker 1, which is preferred, died, and what it led is led by others.
Image after_a_death(const std::vector<std::vector<int32_t>>& replicas = {{1, 2, 3}}) {
  Image image = cluster_of(3);
  make_topic(image, replicas);
  fence(image, 1);
  return image;
}

// The leaders afterwards.
std::vector<int32_t> balanced(Image image, int32_t percent_max) {
  REQUIRE(take(image, balance_leaders(image, percent_max)));
  return leaders(image);
}

}  // namespace

TEST_CASE("Elections: the preferred leader that is in sync again leads, in a reign of its own") {
  Image image = after_a_death();
  come_back(image, 1);
  catch_up(image, 1);
  REQUIRE(said(partition(image)) == "leader 2 epoch 1 isr 2,3,1 eligible none");
  const int32_t before = partition(image).partition_epoch;
  REQUIRE(take(image, alone(preferred(image))));
  CHECK(said(partition(image)) == "leader 1 epoch 2 isr 2,3,1 eligible none");
  CHECK(partition(image).partition_epoch == before + 1);
}

TEST_CASE("Elections: who leads as preferred needs none") {
  Image image = cluster_of(3);
  make_topic(image, {{1, 2, 3}});
  CHECK(code(preferred(image)) == Errc::election_not_needed);
}

TEST_CASE("Elections: a preferred leader that is dead, or not in sync, does not lead") {
  Image image = after_a_death();
  CHECK(code(preferred(image)) == Errc::preferred_leader_not_available);
  CHECK(preferred(image).error().message == "its preferred leader, broker 1, is not running");
  come_back(image, 1);
  CHECK(code(preferred(image)) == Errc::preferred_leader_not_available);
  CHECK(preferred(image).error().message == "its preferred leader, broker 1, is not in sync yet");
}

TEST_CASE("Elections: a topic or a partition that is not there has no leader") {
  Image image = after_a_death();
  for (int32_t number : {-1, 1, INT32_MAX}) {
    CHECK(code(preferred(image, number)) == Errc::unknown_topic_or_partition);
    CHECK(code(anybody(image, number)) == Errc::unknown_topic_or_partition);
  }
  CHECK(code(preferred(image, 0, "u")) == Errc::unknown_topic_or_partition);
  CHECK(code(anybody(image, 0, "u")) == Errc::unknown_topic_or_partition);
}

// --- of anybody

TEST_CASE("Elections: nobody is elected where somebody leads") {
  CHECK(code(anybody(after_a_death())) == Errc::election_not_needed);
}

TEST_CASE("Elections: who may lack records leads where nobody else is alive, and nobody else counts any more") {
  Image image = cluster_of(3);
  make_topic(image, {{1, 2, 3}});
  for (int32_t id : {2, 3, 1}) fence(image, id);
  CHECK(code(anybody(image)) == Errc::eligible_leaders_not_available);
  come_back(image, 2);
  REQUIRE(said(partition(image)) == "leader none epoch 1 isr none eligible 1");
  REQUIRE(take(image, alone(anybody(image))));
  CHECK(said(partition(image)) == "leader 2 epoch 2 isr 2 eligible none");
  CHECK(partition(image).recovering);
  // Until all have come to terms with what it has.
  come_back(image, 1);
  CHECK(said(partition(image)) == "leader 2 epoch 2 isr 2 eligible none");
  catch_up(image, 1);
  CHECK(partition(image).recovering);
  come_back(image, 3);
  catch_up(image, 3);
  CHECK_FALSE(partition(image).recovering);
}

TEST_CASE("Elections: a change that gives no leader is no election") {
  Image image = cluster_of(2);
  make_topic(image, {{1, 2}});
  // As a log may say that another program wrote: not in the order of the replicas.
  PartitionChangeRecord nobody;
  nobody.partition_id = 0;
  nobody.topic_id = image.topic("t")->id;
  nobody.leader = -1;
  nobody.isr = std::vector<int32_t>{};
  nobody.eligible_leader_replicas = std::vector<int32_t>{2, 1};
  REQUIRE(image.apply(nobody, image.next_offset()));
  for (int32_t id : {1, 2}) {
    BrokerRegistrationChangeRecord gone;
    gone.broker_id = id;
    gone.broker_epoch = life(image, id).value;
    gone.fenced = 1;
    REQUIRE(image.apply(gone, image.next_offset()));
  }
  CHECK(code(anybody(image)) == Errc::eligible_leaders_not_available);
}

TEST_CASE("Elections: who is eligible and alive leads where nobody does") {
  Image image = cluster_of(2);
  make_topic(image, {{1, 2}});
  // As a log may say that another program wrote.
  PartitionChangeRecord nobody;
  nobody.partition_id = 0;
  nobody.topic_id = image.topic("t")->id;
  nobody.leader = -1;
  REQUIRE(image.apply(nobody, image.next_offset()));
  REQUIRE(take(image, alone(anybody(image))));
  CHECK(said(partition(image)) == "leader 1 epoch 2 isr 1,2 eligible none");
}

// --- balance

TEST_CASE("Balance: every leader goes back to where it was placed, and nothing else changes") {
  Image image = after_a_death({{1, 2, 3}, {2, 3, 1}, {3, 1, 2}, {1, 3, 2}});
  REQUIRE(leaders(image) == std::vector<int32_t>{2, 2, 3, 3});
  come_back(image, 1);
  catch_up(image, 1);
  const Partition untouched = partition(image, 1);
  REQUIRE(take(image, balance_leaders(image, 10)));
  CHECK(leaders(image) == std::vector<int32_t>{1, 2, 3, 1});
  CHECK(partition(image, 1) == untouched);
  CHECK(balance_leaders(image, 10).empty());
}

TEST_CASE("Balance: who is dead, or not in sync everywhere, leads only where it may") {
  Image image = after_a_death({{1, 2}, {1, 3}});
  CHECK(balance_leaders(image, 0).empty());
  come_back(image, 1);
  CHECK(balance_leaders(image, 0).empty());
  PartitionChange change(*image.topic("t"), PartitionId(1), 1);
  change.join(BrokerId(1));
  REQUIRE(image.apply(*change.record(), image.next_offset()));
  CHECK(balanced(image, 0) == std::vector<int32_t>{2, 1});
}

TEST_CASE("Balance: an imbalance of up to so many of a hundred is let be, of each broker for itself") {
  Image image = cluster_of(3);
  make_topic(image, {{1, 2}, {1, 2}, {1, 2}, {1, 2}, {3, 2}});
  auto lead = [&](int32_t number, int32_t who) {
    PartitionChange change(*image.topic("t"), PartitionId(number), 1);
    change.make_leader(BrokerId(who));
    REQUIRE(image.apply(*change.record(), image.next_offset()));
  };
  lead(0, 2);
  lead(4, 2);
  CHECK(balanced(image, 25) == std::vector<int32_t>{2, 1, 1, 1, 3});  // one of four is not more than 25
  CHECK(balanced(image, 24) == std::vector<int32_t>{1, 1, 1, 1, 3});
  CHECK(balance_leaders(image, 24).size() == 2);  // who leads as placed begins no reign
  CHECK(balanced(image, 100) == std::vector<int32_t>{2, 1, 1, 1, 2});
}

TEST_CASE("Elections: a reign is above all that a copy has seen, and all else is as it was") {
  Image image = after_a_death({{1, 2, 3}, {2, 3, 1}});
  REQUIRE(said(partition(image)) == "leader 2 epoch 1 isr 2,3 eligible none");
  const CopyOf copy{image.topic("t")->id, PartitionId(0)};
  const auto before = partition(image);
  SECTION("one that the metadata does not know") {
    REQUIRE(take(image, reign_above(image, copy, LeaderEpoch(7))));
    CHECK(said(partition(image)) == "leader 2 epoch 8 isr 2,3 eligible none");
    CHECK(partition(image).partition_epoch == before.partition_epoch + 1);
    CHECK(partition(image).replicas == before.replicas);
    CHECK(partition(image).directories == before.directories);
    CHECK(image.topic("t")->partitions.size() == 2);
    CHECK(image.led_by(BrokerId(2)) == 2);
    CHECK(take(image, reign_above(image, copy, LeaderEpoch(7))).ok());
    CHECK(partition(image).leader_epoch == LeaderEpoch(8));
  }
  SECTION("one that it knows, or of a partition that it does not") {
    CHECK(reign_above(image, copy, LeaderEpoch(1)).empty());
    CHECK(reign_above(image, copy, leader_epoch_none).empty());
    CHECK(reign_above(image, {copy.topic, PartitionId(2)}, LeaderEpoch(7)).empty());
    CHECK(reign_above(image, {uuid(99), PartitionId(0)}, LeaderEpoch(7)).empty());
  }
}
