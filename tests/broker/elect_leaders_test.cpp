// ElectLeaders: what is told of each partition, and that a request is one change.
#include "protocol/messages/elect_leaders.h"

#include <catch2/catch.hpp>

#include "broker/one_broker.h"
#include "metadata/broker_changes.h"
#include "metadata/partition_change.h"

using namespace bobbin;
using namespace bobbin::test;
using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;

namespace {

using Asked = std::vector<ElectLeadersRequest::TopicPartitions>;
constexpr int8_t of_preferred = 0, of_any = 1;

// The other broker of the cluster is there in the metadata alone. Topic t has partitions that were placed to be led by
//   0  broker 2, which is in sync; broker 1 leads
//   1  broker 1, which leads
//   2  broker 2, which is not in sync; broker 1 leads
struct Cluster {
  Cluster() {
    transactions.catch_up();
    change([](const metadata::Image& image) { return metadata::register_broker(image, {BrokerId(2), {}, {}, {}}); });
    change([this](const metadata::Image& image) {
      metadata::NewTopic made;
      made.name = "t";
      made.id = os::random_uuid(b.world.world.random);
      const BrokerId one(1), two(2);
      made.assignments = {{PartitionId(0), {two, one}}, {PartitionId(1), {one, two}}, {PartitionId(2), {two, one}}};
      return metadata::create_topic(image, made, {{one, two}, 0}, {});
    });
    with_partition(0, [](metadata::PartitionChange& to) { to.make_leader(BrokerId(1)); });
    with_partition(2, [](metadata::PartitionChange& to) {
      to.make_leader(BrokerId(1));
      to.leave(BrokerId(2));
    });
    b.broker->on_metadata_changed();
    b.settle();
    REQUIRE(leaders() == std::vector{1, 1, 1});
  }
  void change(metadata::Change how) {
    transactions.submit(std::move(how), [](Result<Offset> result) { REQUIRE(result.ok()); });
    while (b.world.jobs.count() > 0) b.world.jobs.run();
  }
  void with_partition(int32_t number, const std::function<void(metadata::PartitionChange&)>& how) {
    change([&](const metadata::Image& image) {
      metadata::PartitionChange to(*image.topic("t"), PartitionId(number), 1);
      how(to);
      return metadata::Records{*to.record()};
    });
  }
  std::vector<int32_t> leaders() const {
    std::vector<int32_t> out;
    for (const auto& p : b.broker->image().topic("t")->partitions) out.push_back(p.leader.value);
    return out;
  }
  ElectLeadersResponse ask(int8_t type, std::optional<Asked> partitions, int16_t version = 2) {
    ElectLeadersRequest request;
    request.election_type = type;
    request.topic_partitions = std::move(partitions);
    return b.call<ElectLeadersResponse>(version, request);
  }

  OneBroker b;
  metadata::Transactions transactions{b.world.world, b.dir, {[](const metadata::Delta&) {}}};
};

// "t-0 NONE, t-1 ELECTION_NOT_NEEDED"
std::string told(const ElectLeadersResponse& response) {
  std::string out;
  for (const auto& topic : response.replica_election_results)
    for (const auto& p : topic.partition_result)
      out += (out.empty() ? "" : ", ") + topic.topic + "-" + std::to_string(p.partition_id) + " " +
             std::string(name(static_cast<Errc>(p.error_code)));
  return out;
}

}  // namespace

TEST_CASE("ElectLeaders: of each partition that is named it is told what became of it") {
  Cluster c;
  const int16_t version = GENERATE(int16_t{0}, int16_t{1}, int16_t{2});
  const Offset before = c.b.broker->image().next_offset();
  const auto response = c.ask(of_preferred, Asked{{"t", {2, 1, 0, 3}}, {"u", {0}}}, version);
  CHECK(told(response) ==
        "t-2 PREFERRED_LEADER_NOT_AVAILABLE, t-1 ELECTION_NOT_NEEDED, t-0 NONE, t-3 UNKNOWN_TOPIC_OR_PARTITION, "
        "u-0 UNKNOWN_TOPIC_OR_PARTITION");
  CHECK(response.error_code == 0);
  CHECK(response.replica_election_results[0].partition_result[0].error_message ==
        "its preferred leader, broker 2, is not in sync yet");
  CHECK_FALSE(response.replica_election_results[0].partition_result[2].error_message);
  CHECK(c.leaders() == std::vector{2, 1, 1});
  CHECK(c.b.broker->image().next_offset() == before + 1);
}

TEST_CASE("ElectLeaders: of all partitions those are told of that need an election") {
  Cluster c;
  CHECK(told(c.ask(of_preferred, std::nullopt)) == "t-0 NONE, t-2 PREFERRED_LEADER_NOT_AVAILABLE");
  CHECK(c.leaders() == std::vector{2, 1, 1});
  CHECK(told(c.ask(of_preferred, std::nullopt)) == "t-2 PREFERRED_LEADER_NOT_AVAILABLE");
  CHECK(told(c.ask(of_preferred, Asked{})).empty());
}

