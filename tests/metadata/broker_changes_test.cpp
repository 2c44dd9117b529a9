// What the life and death of a broker mean for the partitions that it has copies of.
#include "metadata/broker_changes.h"

#include <map>

#include "metadata/small_cluster.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

void begin_life(Image& image, int32_t id, unsigned char incarnation) {
  REQUIRE(take(image, register_broker(image, life_of(id, incarnation))));
}

// One that comes back without what it had.
void begin_lossy_life(Image& image, int32_t id) {
  Registration anew = life_of(id, 90);
  anew.lossy = true;
  REQUIRE(take(image, register_broker(image, anew)));
}

}  // namespace

// --- registering

TEST_CASE("Registering: a new life has a new epoch, which is the offset of its registration") {
  Image image = cluster_of(2);
  CHECK(life(image, 1) == BrokerEpoch(0));
  CHECK(life(image, 2) == BrokerEpoch(1));
  make_topic(image, {{2}});
  const Offset before = image.next_offset();
  begin_life(image, 1, 77);
  CHECK(life(image, 1).value == before.value);
  CHECK(image.broker(BrokerId(1))->incarnation == uuid(77));
}

TEST_CASE("Registering: a new life has a new reign over what it leads, and over nothing else") {
  Image image = cluster_of(2);
  make_topic(image, {{1}, {2}});
  begin_life(image, 1, 77);
  CHECK(said(partition(image, 0)) == "leader 1 epoch 1 isr 1 eligible none");
  CHECK(partition(image, 0).partition_epoch == 1);
  CHECK(said(partition(image, 1)) == "leader 2 epoch 0 isr 2 eligible none");
  CHECK(partition(image, 1).partition_epoch == 0);
}

TEST_CASE("Registering: the same life tells another address, and nothing else changes") {
  Image image = cluster_of(2);
  make_topic(image, {{1, 2}});
  begin_life(image, 1, 77);
  const BrokerEpoch epoch = life(image, 1);
  const Partition before = partition(image);
  Registration again = life_of(1, 77);
  again.endpoints[0].port = 1;
  REQUIRE(take(image, register_broker(image, again)));
  CHECK(life(image, 1) == epoch);
  CHECK(image.broker(BrokerId(1))->endpoints[0].port == 1);
  CHECK(partition(image) == before);
}

TEST_CASE("Registering: a follower stays in sync, and the reign goes on") {
  Image image = cluster_of(2);
  make_topic(image, {{1, 2}});
  const Partition before = partition(image);
  begin_life(image, 2, 77);
  CHECK(partition(image) == before);
}

TEST_CASE("Registering: a leader that comes back before anybody saw it die leads again, though others are in sync") {
  Image image = cluster_of(3);
  make_topic(image, {{2, 1, 3}});
  begin_life(image, 2, 77);
  CHECK(said(partition(image)) == "leader 2 epoch 1 isr 2,1,3 eligible none");
}

TEST_CASE("Registering: who is fenced begins a life, also with the incarnation that it had") {
  Image image = cluster_of(2);
  fence(image, 1);
  const Offset before = image.next_offset();
  begin_life(image, 1, 1);
  CHECK_FALSE(image.broker(BrokerId(1))->fenced);
  CHECK(life(image, 1).value == before.value);
}

TEST_CASE("Registering: who lost its place in the isr leads nothing until it has caught up") {
  Image image = cluster_of(2);
  make_topic(image, {{1, 2}});
  fence(image, 1);
  begin_life(image, 1, 77);
  CHECK(said(partition(image)) == "leader 2 epoch 1 isr 2 eligible none");
}

TEST_CASE("Registering: what nobody led is led by the eligible one that comes back") {
  Image image = cluster_of(3);
  make_topic(image, {{1, 2, 3}}, "2");
  for (int32_t id : {3, 2, 1}) fence(image, id);
  REQUIRE(said(partition(image)) == "leader none epoch 1 isr none eligible 1,2");
  begin_life(image, 3, 77);  // it left while the others committed on
  CHECK(said(partition(image)) == "leader none epoch 1 isr none eligible 1,2");
  begin_life(image, 2, 78);
  CHECK(said(partition(image)) == "leader 2 epoch 2 isr 2 eligible 1");
  begin_life(image, 1, 79);
  CHECK(said(partition(image)) == "leader 2 epoch 2 isr 2 eligible 1");
}

