// PartitionChange: who is in sync, who may lead, and who leads, after one event.
#include "metadata/partition_change.h"

#include <functional>

#include "metadata/small_cluster.h"

using namespace bobbin;
using namespace bobbin::config;
using namespace bobbin::test;

namespace {

// The partition before: in its reign 5.
struct Before {
  std::vector<int32_t> replicas{1, 2, 3};
  std::vector<int32_t> isr{1, 2, 3};
  std::vector<int32_t> eligible = {};
  int32_t leader = 1;
  int32_t min_isr = 1;
};

Image image_of(const Before& before) {
  Image image;
  TopicRecord topic;
  topic.name = "t";
  topic.topic_id = uuid(50);
  REQUIRE(image.apply(topic, Offset(0)));
  PartitionRecord p;
  p.partition_id = 0;
  p.topic_id = topic.topic_id;
  p.replicas = before.replicas;
  p.isr = before.isr;
  if (!before.eligible.empty()) p.eligible_leader_replicas = before.eligible;
  p.leader = before.leader;
  p.leader_epoch = 5;
  for (int32_t id : before.replicas) p.directories.push_back(uuid(static_cast<unsigned char>(100 + id)));
  REQUIRE(image.apply(p, Offset(1)));
  return image;
}

std::optional<PartitionChangeRecord> record(const Image& image, int32_t min_isr,
                                            const std::function<void(PartitionChange&)>& event) {
  PartitionChange change(*image.topic("t"), PartitionId(0), min_isr);
  event(change);
  return change.record();
}

// The partition afterwards, or "nothing" where nothing is to be written.
std::string after(const Before& before, const std::function<void(PartitionChange&)>& event) {
  Image image = image_of(before);
  auto written = record(image, before.min_isr, event);
  if (!written) return "nothing";
  REQUIRE(image.apply(*written, Offset(2)));
  return said(partition(image));
}

IsAlive all_but(std::set<int32_t> dead) {
  return [dead = std::move(dead)](BrokerId id) { return !dead.contains(id.value); };
}

}  // namespace

// --- who is in sync

TEST_CASE("Partition change: a follower that leaves the isr begins no reign (KAFKA-15021)") {
  CHECK(after({}, [](PartitionChange& c) { c.leave(BrokerId(2)); }) == "leader 1 epoch 5 isr 1,3 eligible none");
}

TEST_CASE("Partition change: who has everything again comes in behind the others, and begins no reign") {
  CHECK(after({.isr = {1, 3}}, [](PartitionChange& c) { c.join(BrokerId(2)); }) ==
        "leader 1 epoch 5 isr 1,3,2 eligible none");
}

TEST_CASE("Partition change: who is in sync already, is not, or has no copy changes nothing") {
  CHECK(after({}, [](PartitionChange& c) { c.join(BrokerId(2)); }) == "nothing");
  CHECK(after({}, [](PartitionChange& c) { c.join(BrokerId(4)); }) == "nothing");
  CHECK(after({.isr = {1, 3}}, [](PartitionChange& c) { c.leave(BrokerId(2)); }) == "nothing");
  CHECK(after({}, [](PartitionChange& c) {
          c.leave(BrokerId(3));
          c.join(BrokerId(3));
        }) == "nothing");
}

// --- R11

TEST_CASE("Partition change: R11, who leaves while the isr is large enough is not eligible") {
  CHECK(after({.min_isr = 2}, [](PartitionChange& c) { c.leave(BrokerId(3)); }) ==
        "leader 1 epoch 5 isr 1,2 eligible none");
}

TEST_CASE("Partition change: R11, who makes the isr smaller than min.insync.replicas is eligible") {
  CHECK(after({.isr = {1, 2}, .min_isr = 2}, [](PartitionChange& c) { c.leave(BrokerId(2)); }) ==
        "leader 1 epoch 5 isr 1 eligible 2");
}

TEST_CASE("Partition change: R11, of those that leave at once all are eligible, in the order of preference") {
  CHECK(after({.isr = {1, 3, 2}, .min_isr = 2}, [](PartitionChange& c) {
          c.leave(BrokerId(3));
          c.leave(BrokerId(2));
        }) == "leader 1 epoch 5 isr 1 eligible 2,3");
}

TEST_CASE("Partition change: R11, who left while the isr was large enough does not become eligible later") {
  CHECK(after({.isr = {1, 2}, .min_isr = 2}, [](PartitionChange& c) { c.leave(BrokerId(1)); }) ==
        "leader 1 epoch 5 isr 2 eligible 1");
}

