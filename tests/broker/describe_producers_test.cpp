// DescribeProducers: whom a partition remembers, and what is told where it cannot be asked.
#include "protocol/messages/describe_producers.h"

#include <catch2/catch.hpp>

#include "broker/one_broker.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

using Request = protocol::DescribeProducersRequest;
using Response = protocol::DescribeProducersResponse;
using Producer = Response::ProducerState;
using Told = Response::PartitionResponse;

Told of(OneBroker& b, const std::string& topic, int32_t partition = 0) {
  Request request;
  request.topics.push_back({topic, {partition}});
  return b.call<Response>(0, request).topics.at(0).partitions.at(0);
}

constexpr int64_t t0 = 1700000000000;

}  // namespace

TEST_CASE("DescribeProducers: each with its epoch, its last sequence and its last time, and no transaction") {
  OneBroker b;
  b.create("t");
  CHECK(of(b, "t").active_producers.empty());
  REQUIRE(b.produce("t", batch_of({"a", "b"}, {7, 0, 0, t0})).error_code == 0);
  REQUIRE(b.produce("t", batch_of({"c"}, {7, 0, 2, t0 + 5})).error_code == 0);
  REQUIRE(b.produce("t", batch_of({"d"}, {3, 4, 0, t0 + 9})).error_code == 0);
  REQUIRE(b.produce("t", batch_of({"of nobody"})).error_code == 0);
  const std::vector<Producer> known{{3, 4, 0, t0 + 9, -1, -1}, {7, 0, 2, t0 + 5, -1, -1}};
  CHECK(of(b, "t") == Told{0, 0, std::nullopt, known});
  // A new epoch takes the place of the one before.
  REQUIRE(b.produce("t", batch_of({"e"}, {7, 1, 0, t0 + 11})).error_code == 0);
  const std::vector<Producer> then{{3, 4, 0, t0 + 9, -1, -1}, {7, 1, 0, t0 + 11, -1, -1}};
  CHECK(of(b, "t").active_producers == then);
  b.restart_after_kill();
  CHECK(of(b, "t").active_producers == then);
}

TEST_CASE("DescribeProducers: what is not there; each as often as it is named") {
  OneBroker b;
  b.create("t");
  REQUIRE(b.produce("t", batch_of({"a"}, {7, 0, 0, t0})).error_code == 0);
  Request request;
  request.topics.push_back({"t", {0, 1, -1, 0}});
  request.topics.push_back({"no.such", {0, 5}});
  request.topics.push_back({"not/ok", {0}});
  request.topics.push_back({"t", {}});
  auto told = b.call<Response>(0, request);
  REQUIRE(told.topics.size() == 4);
  auto codes = [&](size_t topic) {
    std::vector<Errc> out;
    for (const auto& p : told.topics[topic].partitions) out.push_back(static_cast<Errc>(p.error_code));
    return out;
  };
  const Errc unknown = Errc::unknown_topic_or_partition;
  CHECK(codes(0) == std::vector{Errc::none, unknown, unknown, Errc::none});
  CHECK(told.topics[0].partitions[0] == told.topics[0].partitions[3]);
  CHECK(codes(1) == std::vector{unknown, unknown});
  CHECK(told.topics[1].partitions[1].partition_index == 5);
  CHECK(told.topics[1].partitions[1].error_message == "no topic is called no.such");
  CHECK(codes(2) == std::vector{Errc::invalid_topic_exception});
  CHECK(codes(3).empty());
}

TEST_CASE("DescribeProducers: a broker without a copy of a partition is not asked for its producers") {
  OneBroker a;
  OneBroker b(a, BrokerId(2));
  auto held = a.world.storage.try_lock(a.dir.broker_lock(BrokerId(2)));
  REQUIRE(held.ok());
  a.broker->on_metadata_changed();
  a.settle();
  a.create("t", 2);
  const int32_t theirs = a.broker->image().topic("t")->partitions[0].leader == BrokerId(2) ? 0 : 1;
  CHECK(of(a, "t", theirs).error_code == static_cast<int16_t>(Errc::not_leader_or_follower));
  CHECK(of(a, "t", 1 - theirs).error_code == 0);
}

TEST_CASE("DescribeProducers: an answer has an end, and says of what it leaves out that it does") {
  OneBroker b;
  b.create("t");
  for (int64_t id = 0; id < 40; id++) REQUIRE(b.produce("t", batch_of({"x"}, {id, 0, 0, t0})).error_code == 0);
  Request request;
  request.topics.push_back({"t", std::vector<int32_t>(6000, 0)});
  auto told = b.call<Response>(0, request).topics.at(0).partitions;
  REQUIRE(told.size() == 6000);
  CHECK(told[4999].active_producers.size() == 40);
  CHECK(told[5000].error_code == static_cast<int16_t>(Errc::policy_violation));
  CHECK(told[5999].active_producers.empty());
}