TEST_CASE("Registering: a folder that was made anew is told to every partition that lies in it, and to no other") {
  Image image = cluster_of(3);
  make_topic(image, {{1, 2}, {2, 3}, {3, 1}});
  Registration anew = life_of(1, 77);
  anew.log_dirs = {uuid(200)};
  REQUIRE(take(image, register_broker(image, anew)));
  CHECK(partition(image, 0).directories == std::vector<Uuid>{uuid(200), uuid(102)});
  CHECK(partition(image, 1).directories == std::vector<Uuid>{uuid(102), uuid(103)});
  CHECK(partition(image, 2).directories == std::vector<Uuid>{uuid(103), uuid(200)});
  CHECK(image.broker(BrokerId(1))->log_dirs == std::vector<Uuid>{uuid(200)});
}

// --- R12

TEST_CASE("Registering: R12, a leader that lost its files leads no more, and is in sync nowhere") {
  Image image = cluster_of(3);
  make_topic(image, {{1, 2, 3}});
  begin_lossy_life(image, 1);
  CHECK(said(partition(image)) == "leader 2 epoch 1 isr 2,3 eligible none");
}

TEST_CASE("Registering: R12, a follower that lost its files is not in sync, and the reign goes on") {
  Image image = cluster_of(2);
  make_topic(image, {{1, 2}}, "2");
  begin_lossy_life(image, 2);
  CHECK(said(partition(image)) == "leader 1 epoch 0 isr 1 eligible none");
}

TEST_CASE("Registering: R12, who was eligible and lost its files is not eligible any more") {
  Image image = cluster_of(3);
  make_topic(image, {{1, 2, 3}}, "3");
  fence(image, 3);
  fence(image, 2);
  REQUIRE(said(partition(image)) == "leader 1 epoch 0 isr 1 eligible 2,3");
  begin_lossy_life(image, 2);
  CHECK(said(partition(image)) == "leader 1 epoch 0 isr 1 eligible 3");
}

TEST_CASE("Registering: R12, the last in sync that lost its files does not lead, and nobody else does who has less") {
  Image image = cluster_of(2);
  make_topic(image, {{1, 2}});
  fence(image, 2);
  begin_life(image, 2, 77);
  begin_lossy_life(image, 1);
  CHECK(said(partition(image)) == "leader none epoch 1 isr none eligible none");
}

TEST_CASE("Registering: R12, whoever has another folder than before lost its files, also if it does not say so") {
  Image image = cluster_of(3);
  Registration who = life_of(1, 77);
  who.log_dirs = {uuid(1)};
  REQUIRE(take(image, register_broker(image, who)));
  make_topic(image, {{1, 2, 3}});
  who.incarnation = uuid(78);
  REQUIRE(take(image, register_broker(image, who)));
  CHECK(said(partition(image)) == "leader 1 epoch 1 isr 1,2,3 eligible none");
  who.incarnation = uuid(79);
  who.log_dirs = {uuid(2)};
  REQUIRE(take(image, register_broker(image, who)));
  CHECK(said(partition(image)) == "leader 2 epoch 2 isr 2,3 eligible none");
}

TEST_CASE("Registering: R12, where there is no other replica who lost its files leads all the same") {
  Image image = cluster_of(2);
  make_topic(image, {{1}, {2}});
  begin_lossy_life(image, 1);
  CHECK(said(partition(image, 0)) == "leader 1 epoch 1 isr 1 eligible none");
  CHECK(said(partition(image, 1)) == "leader 2 epoch 0 isr 2 eligible none");
}

// --- fencing

TEST_CASE("Fencing: what it led is led by the next in sync, and it is in sync nowhere") {
  Image image = cluster_of(4);
  make_topic(image, {{1, 3, 2}, {2, 1, 3}, {3, 2, 4}});
  fence(image, 1);
  CHECK(image.broker(BrokerId(1))->fenced);
  CHECK(said(partition(image, 0)) == "leader 3 epoch 1 isr 3,2 eligible none");
  CHECK(said(partition(image, 1)) == "leader 2 epoch 0 isr 2,3 eligible none");
  CHECK(partition(image, 2).partition_epoch == 0);
}

