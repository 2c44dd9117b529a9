// Elections: what is asked, and what is made of answers that leave out, add and repeat.
#include "client/admin/elections.h"

#include "client/answering.h"
#include "protocol/messages/elect_leaders.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using namespace bobbin::protocol;
using fake::FakeCluster;

namespace {

using Electing = Answering<ElectLeadersRequest, ElectLeadersResponse>;
using TopicPartitions = ElectLeadersRequest::TopicPartitions;

int16_t code(Errc e) { return static_cast<int16_t>(e); }

ElectLeadersResponse::ReplicaElectionResult result(const std::string& topic,
                                                   std::vector<ElectLeadersResponse::PartitionResult> partitions) {
  return {topic, std::move(partitions)};
}

ElectLeadersResponse results(std::vector<ElectLeadersResponse::ReplicaElectionResult> all) {
  ElectLeadersResponse response;
  response.replica_election_results = std::move(all);
  return response;
}

}  // namespace

TEST_CASE("Elections: each partition is asked for once, as one of a preferred leader") {
  FakeCluster cluster;
  Electing electing(cluster, results({result("t", {{0, 0, std::nullopt}, {2, 0, std::nullopt}})}));
  auto elections = elect_leaders(*open_session(cluster), ElectionType::preferred,
                                 {{{"t", {PartitionId(0), PartitionId(2), PartitionId(0)}}}});
  REQUIRE(elections.ok());
  REQUIRE(electing.requests().size() == 1);
  CHECK(electing.requests()[0].election_type == 0);
  CHECK(electing.requests()[0].timeout_ms == 20'000);
  CHECK(electing.requests()[0].topic_partitions == std::vector{TopicPartitions{"t", {0, 2}}});
  CHECK(said(*elections) == "t-0 NONE, t-2 NONE");
}

TEST_CASE("Elections: all partitions are asked for by no name, and those are told of that the cluster tells of") {
  FakeCluster cluster;
  Electing electing(
      cluster, results({result("t", {{1, code(Errc::preferred_leader_not_available), "it sleeps"}}), result("u", {})}));
  auto elections = elect_leaders(*open_session(cluster), ElectionType::preferred, std::nullopt);
  REQUIRE(elections.ok());
  CHECK_FALSE(electing.requests().at(0).topic_partitions);
  CHECK(said(*elections) == "t-1 PREFERRED_LEADER_NOT_AVAILABLE");
  CHECK(elections->at(0).status.error().message == "t-1: it sleeps");
}

TEST_CASE("Elections: what was not asked for, or comes again, is not told, and what is left out is told as such") {
  FakeCluster cluster;
  Electing electing(cluster,
                    results({result("u", {{0, 0, std::nullopt}}),
                             result("t", {{0, code(Errc::election_not_needed), std::nullopt}, {0, 0, std::nullopt}})}));
  auto elections =
      elect_leaders(*open_session(cluster), ElectionType::preferred, {{{"t", {PartitionId(0), PartitionId(1)}}}});
  REQUIRE(elections.ok());
  CHECK(elections->size() == 2);
  CHECK(elections->at(0).status.error().code == Errc::election_not_needed);
  CHECK(elections->at(1).status.error().message == "the cluster does not say what became of t-1");
}

TEST_CASE("Elections: an unclean one is asked for as such") {
  FakeCluster cluster;
  Electing electing(cluster, results({result("t", {{0, 0, std::nullopt}})}));
  auto elections = elect_leaders(*open_session(cluster), ElectionType::unclean, {{{"t", {PartitionId(0)}}}});
  REQUIRE(elections.ok());
  CHECK(electing.requests().at(0).election_type == 1);
}

TEST_CASE("Elections: what the cluster refuses as a whole is an error, not nothing to do") {
  FakeCluster cluster;
  ElectLeadersResponse refused;
  refused.error_code = code(Errc::cluster_authorization_failed);
  Electing electing(cluster, refused);
  auto elections = elect_leaders(*open_session(cluster), ElectionType::preferred, std::nullopt);
  REQUIRE_FALSE(elections.ok());
  CHECK(elections.error().code == Errc::cluster_authorization_failed);
  CHECK(elections.error().message == "the election of leaders: you may not do this");
}