TEST_CASE("ElectLeaders: all elections of a request are one change") {
  Cluster c;
  c.with_partition(1, [](metadata::PartitionChange& to) { to.make_leader(BrokerId(2)); });
  c.b.world.storage.inject({1, true, Errc::disk_full, 0, {Call::write, Call::truncate}});
  const auto refused = c.ask(of_preferred, Asked{{"t", {0, 1}}});
  CHECK(told(refused) == "t-0 KAFKA_STORAGE_ERROR, t-1 KAFKA_STORAGE_ERROR");
  CHECK(refused.error_code == static_cast<int16_t>(Errc::kafka_storage_error));
  const auto of_all = c.ask(of_preferred, std::nullopt);
  CHECK(told(of_all).empty());
  CHECK(of_all.error_code == static_cast<int16_t>(Errc::kafka_storage_error));
  c.b.world.storage.heal();
  CHECK(told(c.ask(of_preferred, Asked{{"t", {0, 1}}})) == "t-0 NONE, t-1 NONE");
  CHECK(c.leaders() == std::vector{2, 1, 1});
}

TEST_CASE("ElectLeaders: what is refused for all partitions in version 0, which cannot say so, ends the connection") {
  Cluster c;
  c.b.world.storage.inject({1, true, Errc::disk_full, 0, {Call::write, Call::truncate}});
  auto connection = c.b.connect();
  c.b.ask(connection, 0, ElectLeadersRequest{});
  c.b.settle();
  CHECK(c.b.waiting(connection) == 0);
  CHECK(c.b.is_closed(connection));
}

TEST_CASE("ElectLeaders: a partition that is named twice is answered once and left as it is") {
  Cluster c;
  CHECK(told(c.ask(of_preferred, Asked{{"t", {0, 1, 0}}, {"t", {0}}})) ==
        "t-0 INVALID_REQUEST, t-1 ELECTION_NOT_NEEDED");
  CHECK(c.leaders() == std::vector{1, 1, 1});
}

TEST_CASE("ElectLeaders: where nobody leads an unclean election makes one a leader that may lack records") {
  Cluster c;
  CHECK(told(c.ask(of_any, Asked{{"t", {0}}})) == "t-0 ELECTION_NOT_NEEDED");
  c.with_partition(2, [](metadata::PartitionChange& to) {
    to.lose(BrokerId(1));
    to.make_leader(broker_none);
  });
  const auto response = c.ask(of_any, std::nullopt);
  CHECK(told(response) == "t-2 NONE");
  CHECK(c.leaders() == std::vector{1, 1, 2});
}

TEST_CASE("ElectLeaders: an election of a type that is not there, and one of too many, are refused as a whole") {
  Cluster c;
  const auto unknown = c.ask(7, Asked{{"t", {0}}});
  CHECK(told(unknown) == "t-0 INVALID_REQUEST");
  CHECK(unknown.error_code == static_cast<int16_t>(Errc::invalid_request));
  std::vector<int32_t> many(10'001);
  for (size_t i = 0; i < many.size(); i++) many[i] = static_cast<int32_t>(i);
  CHECK(c.ask(of_preferred, Asked{{"t", many}}).error_code == static_cast<int16_t>(Errc::policy_violation));
  CHECK(c.leaders() == std::vector{1, 1, 1});
}

// --- what an election means to producers

TEST_CASE("Produce: a batch that was refused by who did not lead holds nothing back once its producer is known there") {
  Cluster c;
  const auto connection = c.b.connect();
  auto produce = [&](int64_t producer, int32_t sequence) {
    const std::string batch = batch_of({"v"}, {producer, 0, sequence});
    c.b.ask(connection, 9, c.b.produce_request("t", batch, 1));
    c.b.settle();
    auto told = c.b.answer<protocol::ProduceResponse>(connection, 9);
    REQUIRE(told);
    return static_cast<Errc>(told->responses.at(0).partition_responses.at(0).error_code);
  };
  auto lead = [&](int32_t who) {
    c.with_partition(0, [&](metadata::PartitionChange& to) { to.make_leader(BrokerId(who)); });
    c.b.broker->on_metadata_changed();
    c.b.settle();
  };
  REQUIRE(produce(7, 0) == Errc::none);
  lead(2);
  REQUIRE(produce(7, 5) == Errc::not_leader_or_follower);
  REQUIRE(produce(8, 0) == Errc::not_leader_or_follower);
  lead(1);
  CHECK(produce(7, 1) == Errc::none);  // 5 is told to be out of order if it comes
  CHECK(produce(7, 3) == Errc::out_of_order_sequence_number);
  CHECK(produce(8, 1) == Errc::out_of_order_sequence_number);  // nobody knows that 0 was there before it
  CHECK(produce(8, 0) == Errc::none);
  CHECK(produce(8, 1) == Errc::none);
}