TEST_CASE("Fencing: what it led is led by all the others evenly") {
  Image image = cluster_of(4);
  NewTopic t = topic_named("t", 24);
  t.replication_factor = 3;
  REQUIRE(take(image, creating(image, t)));
  fence(image, 2);
  std::map<int32_t, int> led;
  for (int32_t id : leaders(image)) led[id]++;
  CHECK(led == std::map<int32_t, int>{{1, 8}, {3, 8}, {4, 8}});
}

TEST_CASE("Fencing: where nobody else is in sync, nobody leads, and it comes back only when it may") {
  Image image = cluster_of(2);
  make_topic(image, {{1, 2}});
  fence(image, 2);
  fence(image, 1);
  CHECK(said(partition(image)) == "leader none epoch 1 isr none eligible 1");
  begin_life(image, 2, 77);
  CHECK(said(partition(image)) == "leader none epoch 1 isr none eligible 1");
  begin_life(image, 1, 78);
  CHECK(said(partition(image)) == "leader 1 epoch 2 isr 1 eligible none");
}

TEST_CASE("Fencing: where min.insync.replicas is 2, who leaves the last one alone stays eligible") {
  Image image = cluster_of(3);
  make_topic(image, {{1, 2, 3}}, "2");
  fence(image, 1);
  CHECK(said(partition(image)) == "leader 2 epoch 1 isr 2,3 eligible none");
  fence(image, 2);
  CHECK(said(partition(image)) == "leader 3 epoch 2 isr 3 eligible 2");
  fence(image, 3);
  CHECK(said(partition(image)) == "leader none epoch 3 isr none eligible 2,3");
}

TEST_CASE("Fencing: an eligible one leads when the last in sync dies") {
  Image image = cluster_of(2);
  make_topic(image, {{1, 2}}, "2");
  fence(image, 2);
  begin_life(image, 2, 77);  // it is eligible, and has not caught up
  REQUIRE(said(partition(image)) == "leader 1 epoch 0 isr 1 eligible 2");
  fence(image, 1);
  CHECK(said(partition(image)) == "leader 2 epoch 1 isr 2 eligible 1");
}

TEST_CASE("Fencing: twice, or a life that is over, or nobody, changes nothing") {
  Image image = cluster_of(2);
  make_topic(image, {{1, 2}});
  const BrokerEpoch first = life(image, 1);
  begin_life(image, 1, 77);
  CHECK(fence_broker(image, BrokerId(1), first)->empty());
  CHECK(fence_broker(image, BrokerId(9), first)->empty());
  fence(image, 1);
  CHECK(fence_broker(image, BrokerId(1), life(image, 1))->empty());
}

// --- going for good

TEST_CASE("Unregistering: who keeps no replica is forgotten, and nobody else is") {
  Image image = cluster_of(3);
  make_topic(image, {{1, 2}});
  CHECK(code(unregister_broker(image, BrokerId(9))) == Errc::broker_id_not_registered);
  const auto refused = unregister_broker(image, BrokerId(2));
  CHECK(code(refused) == Errc::invalid_request);
  CHECK(refused.error().message.find("a replica of t-0") != std::string::npos);
  REQUIRE(take(image, unregister_broker(image, BrokerId(3))));
  CHECK_FALSE(image.broker(BrokerId(3)));
  CHECK(image.brokers().size() == 2);
  // It may come again.
  begin_life(image, 3, 93);
  CHECK(image.broker(BrokerId(3)));
}

// --- producer ids

TEST_CASE("Producer ids: blocks follow each other, and another life gets none") {
  Image image = cluster_of(1);
  const BrokerEpoch epoch = life(image, 1);
  REQUIRE(take(image, take_producer_ids(image, BrokerId(1), epoch)));
  CHECK(image.next_producer_id() == ProducerId(1000));
  REQUIRE(take(image, take_producer_ids(image, BrokerId(1), epoch)));
  CHECK(image.next_producer_id() == ProducerId(2000));
  CHECK(code(take_producer_ids(image, BrokerId(1), epoch + 1)) == Errc::stale_broker_epoch);
  CHECK(code(take_producer_ids(image, BrokerId(2), epoch)) == Errc::stale_broker_epoch);
}
