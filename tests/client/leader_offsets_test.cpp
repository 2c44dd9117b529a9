// Offsets: the number that stands for each question, what may be an answer to it, and who is not asked at all.
#include "client/admin/offsets.h"

#include "client/answering.h"
#include "protocol/messages/list_offsets.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using namespace bobbin::protocol;
using fake::FakeCluster;
using Kind = At::Kind;

namespace {

using Listing = Answering<ListOffsetsRequest, ListOffsetsResponse>;
using Told = ListOffsetsResponse::ListOffsetsPartitionResponse;

// The leader's word for every partition that is asked for.
Listing::Answer each(const Told& word) {
  return [word](const ListOffsetsRequest& request) {
    ListOffsetsResponse response;
    auto& topic = response.topics.emplace_back();
    topic.name = request.topics.at(0).name;
    for (const auto& p : request.topics[0].partitions) {
      topic.partitions.push_back(word);
      topic.partitions.back().partition_index = p.partition_index;
    }
    return std::optional(response);
  };
}

Told word(int64_t offset, int64_t timestamp = -1, int32_t epoch = -1) {
  return {0, 0, timestamp, offset, epoch, std::nullopt};
}

struct Cluster {
  Cluster() { cluster.add_topic("t", 3); }
  FakeCluster cluster;
};

}  // namespace

TEST_CASE("Offsets: each question has its number, and a time is its own") {
  Cluster c;
  Listing listing(c.cluster, each(word(5, 1234, 7)));
  auto session = open_session(c.cluster);
  for (At query :
       {At::latest(), At::earliest(), At::max_timestamp(), at_time(Timestamp(0)), at_time(Timestamp(INT64_MAX))}) {
    auto found = list_offsets(*session, "t", query, {PartitionId(2)});
    REQUIRE(found.ok());
    REQUIRE(found->size() == 1);
    CHECK(found->front().partition == PartitionId(2));
    CHECK(found->front().status.ok());
    CHECK(found->front().offset == Offset(5));
    CHECK(found->front().timestamp == Timestamp(1234));
    CHECK(found->front().leader_epoch == LeaderEpoch(7));
  }
  std::vector<int64_t> asked;
  for (const auto& request : listing.requests()) {
    CHECK(request.replica_id == -1);  // a consumer
    REQUIRE(request.topics.at(0).partitions.size() == 1);
    asked.push_back(request.topics[0].partitions[0].timestamp);
  }
  CHECK(asked == std::vector<int64_t>{-1, -2, -3, 0, INT64_MAX});
}

TEST_CASE("Offsets: partitions are told in the order of the question, without one all by their numbers") {
  Cluster c;
  Listing listing(c.cluster, each(word(0)));
  auto session = open_session(c.cluster);
  auto order = [&](const std::vector<PartitionId>& wanted) {
    auto found = list_offsets(*session, "t", {Kind::earliest}, wanted);
    REQUIRE(found.ok());
    std::vector<int32_t> numbers;
    for (const auto& p : *found) numbers.push_back(p.partition.value);
    return numbers;
  };
  CHECK(order({PartitionId(2), PartitionId(0)}) == std::vector<int32_t>{2, 0});
  CHECK(order({}) == std::vector<int32_t>{0, 1, 2});
}

TEST_CASE("Offsets: only a time may have no offset, and no offset is below that") {
  Cluster c;
  auto session = open_session(c.cluster);
  auto told = [&](Kind kind, int64_t offset) {
    Listing listing(c.cluster, each(word(offset)));
    auto found = list_offsets(*session, "t", {kind, api::Timestamp(api::milliseconds(5))}, {PartitionId(1)});
    REQUIRE(found.ok());
    const Status& status = found->at(0).status;
    if (status) CHECK(found->at(0).offset == Offset(offset));
    else CHECK(status.error().code == Errc::malformed);
    return status ? std::string("ok") : status.error().message;
  };
  for (Kind kind : {Kind::time, Kind::max_timestamp}) CHECK(told(kind, -1) == "ok");
  for (Kind kind : {Kind::earliest, Kind::latest})
    CHECK(told(kind, -1) == "t-1: its leader tells an offset of -1, which cannot be");
  for (Kind kind : {Kind::time, Kind::max_timestamp, Kind::earliest, Kind::latest}) {
    CHECK(told(kind, -2) == "t-1: its leader tells an offset of -2, which cannot be");
    CHECK(told(kind, 0) == "ok");
    CHECK(told(kind, INT64_MAX) == "ok");
  }
}

TEST_CASE("Offsets: a topic or a partition that is not there is told before a leader is asked") {
  Cluster c;
  Listing listing(c.cluster, each(word(0)));
  auto session = open_session(c.cluster);
  auto missing = list_offsets(*session, "missing", {});
  CHECK(missing.error().code == Errc::unknown_topic_or_partition);
  CHECK(missing.error().message == "there is no topic missing");
  for (int32_t number : {-1, 3, INT32_MAX}) {
    auto beyond = list_offsets(*session, "t", {}, {PartitionId(0), PartitionId(number)});
    CHECK(beyond.error().code == Errc::unknown_topic_or_partition);
    CHECK(beyond.error().message == "topic t has no partition " + std::to_string(number));
  }
  CHECK(listing.requests().empty());
}

TEST_CASE("Offsets: what a leader leaves out is asked for again, what nobody asked for is not taken") {
  Cluster c;
  int answered = 0;
  Listing listing(c.cluster, [&](const ListOffsetsRequest& request) {
    auto response = *each(word(7))(request);
    if (answered++ == 0) {
      response.topics[0].partitions.resize(1);
      response.topics[0].partitions.push_back(word(99));
      response.topics[0].partitions.back().partition_index = 50;
    }
    return std::optional(response);
  });
  auto found = list_offsets(*open_session(c.cluster), "t", {});
  REQUIRE(found.ok());
  REQUIRE(found->size() == 3);
  for (const auto& p : *found) CHECK(p.offset == Offset(7));
  const auto requests = listing.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].topics[0].partitions.size() == 3);
  CHECK(requests[1].topics[0].partitions.size() == 2);
  CHECK(requests[1].topics[0].partitions[0].partition_index == 1);
}

TEST_CASE("Offsets: a partition that is named twice is asked for once and told twice") {
  Cluster c;
  Told refused = word(-1);
  refused.error_code = static_cast<int16_t>(Errc::topic_authorization_failed);
  Listing listing(c.cluster, each(refused));
  const PartitionId first(0), second(1);
  auto found = list_offsets(*open_session(c.cluster), "t", {Kind::earliest}, {first, second, first});
  REQUIRE(found.ok());
  REQUIRE(found->size() == 3);
  for (size_t i : {0, 2}) {
    CHECK(found->at(i).partition == first);
    REQUIRE_FALSE(found->at(i).status.ok());
    CHECK(found->at(i).status.error().message == "t-0: you may not do this");
  }
  CHECK(found->at(1).partition == second);
  CHECK(listing.requests().at(0).topics.at(0).partitions.size() == 2);
}
