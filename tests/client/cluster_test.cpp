// What a cluster says of itself.
#include "client/admin/cluster.h"

#include "client/answering.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/unregister_broker.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using fake::FakeCluster;

namespace {
using Describing = Answering<protocol::DescribeClusterRequest, protocol::DescribeClusterResponse>;
}

TEST_CASE("Cluster: its brokers are told by their ids, with what is known of each") {
  FakeCluster cluster;
  protocol::DescribeClusterResponse response;
  response.cluster_id = "Some-Id";
  response.controller_id = 2;
  response.brokers = {{10, "c", 3, "rack 1", false}, {2, "::1", 2, std::nullopt, false}, {1, "a", 0, "", false}};
  Describing describing(cluster, response);
  auto told = describe_cluster(*open_session(cluster));
  REQUIRE(told.ok());
  CHECK(told->cluster_id == "Some-Id");
  CHECK(told->controller == BrokerId(2));
  REQUIRE(told->nodes.size() == 3);
  CHECK(told->nodes[0].id == BrokerId(1));
  CHECK(told->nodes[0].rack == "");
  CHECK(told->nodes[1].host == "::1");
  CHECK(told->nodes[1].port == 2);
  CHECK_FALSE(told->nodes[1].rack);
  CHECK(told->nodes[2].rack == "rack 1");
}

TEST_CASE("Cluster: one without a controller has none, and a refusal is a sentence") {
  FakeCluster cluster;
  auto session = open_session(cluster);
  protocol::DescribeClusterResponse response;
  {
    Describing describing(cluster, response);
    auto told = describe_cluster(*session);
    REQUIRE(told.ok());
    CHECK(told->controller == broker_none);
    CHECK(told->nodes.empty());
  }
  response.error_code = static_cast<int16_t>(Errc::cluster_authorization_failed);
  Describing describing(cluster, response);
  auto refused = describe_cluster(*session);
  CHECK(refused.error().code == Errc::cluster_authorization_failed);
  CHECK(refused.error().message == "the cluster: you may not do this");
}

TEST_CASE("Cluster: a broker is forgotten by its id, and a refusal says why") {
  FakeCluster cluster;
  auto session = open_session(cluster);
  protocol::UnregisterBrokerResponse response;
  using Unregistering = Answering<protocol::UnregisterBrokerRequest, protocol::UnregisterBrokerResponse>;
  {
    Unregistering unregistering(cluster, response);
    CHECK(unregister_broker(*session, BrokerId(7)).ok());
    REQUIRE(unregistering.requests().size() == 1);
    CHECK(unregistering.requests()[0].broker_id == 7);
  }
  response.error_code = static_cast<int16_t>(Errc::invalid_request);
  response.error_message = "it runs";
  Unregistering unregistering(cluster, response);
  CHECK(unregister_broker(*session, BrokerId(7)).error().message == "broker 7: it runs");
}
