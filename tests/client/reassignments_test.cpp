// Reassignments: what is asked, and what is made of answers that leave out, add and repeat.
#include "client/admin/reassignments.h"

#include "client/answering.h"
#include "protocol/messages/alter_partition_reassignments.h"
#include "protocol/messages/list_partition_reassignments.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using namespace bobbin::protocol;
using fake::FakeCluster;

namespace {

using AlterRequest = AlterPartitionReassignmentsRequest;
using AlterResponse = AlterPartitionReassignmentsResponse;
using ListResponse = ListPartitionReassignmentsResponse;
using Altering = Answering<AlterRequest, AlterResponse>;
using Listing = Answering<ListPartitionReassignmentsRequest, ListResponse>;

int16_t code(Errc e) { return static_cast<int16_t>(e); }

AlterResponse told(std::vector<AlterResponse::ReassignableTopicResponse> topics) {
  AlterResponse response;
  for (auto& topic : topics) response.responses.push_back(std::move(topic));
  return response;
}

std::vector<BrokerId> ids(const std::vector<int32_t>& numbers) { return {numbers.begin(), numbers.end()}; }

}  // namespace

TEST_CASE("Reassignments: the partitions of a topic are asked for together, and what is taken back has no replicas") {
  FakeCluster cluster;
  Altering altering(cluster,
                    told({{"t", {{0, 0, std::nullopt}, {1, 0, std::nullopt}}}, {"u", {{3, 0, std::nullopt}}}}));
  auto done = reassign(
      *open_session(cluster),
      {{"t", PartitionId(0), ids({2, 1})}, {"u", PartitionId(3), std::nullopt}, {"t", PartitionId(1), ids({3})}});
  REQUIRE(done.ok());
  CHECK(said(*done) == "t-0 NONE, t-1 NONE, u-3 NONE");
  REQUIRE(altering.requests().size() == 1);
  const AlterRequest asked = altering.requests()[0];
  CHECK(asked.allow_replication_factor_change);
  REQUIRE(asked.topics.size() == 2);
  CHECK(asked.topics[0].partitions == std::vector<AlterRequest::ReassignablePartition>{{0, {{2, 1}}}, {1, {{3}}}});
  CHECK(asked.topics[1].partitions == std::vector<AlterRequest::ReassignablePartition>{{3, std::nullopt}});
}

TEST_CASE("Reassignments: what was not asked for, or comes again, is not told, and what is left out is told as such") {
  FakeCluster cluster;
  Altering altering(
      cluster,
      told({{"u", {{0, 0, std::nullopt}}},
            {"t", {{0, code(Errc::invalid_replica_assignment), "there is no broker 9"}, {0, 0, std::nullopt}}}}));
  auto done = reassign(*open_session(cluster), {{"t", PartitionId(0), ids({9})}, {"t", PartitionId(1), std::nullopt}});
  REQUIRE(done.ok());
  REQUIRE(done->size() == 2);
  CHECK(done->at(0).status.error().code == Errc::invalid_replica_assignment);
  CHECK(done->at(0).status.error().message == "t-0: there is no broker 9");
  CHECK(done->at(1).status.error().message == "the cluster does not say what became of t-1");
}

TEST_CASE("Reassignments: what the cluster refuses as a whole is an error") {
  FakeCluster cluster;
  AlterResponse refused;
  refused.error_code = code(Errc::cluster_authorization_failed);
  Altering altering(cluster, refused);
  auto done = reassign(*open_session(cluster), {{"t", PartitionId(0), ids({1})}});
  REQUIRE_FALSE(done.ok());
  CHECK(done.error().code == Errc::cluster_authorization_failed);
}

TEST_CASE("Reassignments: those under way are told of by topic and partition") {
  FakeCluster cluster;
  ListResponse response;
  response.topics.push_back({"u", {{0, {1, 2}, {2}, {}}}});
  response.topics.push_back({"t", {{4, {3, 1}, {3}, {1}}, {2, {1}, {}, {}}}});
  Listing listing(cluster, response);
  auto moves = moves_under_way(*open_session(cluster));
  REQUIRE(moves.ok());
  REQUIRE(moves->size() == 3);
  CHECK((moves->at(0).topic == "t" && moves->at(0).partition == PartitionId(2)));
  CHECK((moves->at(1).topic == "t" && moves->at(1).partition == PartitionId(4)));
  CHECK(moves->at(1).replicas == ids({3, 1}));
  CHECK(moves->at(1).adding == ids({3}));
  CHECK(moves->at(1).removing == ids({1}));
  CHECK(moves->at(2).topic == "u");
  CHECK_FALSE(listing.requests().at(0).topics);
}
