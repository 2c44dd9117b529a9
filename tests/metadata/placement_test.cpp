// Placement: which brokers get a copy of a new partition, and who leads it first.
#include "metadata/placement.h"

#include <map>

#include "metadata/small_cluster.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

using Lists = std::vector<std::vector<int32_t>>;

Lists numbers(const ReplicaLists& lists) {
  Lists out;
  for (const auto& list : lists) {
    auto& to = out.emplace_back();
    for (BrokerId id : list) to.push_back(id.value);
  }
  return out;
}

Lists placed(const Image& image, size_t partitions, size_t replicas, const Placement& placement,
             const Topic* topic = nullptr) {
  auto lists = place(image, topic, partitions, replicas, placement);
  if (!lists) FAIL(lists.error().message);
  return numbers(*lists);
}

Errc refusal(const Image& image, size_t partitions, size_t replicas, const Placement& placement) {
  auto lists = place(image, nullptr, partitions, replicas, placement);
  if (lists) return Errc::none;
  CHECK(lists.error().message.size() > 10);
  return lists.error().code;
}

Placement among(const std::vector<int32_t>& brokers) { return {ids(brokers), 0}; }

Assignment assigned(int32_t partition, const std::vector<int32_t>& replicas) {
  return {PartitionId(partition), ids(replicas)};
}

Errc refusal(const Image& image, const std::vector<Assignment>& assignments, const Placement& placement) {
  auto lists = checked_assignments(image, assignments, placement);
  if (lists) return Errc::none;
  CHECK(lists.error().message.size() > 10);
  return lists.error().code;
}

}  // namespace

// --- leaders

TEST_CASE("Placing: leaders take turns, from where the random number says") {
  Image image = cluster_of(3);
  CHECK(placed(image, 4, 1, anywhere(image, 0)) == Lists{{1}, {2}, {3}, {1}});
  CHECK(placed(image, 4, 1, anywhere(image, 1)) == Lists{{2}, {3}, {1}, {2}});
  CHECK(placed(image, 4, 1, anywhere(image, UINT64_MAX)) == Lists{{1}, {2}, {3}, {1}});  // 3 divides it
}

TEST_CASE("Placing: leaders are balanced over all topics") {
  Image image = cluster_of(3);
  make_topic(image, {{1}, {1}, {3}});
  CHECK(placed(image, 3, 1, anywhere(image)) == Lists{{2}, {3}, {1}});
  CHECK(placed(image, 1, 2, anywhere(image)) == Lists{{2, 3}});
}

TEST_CASE("Placing: who leads fewest of the topic leads its new partitions, and only then who leads fewest of all") {
  Image image = cluster_of(3);
  NewTopic other = topic_named("other", -1, 60);
  for (int32_t p = 0; p < 6; p++) other.assignments.push_back(assigned(p, {p < 4 ? 3 : 2}));  // 3 leads most of all
  REQUIRE(take(image, creating(image, other)));
  make_topic(image, {{1}, {1}});
  CHECK(placed(image, 4, 1, anywhere(image), image.topic("t")) == Lists{{2}, {3}, {2}, {3}});
}

TEST_CASE("Placing: topics of one partition each are spread, too") {
  Image image = cluster_of(3);
  REQUIRE(take(image, create_topic(image, topic_named("six", 6, 1), anywhere(image, 1), {})));
  CHECK(leaders(image, "six") == std::vector<int32_t>{2, 3, 1, 2, 3, 1});
  std::map<int32_t, int> count;
  for (unsigned char i = 0; i < 4; i++) {
    const std::string name = "one" + std::to_string(i);
    REQUIRE(take(image, creating(image, topic_named(name, 1, static_cast<unsigned char>(10 + i)))));
    count[leaders(image, name).front()]++;
  }
  CHECK(count == std::map<int32_t, int>{{1, 2}, {2, 1}, {3, 1}});
  REQUIRE(take(image, create_partitions(image, "six", 8, {}, anywhere(image, 2))));
  CHECK(leaders(image, "six") == std::vector<int32_t>{2, 3, 1, 2, 3, 1, 3, 2});
}

// --- followers

TEST_CASE("Placing: followers are those behind the leader in the ring, and one further with each round of leaders") {
  Image image = cluster_of(4);
  CHECK(placed(image, 4, 3, anywhere(image)) == Lists{{1, 2, 3}, {2, 3, 4}, {3, 4, 1}, {4, 1, 2}});
  const Lists twelve = placed(image, 12, 3, anywhere(image));
  CHECK(Lists{twelve[0], twelve[4], twelve[8]} == Lists{{1, 2, 3}, {1, 3, 4}, {1, 4, 2}});
  CHECK(Lists{twelve[3], twelve[7], twelve[11]} == Lists{{4, 1, 2}, {4, 2, 3}, {4, 3, 1}});
}

TEST_CASE("Placing: what a broker leads has its first followers evenly on all the others") {
  Image image = cluster_of(5);
  std::map<std::pair<int32_t, int32_t>, int> pairs;
  for (const auto& list : placed(image, 40, 2, anywhere(image, 3))) pairs[{list[0], list[1]}]++;
  CHECK(pairs.size() == 20);
  for (const auto& [pair, count] : pairs) CHECK(count == 2);
}

