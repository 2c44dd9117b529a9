// What leaders say of offsets: the number that stands for each question, what may be an answer to it, who is asked again, and
// who is not asked at all.
#include "client/admin/leader_offsets.h"

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
  explicit Cluster(int brokers = 1) : cluster(brokers) { cluster.add_topic("t", 3); }
  FakeCluster cluster;
};

// Who waits no longer than that for an answer.
std::unique_ptr<Session> impatient_session(FakeCluster& cluster) {
  Target target;
  target.bootstrap = cluster.bootstrap();
  target.timeout_ms = 300;
  auto session = Session::open(target);
  REQUIRE(session.ok());
  return std::move(*session);
}

}  // namespace

TEST_CASE("Leader offsets: each question has its number, and a time is its own") {
  Cluster c;
  Listing listing(c.cluster, each(word(5, 1234, 7)));
  auto session = open_session(c.cluster);
  for (At query :
       {At::latest(), At::earliest(), At::max_timestamp(), at_time(Timestamp(0)), at_time(Timestamp(INT64_MAX))}) {
    auto found = ask_leaders(*session, "t", query, {PartitionId(2)});
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

TEST_CASE("Leader offsets: partitions are told in the order of the question, without one all by their numbers") {
  Cluster c;
  Listing listing(c.cluster, each(word(0)));
  auto session = open_session(c.cluster);
  auto order = [&](const std::vector<PartitionId>& wanted) {
    auto found = ask_leaders(*session, "t", {Kind::earliest}, wanted);
    REQUIRE(found.ok());
    std::vector<int32_t> numbers;
    for (const auto& p : *found) numbers.push_back(p.partition.value);
    return numbers;
  };
  CHECK(order({PartitionId(2), PartitionId(0)}) == std::vector<int32_t>{2, 0});
  CHECK(order({}) == std::vector<int32_t>{0, 1, 2});
}

TEST_CASE("Leader offsets: only a time may have no offset, and no offset is below that") {
  Cluster c;
  auto session = open_session(c.cluster);
  auto told = [&](Kind kind, int64_t offset) {
    Listing listing(c.cluster, each(word(offset)));
    auto found = ask_leaders(*session, "t", {kind, api::Timestamp(api::milliseconds(5))}, {PartitionId(1)});
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

TEST_CASE("Leader offsets: a topic or a partition that is not there is told before a leader is asked") {
  Cluster c;
  Listing listing(c.cluster, each(word(0)));
  auto session = open_session(c.cluster);
  auto missing = ask_leaders(*session, "missing", {}, {});
  CHECK(missing.error().code == Errc::unknown_topic_or_partition);
  CHECK(missing.error().message == "there is no topic missing");
  for (int32_t number : {-1, 3, INT32_MAX}) {
    auto beyond = ask_leaders(*session, "t", {}, {PartitionId(0), PartitionId(number)});
    CHECK(beyond.error().code == Errc::unknown_topic_or_partition);
    CHECK(beyond.error().message == "topic t has no partition " + std::to_string(number));
  }
  CHECK(listing.requests().empty());
}

TEST_CASE("Leader offsets: what a leader leaves out is asked for again, what nobody asked for is not taken") {
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
  auto found = ask_leaders(*open_session(c.cluster), "t", {}, {});
  REQUIRE(found.ok());
  REQUIRE(found->size() == 3);
  for (const auto& p : *found) CHECK(p.offset == Offset(7));
  const auto requests = listing.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].topics[0].partitions.size() == 3);
  CHECK(requests[1].topics[0].partitions.size() == 2);
  CHECK(requests[1].topics[0].partitions[0].partition_index == 1);
}

TEST_CASE("Leader offsets: a partition that is named twice is asked for once and told twice") {
  Cluster c;
  Told refused = word(-1);
  refused.error_code = static_cast<int16_t>(Errc::topic_authorization_failed);
  Listing listing(c.cluster, each(refused));
  const PartitionId first(0), second(1);
  auto found = ask_leaders(*open_session(c.cluster), "t", {Kind::earliest}, {first, second, first});
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

TEST_CASE("Leader offsets: each leader is asked once, for its own partitions, in the epoch that is known") {
  Cluster c(2);
  c.cluster.with([](FakeCluster& f) { f.topics["t"].partitions[2].epoch = 9; });
  Listing listing(c.cluster, each(word(7)));
  REQUIRE(ask_leaders(*open_session(c.cluster), "t", {}, {}).ok());
  std::map<int, std::vector<std::pair<int32_t, int32_t>>> asked;  // of whom: partitions and epochs
  const auto nodes = listing.nodes();
  const auto requests = listing.requests();
  REQUIRE(requests.size() == 2);
  for (size_t i = 0; i < 2; i++)
    for (const auto& p : requests[i].topics.at(0).partitions)
      asked[nodes[i]].emplace_back(p.partition_index, p.current_leader_epoch);
  CHECK(asked == decltype(asked){{1, {{0, 0}, {2, 9}}}, {2, {{1, 0}}}});
}

TEST_CASE("Leader offsets: who does not lead any more is asked once, and then who does") {
  Cluster c(2);
  c.cluster.with([](FakeCluster& f) { f.append("t", 0, fake::make_batch({"a", "b"})); });
  auto session = open_session(c.cluster);
  REQUIRE(session->fetch_metadata({"t"}).ok());
  c.cluster.with([](FakeCluster& f) { f.topics["t"].partitions[0].leader = 2; });
  Listing listing(c.cluster, [](const ListOffsetsRequest&) { return std::nullopt; });
  auto found = ask_leaders(*session, "t", {}, {PartitionId(0)});
  REQUIRE(found.ok());
  CHECK(found->at(0).offset == Offset(2));
  CHECK(listing.nodes().front() == 1);
  CHECK(listing.nodes().back() == 2);
}

TEST_CASE("Leader offsets: who is not answered in time has an error of its own, the last that was told") {
  for (Errc code : {Errc::none, Errc::leader_not_available}) {
    Cluster c;
    Listing listing(c.cluster, [&](const ListOffsetsRequest& request) {
      auto response = *each(word(7))(request);
      std::erase_if(response.topics[0].partitions,
                    [&](const Told& p) { return code == Errc::none && p.partition_index == 1; });
      for (auto& p : response.topics[0].partitions)
        if (p.partition_index == 1) p.error_code = static_cast<int16_t>(code);
      return std::optional(response);
    });
    auto found = ask_leaders(*impatient_session(c.cluster), "t", {}, {});
    REQUIRE(found.ok());
    REQUIRE(found->size() == 3);
    for (size_t i : {0, 2}) CHECK((found->at(i).status.ok() && found->at(i).offset == Offset(7)));
    const Status& status = found->at(1).status;
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().message.starts_with("t-1: "));
    CHECK(status.error().code == (code == Errc::none ? Errc::no_answer : code));
    CHECK(found->at(1).offset == offset_none);
    CHECK(listing.requests().size() > 2);
  }
}

TEST_CASE("Leader offsets: damage is told at once, in the leader's words") {
  Cluster c;
  Told damaged = word(-1);
  damaged.error_code = static_cast<int16_t>(Errc::corrupt_message);
  damaged.damage = "t-0: the segments are gone";
  Listing listing(c.cluster, each(damaged));
  auto found = ask_leaders(*open_session(c.cluster), "t", at_time(Timestamp(5)), {PartitionId(0)});
  REQUIRE(found.ok());
  REQUIRE_FALSE(found->at(0).status.ok());
  CHECK(found->at(0).status.error().code == Errc::corrupt_message);
  CHECK(found->at(0).status.error().message.find("t-0: the segments are gone") != std::string::npos);
  CHECK(listing.requests().size() == 1);
}

TEST_CASE("Leader offsets: of the offsets alone, the first failure is that of all") {
  auto told = [](std::vector<Status> each) {
    std::vector<PartitionOffset> all;
    for (Status& status : each) {
      auto& one = all.emplace_back();
      one.offset = Offset(static_cast<int64_t>(all.size()));
      one.status = std::move(status);
    }
    return Result<std::vector<PartitionOffset>>(std::move(all));
  };
  auto good = offsets_alone(told({{}, {}}));
  REQUIRE(good.ok());
  CHECK(*good == std::vector<Offset>{Offset(1), Offset(2)});
  CHECK(offsets_alone(told({{}, error(Errc::no_answer, "b"), error(Errc::io_error, "c")})).error().message == "b");
  CHECK(offsets_alone(error(Errc::usage, "all")).error().message == "all");
}
