// AlterPartitionReassignments and ListPartitionReassignments: what is told of each partition, that a request is one change, and
// that the leader ends a move that can end.
#include <catch2/catch.hpp>

#include "broker/one_broker.h"
#include "metadata/broker_changes.h"
#include "metadata/partition_change.h"
#include "metadata/reassignments.h"
#include "protocol/messages/alter_partition_reassignments.h"
#include "protocol/messages/list_partition_reassignments.h"

using namespace bobbin;
using namespace bobbin::test;
using AlterRequest = protocol::AlterPartitionReassignmentsRequest;
using AlterResponse = protocol::AlterPartitionReassignmentsResponse;
using ListRequest = protocol::ListPartitionReassignmentsRequest;
using ListResponse = protocol::ListPartitionReassignmentsResponse;

namespace {

using Asked = std::vector<AlterRequest::ReassignableTopic>;
using Replicas = std::optional<std::vector<int32_t>>;

// Brokers 2 and 3 are there in the metadata alone. Topic t: partitions 0 to 2, all on broker 1; topic u: one, on brokers 1 and 2.
struct Cluster {
  Cluster() {
    transactions.catch_up();
    for (int32_t id : {2, 3})
      change([id](const metadata::Image& image) {
        return metadata::register_broker(image, {BrokerId(id), {}, {}, {}});
      });
    create("t", {{1}, {1}, {1}});
    create("u", {{1, 2}});
    follow();
  }
  void create(const std::string& name, const std::vector<std::vector<int32_t>>& replicas) {
    change([&](const metadata::Image& image) {
      metadata::NewTopic made;
      made.name = name;
      made.id = os::random_uuid(b.world.world.random);
      for (size_t i = 0; i < replicas.size(); i++)
        made.assignments.push_back({PartitionId(static_cast<int32_t>(i)), {replicas[i].begin(), replicas[i].end()}});
      return metadata::create_topic(image, made, {{BrokerId(1), BrokerId(2), BrokerId(3)}, 0}, {});
    });
  }
  void change(metadata::Change how) {
    transactions.submit(std::move(how), [](Result<Offset> result) { REQUIRE(result.ok()); });
    while (b.world.jobs.count() > 0) b.world.jobs.run();
  }
  void follow() {
    b.broker->on_metadata_changed();
    b.settle();
  }
  // Its copy has everything.
  void join(const std::string& name, int32_t who) {
    change([&](const metadata::Image& image) {
      metadata::PartitionChange to(*image.topic(name), PartitionId(0), 1);
      to.join(BrokerId(who));
      return metadata::Records{*to.record()};
    });
    follow();
  }
  const metadata::Partition& partition(const std::string& name, int32_t number = 0) const {
    return b.broker->image().topic(name)->partitions[static_cast<size_t>(number)];
  }
  std::vector<int32_t> replicas(const std::string& name, int32_t number = 0) const {
    std::vector<int32_t> out;
    for (BrokerId id : partition(name, number).replicas) out.push_back(id.value);
    return out;
  }
  AlterResponse alter(Asked topics, int16_t version = 1, bool may_change_count = true) {
    AlterRequest request;
    request.topics = std::move(topics);
    request.allow_replication_factor_change = may_change_count;
    return b.call<AlterResponse>(version, request);
  }
  std::string listed(std::optional<std::vector<ListRequest::ListPartitionReassignmentsTopics>> topics = {}) {
    ListRequest request;
    request.topics = std::move(topics);
    std::string out;
    auto list = [](const std::vector<int32_t>& ids) {
      std::string text;
      for (int32_t id : ids) text += (text.empty() ? "" : ",") + std::to_string(id);
      return text.empty() ? "none" : text;
    };
    for (const auto& topic : b.call<ListResponse>(0, request).topics)
      for (const auto& p : topic.partitions)
        out += (out.empty() ? "" : "; ") + topic.name + "-" + std::to_string(p.partition_index) + " " +
               list(p.replicas) + " adding " + list(p.adding_replicas) + " removing " + list(p.removing_replicas);
    return out;
  }

  OneBroker b;
  metadata::Transactions transactions{b.world.world, b.dir, {[](const metadata::Delta&) {}}};
};

// "t-0 NONE, t-1 INVALID_REPLICA_ASSIGNMENT"
std::string told(const AlterResponse& response) {
  std::string out;
  for (const auto& topic : response.responses)
    for (const auto& p : topic.partitions)
      out += (out.empty() ? "" : ", ") + topic.name + "-" + std::to_string(p.partition_index) + " " +
             std::string(name(static_cast<Errc>(p.error_code)));
  return out;
}

}  // namespace

TEST_CASE("AlterPartitionReassignments: of each partition that is named it is told what became of it") {
  Cluster c;
  const int16_t version = GENERATE(int16_t{0}, int16_t{1});
  const auto response =
      c.alter({{"t", {{0, Replicas{{1, 2}}}, {1, Replicas{{9}}}, {2, std::nullopt}, {3, Replicas{{1}}}}},
               {"v", {{0, Replicas{{1}}}}},
               {"u", {{0, Replicas{{2, 1}}}}}},
              version);
  CHECK(told(response) ==
        "t-0 NONE, t-1 INVALID_REPLICA_ASSIGNMENT, t-2 NO_REASSIGNMENT_IN_PROGRESS, t-3 UNKNOWN_TOPIC_OR_PARTITION, "
        "v-0 UNKNOWN_TOPIC_OR_PARTITION, u-0 NONE");
  CHECK(response.error_code == 0);
  CHECK(response.responses[0].partitions[1].error_message == "there is no broker 9");
  CHECK_FALSE(response.responses[0].partitions[0].error_message);
  CHECK(c.replicas("t") == std::vector{1, 2});
  CHECK(c.replicas("u") == std::vector{2, 1});
  CHECK(c.listed() == "t-0 1,2 adding 2 removing none");
}

