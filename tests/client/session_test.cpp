#include "client/session.h"

#include <catch2/catch.hpp>

#include "client/admin.h"
#include "client/fake_broker.h"

using namespace bobbin;
using namespace bobbin::client;
using fake::Fault;
using fake::FakeCluster;
using fake::Plan;
using fake::Seen;
using protocol::ApiKey;

namespace {

Target at(const std::string& bootstrap, int64_t timeout_ms = 20'000) {
  Target target;
  target.bootstrap = bootstrap;
  target.timeout_ms = timeout_ms;
  return target;
}

}  // namespace

TEST_CASE("Session: an address that cannot be one is told as such, before anybody is asked") {
  for (auto text : {"", ",", "host:", "host:abc", "host:70000", "host:0", ":9092", "[::1", "[::1]9092"}) {
    CAPTURE(text);
    auto session = Session::open(at(std::string(text).empty() ? "," : text, 100));
    REQUIRE_FALSE(session.ok());
    CHECK(session.error().code == Errc::usage);
  }
}

TEST_CASE("Session: nobody there is no answer, after the time-out and not before") {
  FakeCluster* gone = new FakeCluster;
  std::string address = gone->bootstrap();
  delete gone;
  auto session = Session::open(at(address, 200));
  REQUIRE_FALSE(session.ok());
  CHECK(session.error().code == Errc::no_answer);
  CHECK(session.error().message.find(address) != std::string::npos);
}

TEST_CASE("Session: one living address of several is enough") {
  FakeCluster* gone = new FakeCluster;
  std::string dead = gone->bootstrap();
  delete gone;
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  auto session = Session::open(at(dead + "," + cluster.bootstrap()));
  REQUIRE(session.ok());
  CHECK((*session)->topology().cluster_id == "fake");
}

TEST_CASE("Session: a handshake is repeated in the version that an older broker offers") {
  auto newest = GENERATE(0, 1, 2, 3, 4);
  FakeCluster cluster;
  cluster.with([&](FakeCluster& c) { c.api_versions_max = static_cast<int16_t>(newest); });
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  CHECK((*session)->version_of(any_node, 3, 0, 100) >= 0);
  CHECK((*session)->version_of(any_node, 12345, 0, 100) == -1);
}

TEST_CASE("Session: a broker that answers nothing is left alone after the time-out") {
  FakeCluster cluster;
  cluster.set_script([](const Seen& seen) -> Plan { return seen.key == ApiKey::metadata ? Plan{Fault::silent, 0} : Plan{}; });
  auto session = Session::open(at(cluster.bootstrap(), 200));
  REQUIRE_FALSE(session.ok());
  CHECK(session.error().code == Errc::no_answer);
}

TEST_CASE("Session: a connection that broke is made again for the next question") {
  FakeCluster cluster;
  cluster.add_topic("a", 1);
  cluster.add_topic("b", 2);
  int metadata = 0;
  cluster.set_script([&](const Seen& seen) -> Plan {
    return seen.key == ApiKey::metadata && metadata++ == 1 ? Plan{Fault::close_after, 0} : Plan{};
  });
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  REQUIRE((*session)->fetch_metadata({"b"}).ok());
  CHECK((*session)->topology().topic("b")->partitions.size() == 2);
  CHECK((*session)->topology().topic("a") == nullptr);
  CHECK((*session)->topology().partition("b", PartitionId(2)) == nullptr);
}

TEST_CASE("Admin: topics are made, found, listed, and the cluster's refusals are sentences") {
  FakeCluster cluster;
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  auto made = create_topics(**session, {{"t", 3, -1, {}}});
  REQUIRE(made.ok());
  REQUIRE(made->size() == 1);
  CHECK((*made)[0].status.ok());
  CHECK((*made)[0].partitions == 3);
  auto again = create_topics(**session, {{"t", 3, -1, {}}});
  REQUIRE(again.ok());
  REQUIRE_FALSE((*again)[0].status.ok());
  CHECK((*again)[0].status.error().code == Errc::topic_already_exists);
  CHECK((*again)[0].status.error().message == "topic t: exists already");

  auto listed = list_topics(**session);
  REQUIRE(listed.ok());
  REQUIRE(listed->size() == 1);
  CHECK((*listed)[0].name == "t");

  auto described = describe_topics(**session, {"t", "nope"});
  REQUIRE(described.ok());
  CHECK((*described)[0].partitions.size() == 3);
  CHECK((*described)[1].error == Errc::unknown_topic_or_partition);

  auto fresh = ensure_topic(**session, {"u", 1, -1, {}});
  REQUIRE(fresh.ok());
  CHECK(*fresh);
  auto old = ensure_topic(**session, {"u", 1, -1, {}});
  REQUIRE(old.ok());
  CHECK_FALSE(*old);
}

TEST_CASE("Session: a topic that a server tells of and that cannot be one is refused, wherever it is told") {
  for (const char* bad : {"../../x", "..", "$(touch x)", "a b", "", "red\x1b[31m"}) {
    CAPTURE(bad);
    FakeCluster cluster;
    cluster.add_topic("t", 1);
    auto session = Session::open(at(cluster.bootstrap(), 5'000));
    REQUIRE(session.ok());
    cluster.with([&](FakeCluster& c) {
      c.retouch_metadata = [bad](protocol::MetadataResponse& answer) {
        auto& topic = answer.topics.emplace_back();
        topic.name = bad;
        topic.partitions.push_back({0, 0, 1, 0, {1}, {1}, {}});
      };
    });
    auto listed = list_topics(**session);
    REQUIRE_FALSE(listed.ok());
    CHECK(listed.error().code == Errc::malformed);
    CHECK(listed.error().message.find("cannot be one") != std::string::npos);
    CHECK(listed.error().message.find('\x1b') == std::string::npos);
    auto described = describe_topics(**session, {"t"});
    REQUIRE_FALSE(described.ok());
    CHECK(described.error().code == Errc::malformed);
    CHECK_FALSE((*session)->topology().topic(bad));
  }
}

TEST_CASE("Admin: offsets are asked of each partition's leader") {
  FakeCluster cluster(2);
  cluster.add_topic("t", 3);
  cluster.with([](FakeCluster& c) {
    c.append("t", 1, fake::make_batch({"a", "b"}));
    c.append("t", 2, fake::make_batch({"c"}));
  });
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  auto ends = list_offsets(**session, "t", {OffsetQuery::Kind::latest});
  REQUIRE(ends.ok());
  std::vector<int64_t> found;
  for (auto& e : *ends) {
    CHECK(e.status.ok());
    found.push_back(e.offset.value);
  }
  CHECK(found == std::vector<int64_t>{0, 2, 1});
  auto at_time = list_offsets(**session, "t", {OffsetQuery::Kind::time, 1}, {PartitionId(1), PartitionId(2)});
  REQUIRE(at_time.ok());
  CHECK((*at_time)[0].offset == Offset(1));
  CHECK((*at_time)[1].offset == offset_none);
  auto missing = list_offsets(**session, "nope", {});
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Errc::unknown_topic_or_partition);
}