TEST_CASE("Partition change: R11, nobody is eligible once the isr is large enough again") {
  CHECK(after({.isr = {1}, .eligible = {2, 3}, .min_isr = 2}, [](PartitionChange& c) { c.join(BrokerId(2)); }) ==
        "leader 1 epoch 5 isr 1,2 eligible none");
}

TEST_CASE(
    "Partition change: R11, an isr that grows and is still too small keeps who is eligible, but for the new one") {
  CHECK(after({.isr = {1}, .eligible = {2, 3}, .min_isr = 3}, [](PartitionChange& c) { c.join(BrokerId(2)); }) ==
        "leader 1 epoch 5 isr 1,2 eligible 3");
}

TEST_CASE("Partition change: R11, a smaller min.insync.replicas ends eligibility with the next change") {
  CHECK(after({.isr = {1}, .eligible = {2}, .min_isr = 1}, [](PartitionChange&) {}) ==
        "leader 1 epoch 5 isr 1 eligible none");
}

TEST_CASE("Partition change: R11, the isr may become empty, and whoever was last is eligible") {
  CHECK(after({.isr = {1}, .eligible = {2}, .min_isr = 2}, [](PartitionChange& c) {
          c.leave(BrokerId(1));
          c.elect(all_but({1, 2, 3}));
        }) == "leader none epoch 6 isr none eligible 1,2");
}

// --- R12

TEST_CASE("Partition change: R12, who may have lost records is neither in sync nor eligible") {
  CHECK(after({.isr = {1, 2}, .min_isr = 2}, [](PartitionChange& c) { c.lose(BrokerId(2)); }) ==
        "leader 1 epoch 5 isr 1 eligible none");
  CHECK(after({.isr = {1}, .eligible = {2, 3}, .min_isr = 2}, [](PartitionChange& c) { c.lose(BrokerId(2)); }) ==
        "leader 1 epoch 5 isr 1 eligible 3");
}

TEST_CASE("Partition change: R12, a leader that may have lost records leads no more, though it is alive") {
  CHECK(after({.isr = {1, 2}, .min_isr = 2}, [](PartitionChange& c) {
          c.lose(BrokerId(1));
          c.elect(all_but({}));
        }) == "leader 2 epoch 6 isr 2 eligible none");
  CHECK(after({.isr = {1}, .min_isr = 2}, [](PartitionChange& c) {
          c.lose(BrokerId(1));
          c.elect(all_but({}));
        }) == "leader none epoch 6 isr none eligible none");
}

// --- who leads

TEST_CASE("Partition change: a leader that is alive and in sync stays, also when another one is preferred") {
  CHECK(after({.leader = 3}, [](PartitionChange& c) { c.elect(all_but({})); }) == "nothing");
}

TEST_CASE(
    "Partition change: the first of the replicas that is alive and in sync is elected, whatever the isr's order") {
  const Before before{.replicas = {3, 1, 2}, .isr = {2, 1}, .leader = 3};
  CHECK(after(before, [](PartitionChange& c) { c.elect(all_but({3})); }) == "leader 1 epoch 6 isr 2,1 eligible none");
  CHECK(after(before, [](PartitionChange& c) {
          c.elect(all_but({3, 1}));
        }) == "leader 2 epoch 6 isr 2,1 eligible none");
}

TEST_CASE("Partition change: who is alive and not in sync is not elected") {
  CHECK(after({.isr = {1}}, [](PartitionChange& c) {
          c.leave(BrokerId(1));
          c.elect(all_but({1}));
        }) == "leader none epoch 6 isr none eligible 1");
}

TEST_CASE("Partition change: where nobody of the isr is alive the first eligible one leads, and is the isr") {
  CHECK(after({.isr = {1}, .eligible = {2, 3}, .min_isr = 3}, [](PartitionChange& c) {
          c.leave(BrokerId(1));
          c.elect(all_but({1, 2}));
        }) == "leader 3 epoch 6 isr 3 eligible 1,2");
}

TEST_CASE("Partition change: who is in sync leads before whoever is eligible and preferred") {
  CHECK(after({.isr = {3}, .eligible = {1, 2}, .leader = -1, .min_isr = 2},
              [](PartitionChange& c) { c.elect(all_but({})); }) == "leader 3 epoch 6 isr 3 eligible 1,2");
}

TEST_CASE("Partition change: where nobody led and nobody may lead, nothing is written") {
  CHECK(after({.isr = {}, .eligible = {1, 2}, .leader = -1, .min_isr = 2}, [](PartitionChange& c) {
          c.elect(all_but({1, 2}));
        }) == "nothing");
}