TEST_CASE("AlterPartitionReassignments: version 1 says that the number of replicas is to stay, and is told so") {
  Cluster c;
  const auto refused = c.alter({{"t", {{0, Replicas{{1, 2}}}}}}, 1, false);
  CHECK(told(refused) == "t-0 INVALID_REPLICATION_FACTOR");
  CHECK_FALSE(refused.allow_replication_factor_change);
  CHECK(told(c.alter({{"t", {{0, Replicas{{2}}}}}}, 1, false)) == "t-0 NONE");
}

TEST_CASE("AlterPartitionReassignments: a partition that is named twice is answered once and left as it is") {
  Cluster c;
  CHECK(told(c.alter({{"t", {{0, Replicas{{2}}}, {1, Replicas{{2}}}, {0, Replicas{{3}}}}},
                      {"t", {{0, Replicas{{1}}}}}})) == "t-0 INVALID_REQUEST, t-1 NONE");
  CHECK(c.replicas("t") == std::vector{1});
}

TEST_CASE("AlterPartitionReassignments: all of a request are one change") {
  Cluster c;
  c.b.world.storage.inject({1, true, Errc::disk_full, 0, {Call::write, Call::truncate}});
  const auto refused = c.alter({{"t", {{0, Replicas{{2}}}, {1, Replicas{{2}}}}}});
  CHECK(told(refused) == "t-0 KAFKA_STORAGE_ERROR, t-1 KAFKA_STORAGE_ERROR");
  CHECK(refused.error_code == static_cast<int16_t>(Errc::kafka_storage_error));
  c.b.world.storage.heal();
  const Offset before = c.b.broker->image().next_offset();
  CHECK(told(c.alter({{"t", {{0, Replicas{{2}}}, {1, Replicas{{2}}}}}})) == "t-0 NONE, t-1 NONE");
  CHECK(c.b.broker->image().next_offset() == before + 2);
}

TEST_CASE("AlterPartitionReassignments: too many changes are refused as a whole") {
  Cluster c;
  std::vector<AlterRequest::ReassignablePartition> many(10'001);
  for (size_t i = 0; i < many.size(); i++) many[i] = {static_cast<int32_t>(i), std::nullopt};
  CHECK(c.alter({{"t", many}}).error_code == static_cast<int16_t>(Errc::policy_violation));
  std::vector<int32_t> ids(10'001);
  for (size_t i = 0; i < ids.size(); i++) ids[i] = static_cast<int32_t>(i);
  CHECK(c.alter({{"t", {{0, ids}}}}).error_code == static_cast<int16_t>(Errc::policy_violation));
}

TEST_CASE("AlterPartitionReassignments: a move is taken back") {
  Cluster c;
  REQUIRE(told(c.alter({{"t", {{0, Replicas{{2, 3}}}}}})) == "t-0 NONE");
  REQUIRE(c.listed() == "t-0 2,3,1 adding 2,3 removing 1");
  CHECK(told(c.alter({{"t", {{0, std::nullopt}}}})) == "t-0 NONE");
  CHECK(c.replicas("t") == std::vector{1});
  CHECK(c.listed().empty());
}

TEST_CASE("ListPartitionReassignments: those that are named, if they move, each once") {
  Cluster c;
  REQUIRE(told(c.alter({{"t", {{0, Replicas{{1, 2}}}, {2, Replicas{{1, 3}}}}}, {"u", {{0, Replicas{{1, 3}}}}}})) ==
          "t-0 NONE, t-2 NONE, u-0 NONE");
  CHECK(c.listed() == "t-0 1,2 adding 2 removing none; t-2 1,3 adding 3 removing none; u-0 1,3,2 adding 3 removing 2");
  CHECK(c.listed({{{"t", {1, 2, 2, 7, -1}}, {"v", {0}}}}) == "t-2 1,3 adding 3 removing none");
  CHECK(c.listed({{}}).empty());
}

TEST_CASE("Reassignments: the leader ends a move when who is wanted is in sync, though nobody asks it for anything") {
  Cluster c;
  REQUIRE(c.b.produce("t", batch_of({"before"})).error_code == 0);
  REQUIRE(told(c.alter({{"t", {{0, Replicas{{1, 2}}}}}})) == "t-0 NONE");
  CHECK(metadata::is_moving(c.partition("t")));
  c.join("t", 2);
  CHECK_FALSE(metadata::is_moving(c.partition("t")));
  CHECK(c.replicas("t") == std::vector{1, 2});
}

TEST_CASE(
    "Reassignments: who is to go gives the lead away, and its copy is gone when the next leader has ended the move") {
  Cluster c;
  REQUIRE(c.b.produce("t", batch_of({"before"})).error_code == 0);
  const std::string folder = c.b.dir.broker_dir(BrokerId(1)) + "/t-0";
  REQUIRE(c.b.world.storage.stat(folder).ok());
  REQUIRE(told(c.alter({{"t", {{0, Replicas{{2}}}}}})) == "t-0 NONE");
  c.join("t", 2);
  CHECK(c.partition("t").leader == BrokerId(2));
  CHECK(metadata::is_moving(c.partition("t")));
  CHECK(c.b.world.storage.stat(folder).ok());
  c.change([&](const metadata::Image& image) {
    const metadata::Topic& topic = *image.topic("t");
    return metadata::go_on_move(image, {topic.id, PartitionId(0), BrokerId(2), topic.partitions[0].leader_epoch});
  });
  c.follow();
  CHECK(c.replicas("t") == std::vector{2});
  CHECK_FALSE(c.b.world.storage.stat(folder).ok());
}