TEST_CASE("Placing: every broker gets as many copies as the others, and none twice of one partition") {
  Image image = cluster_of(4);
  std::map<int32_t, int> copies;
  for (const auto& list : placed(image, 12, 3, anywhere(image, 2))) {
    CHECK(std::set<int32_t>(list.begin(), list.end()).size() == 3);
    for (int32_t id : list) copies[id]++;
  }
  CHECK(copies == std::map<int32_t, int>{{1, 9}, {2, 9}, {3, 9}, {4, 9}});
}

TEST_CASE("Placing: partitions that are added go on where those before them stopped") {
  Image image = cluster_of(3);
  make_topic(image, {{1, 2}, {2, 3}, {3, 1}});
  CHECK(placed(image, 3, 2, anywhere(image), image.topic("t")) == Lists{{1, 3}, {2, 1}, {3, 2}});
}

TEST_CASE("Placing: where there are as many replicas as brokers, each has a copy") {
  Image image = cluster_of(3);
  CHECK(placed(image, 6, 3, anywhere(image)) ==
        Lists{{1, 2, 3}, {2, 3, 1}, {3, 1, 2}, {1, 3, 2}, {2, 1, 3}, {3, 2, 1}});
}

// --- who counts

TEST_CASE("Placing: brokers that are fenced, not registered or not alive get nothing") {
  Image image = cluster_of(4);
  fence(image, 2);
  CHECK(placed(image, 2, 2, among({1, 2, 3, 9})) == Lists{{1, 3}, {3, 1}});
}

TEST_CASE("Placing: fewer brokers than replicas are refused") {
  Image image = cluster_of(3);
  fence(image, 3);
  CHECK(refusal(image, 1, 2, anywhere(image)) == Errc::none);
  CHECK(refusal(image, 1, 3, anywhere(image)) == Errc::invalid_replication_factor);
  CHECK(refusal(image, 1, 2, among({1, 3, 9})) == Errc::invalid_replication_factor);
  CHECK(refusal(image, 1, 1, among({})) == Errc::invalid_replication_factor);
}

// --- assignments

TEST_CASE("Placing: an assignment is taken as it is, in the order of its partitions") {
  Image image = cluster_of(3);
  auto lists = checked_assignments(image, {assigned(1, {3, 1}), assigned(0, {2, 3})}, anywhere(image));
  REQUIRE(lists.ok());
  CHECK(numbers(*lists) == Lists{{2, 3}, {3, 1}});
}

TEST_CASE("Placing: partitions of an assignment are numbered from 0 on, each once") {
  Image image = cluster_of(2);
  const Placement all = anywhere(image);
  CHECK(refusal(image, {assigned(0, {1}), assigned(0, {2})}, all) == Errc::invalid_replica_assignment);
  CHECK(refusal(image, {assigned(0, {1}), assigned(2, {2})}, all) == Errc::invalid_replica_assignment);
  CHECK(refusal(image, {assigned(1, {1})}, all) == Errc::invalid_replica_assignment);
  CHECK(refusal(image, {assigned(-1, {1}), assigned(0, {1})}, all) == Errc::invalid_replica_assignment);
}

TEST_CASE("Placing: partitions with unequal numbers of replicas are refused") {
  Image image = cluster_of(3);
  const Placement all = anywhere(image);
  CHECK(refusal(image, {assigned(0, {1, 2}), assigned(1, {2})}, all) == Errc::invalid_replica_assignment);
  CHECK(refusal(image, {assigned(0, {1}), assigned(1, {2, 3})}, all) == Errc::invalid_replica_assignment);
  CHECK(refusal(image, {assigned(0, {1, 2}), assigned(1, {2, 3})}, all) == Errc::none);
}

TEST_CASE("Placing: a partition without replicas, with one twice, or with one of no broker is refused") {
  Image image = cluster_of(2);
  auto refused = [&](const std::vector<int32_t>& replicas) {
    Status checked = check_replicas(image, 7, ids(replicas), anywhere(image));
    if (checked) return Errc::none;
    CHECK(checked.error().message.starts_with("partition 7: "));
    return checked.error().code;
  };
  CHECK(refused({}) == Errc::invalid_replica_assignment);
  CHECK(refused({1, 2, 1}) == Errc::invalid_replica_assignment);
  CHECK(refused({1, 9}) == Errc::invalid_replica_assignment);
  CHECK(refused({2, 1}) == Errc::none);
}

TEST_CASE("Placing: an assignment may name brokers that are not alive, as long as one is") {
  Image image = cluster_of(3);
  fence(image, 2);
  CHECK(refusal(image, {assigned(0, {3, 2, 1})}, among({1})) == Errc::none);
  CHECK(refusal(image, {assigned(0, {3, 2})}, among({1})) == Errc::invalid_replica_assignment);
  CHECK(refusal(image, {assigned(0, {2})}, among({1, 2})) == Errc::invalid_replica_assignment);
}

// --- the first reign

TEST_CASE("Placing: in the first reign those that are alive are in sync, and the first of them leads") {
  Image image = cluster_of(3);
  fence(image, 3);
  PartitionRecord expected;
  expected.partition_id = 4;
  expected.topic_id = uuid(50);
  expected.replicas = {3, 2, 1};
  expected.isr = {2, 1};
  expected.leader = 2;
  expected.leader_epoch = expected.partition_epoch = 0;
  expected.directories = {uuid(103), uuid(102), uuid(101)};
  CHECK(first_reign(image, uuid(50), 4, ids({3, 2, 1}), anywhere(image)) == expected);
}