TEST_CASE("Partition change: who is eligible leads when it comes back, and is the isr alone") {
  CHECK(after({.isr = {}, .eligible = {1, 2}, .leader = -1, .min_isr = 2},
              [](PartitionChange& c) { c.elect(all_but({1})); }) == "leader 2 epoch 6 isr 2 eligible 1");
}

// --- R15

TEST_CASE("Partition change: R15, the leader that stays begins a reign of its own") {
  CHECK(after({}, [](PartitionChange& c) { c.begin_reign(all_but({})); }) ==
        "leader 1 epoch 6 isr 1,2,3 eligible none");
  CHECK(after({.leader = 2}, [](PartitionChange& c) { c.begin_reign(all_but({})); }) ==
        "leader 2 epoch 6 isr 1,2,3 eligible none");
}

TEST_CASE("Partition change: R15, a reign that the leader cannot begin is another's") {
  CHECK(after({}, [](PartitionChange& c) { c.begin_reign(all_but({1})); }) ==
        "leader 2 epoch 6 isr 1,2,3 eligible none");
  CHECK(after({.isr = {1}}, [](PartitionChange& c) { c.begin_reign(all_but({1})); }) ==
        "leader none epoch 6 isr 1 eligible none");
}

TEST_CASE("Partition change: who is made leader begins a reign") {
  CHECK(after({}, [](PartitionChange& c) { c.make_leader(BrokerId(3)); }) ==
        "leader 3 epoch 6 isr 1,2,3 eligible none");
}

// --- what is written

TEST_CASE("Partition change: the record tells what changed, and nothing else") {
  const Image image = image_of({.isr = {1, 2}, .min_isr = 2});
  PartitionChangeRecord expected;
  expected.partition_id = 0;
  expected.topic_id = uuid(50);
  expected.isr = {1};
  expected.eligible_leader_replicas = {2};
  CHECK(record(image, 2, [](PartitionChange& c) { c.leave(BrokerId(2)); }) == expected);
  expected.isr = {2};
  expected.eligible_leader_replicas = {1};
  expected.leader = 2;
  CHECK(record(image, 2, [](PartitionChange& c) {
          c.leave(BrokerId(1));
          c.elect(all_but({1}));
        }) == expected);
}

TEST_CASE("Partition change: a copy that lies elsewhere is told with those that stay") {
  const Image image = image_of({});
  PartitionChangeRecord expected;
  expected.partition_id = 0;
  expected.topic_id = uuid(50);
  expected.directories = {uuid(101), uuid(9), uuid(103)};
  CHECK(record(image, 1, [](PartitionChange& c) { c.move_to(BrokerId(2), uuid(9)); }) == expected);
  CHECK_FALSE(record(image, 1, [](PartitionChange& c) { c.move_to(BrokerId(2), uuid(102)); }));
  CHECK_FALSE(record(image, 1, [](PartitionChange& c) { c.move_to(BrokerId(4), uuid(9)); }));
}

// --- min.insync.replicas, and who is alive

TEST_CASE("Partition change: min.insync.replicas is the topic's, else the cluster's, else 1") {
  Image image = cluster_of(3);
  make_topic(image, {{1, 2, 3}});
  auto min_isr = [&] { return min_isr_of(image, *image.topic("t"), partition(image)); };
  auto set = [&](ConfigScope scope, const std::string& name, const std::string& value) {
    REQUIRE(take(image, alter_configs(image, {scope, name}, {{"min.insync.replicas", ConfigOp::set, value}})));
  };
  CHECK(min_isr() == 1);
  set(ConfigScope::broker, "", "3");
  CHECK(min_isr() == 3);
  set(ConfigScope::broker, "1", "1");  // of one broker: it is no matter of the partition's
  CHECK(min_isr() == 3);
  set(ConfigScope::topic, "t", "2");
  CHECK(min_isr() == 2);
}

TEST_CASE("Partition change: min.insync.replicas is never more than there are replicas") {
  Image image = cluster_of(3);
  make_topic(image, {{1, 2}}, "3");
  CHECK(min_isr_of(image, *image.topic("t"), partition(image)) == 2);
}

TEST_CASE("Partition change: alive is who is registered and not fenced") {
  Image image = cluster_of(2);
  fence(image, 2);
  const IsAlive is_alive = alive_in(image);
  CHECK(is_alive(BrokerId(1)));
  CHECK_FALSE(is_alive(BrokerId(2)));
  CHECK_FALSE(is_alive(BrokerId(3)));
}
