// Topology: what was asked for is found, and nothing beside it.
#include "client/topology.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::client;

TEST_CASE("Topology: a topic that was never asked for is none, one that is not there has its error") {
  Topology topology;
  CHECK(topology.topic("t") == nullptr);
  CHECK(topology.partition("t", PartitionId(0)) == nullptr);
  topology.topics["t"] = {"t", {}, Errc::unknown_topic_or_partition, false, {}};
  REQUIRE(topology.topic("t"));
  CHECK(topology.topic("t")->error == Errc::unknown_topic_or_partition);
  CHECK(topology.partition("t", PartitionId(0)) == nullptr);
  for (const char* other : {"", "T", "t ", "tt"}) CHECK(topology.topic(other) == nullptr);
}

TEST_CASE("Topology: partitions are those from 0 up to their number") {
  Topology topology;
  TopicView& topic = topology.topics["t"];
  topic.partitions.resize(2);
  topic.partitions[1].leader = BrokerId(7);
  CHECK(topology.partition("t", PartitionId(0))->leader == broker_none);
  CHECK(topology.partition("t", PartitionId(1))->leader == BrokerId(7));
  for (int32_t number : {-1, 2, INT32_MAX, INT32_MIN}) {
    CAPTURE(number);
    CHECK(topology.partition("t", PartitionId(number)) == nullptr);
  }
}
