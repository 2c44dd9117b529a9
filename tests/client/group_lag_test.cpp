// How far a group is behind: the ends of its partitions, and the age of the first unread record of each.
#include "client/admin/group_lag.h"

#include "client/admin/record_times.h"
#include "client/answering.h"
#include "os/seam.h"
#include "record/batch_builder.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using fake::FakeCluster;

namespace {

Place place(const std::string& topic, int32_t partition) { return {topic, PartitionId(partition)}; }

// A batch whose records were written at these times.
std::string batch_of(const std::vector<int64_t>& times_ms) {
  record::BatchBuilder builder;
  for (int64_t ms : times_ms) builder.add(Timestamp(ms), std::nullopt, Bytes("x"));
  return std::move(*builder.seal({}));
}

// "t-0 3/10 7"
std::string text(const std::vector<PartitionLag>& rows) {
  std::string out;
  auto number = [](const auto& offset) { return offset ? to_string(*offset) : std::string("-"); };
  for (const PartitionLag& row : rows)
    out += (out.empty() ? "" : ", ") + row.topic + "-" + to_string(row.partition) + " " + number(row.current) + "/" +
           number(row.end) + " " + (row.records ? std::to_string(*row.records) : "-");
  return out;
}

struct Cluster {
  Cluster() {
    cluster.add_topic("t", 3);
    cluster.with([](FakeCluster& c) {
      c.append("t", 0, batch_of({1000, 2000, 3000}));
      c.append("t", 0, batch_of({4000, 5000}));
      c.append("t", 1, batch_of({6000}));
    });
  }
  FakeCluster cluster{2};
};

}  // namespace

TEST_CASE("Group lag: from the position to the end, or all where a member has no position yet") {
  Cluster c;
  auto session = open_session(c.cluster);
  auto rows = group_lag(*session, {{place("t", 0), Offset(3)}}, {place("t", 0), place("t", 1), place("t", 2)});
  REQUIRE(rows.ok());
  CHECK(text(*rows) == "t-0 3/5 2, t-1 -/1 1, t-2 -/0 0");
}

TEST_CASE("Group lag: a position behind the end has nothing unread") {
  Cluster c;
  auto session = open_session(c.cluster);
  auto rows = group_lag(*session, {{place("t", 1), Offset(9)}}, {});
  REQUIRE(rows.ok());
  CHECK(text(*rows) == "t-1 9/1 0");
  CHECK_FALSE(rows->at(0).behind_ms);
}

TEST_CASE("Group lag: its time is the age of the first unread record, and none where all is read") {
  Cluster c;
  auto session = open_session(c.cluster);
  const int64_t before = session->clock().wall().value;
  auto rows = group_lag(*session, {{place("t", 0), Offset(1)}, {place("t", 1), Offset(1)}}, {});
  REQUIRE(rows.ok());
  const int64_t after = session->clock().wall().value;
  REQUIRE(rows->at(0).behind_ms);
  CHECK(*rows->at(0).behind_ms >= before - 2000);
  CHECK(*rows->at(0).behind_ms <= after - 2000);
  CHECK_FALSE(rows->at(1).behind_ms);
}

TEST_CASE("Group lag: what is not there any more has a position and no end") {
  Cluster c;
  auto session = open_session(c.cluster);
  auto rows =
      group_lag(*session, {{place("gone", 0), Offset(3)}, {place("t", 0), Offset(5)}, {place("t", 7), Offset(1)}}, {});
  REQUIRE(rows.ok());
  CHECK(text(*rows) == "gone-0 3/- -, t-0 5/5 0, t-7 1/- -");
  for (const PartitionLag& row : *rows) CHECK(row.status.ok());
}

TEST_CASE("Group lag: what a leader refuses is that partition's error alone") {
  Cluster c;
  c.cluster.set_script([](const fake::Seen& seen) {
    const bool refused = seen.key == protocol::ApiKey::list_offsets && seen.node == 2;
    return refused ? fake::Plan{fake::Fault::error_before, static_cast<int16_t>(Errc::topic_authorization_failed)}
                   : fake::Plan{};
  });
  auto session = open_session(c.cluster);
  auto rows = group_lag(*session, {{place("t", 0), Offset(5)}, {place("t", 1), Offset(0)}}, {});
  REQUIRE(rows.ok());
  CHECK(text(*rows) == "t-0 5/5 0, t-1 0/- -");
  CHECK(rows->at(1).status.error().code == Errc::topic_authorization_failed);
}

TEST_CASE("Record times: the first record of each stretch, wherever it lies in its batch") {
  Cluster c;
  auto session = open_session(c.cluster);
  REQUIRE(session->fetch_metadata({"t"}).ok());
  auto times =
      first_times(*session, {{place("t", 0), {Offset(4), Offset(5)}}, {place("t", 1), {Offset(0), Offset(1)}}});
  REQUIRE(times.ok());
  CHECK(*times == std::map<Place, Timestamp>{{place("t", 0), Timestamp(5000)}, {place("t", 1), Timestamp(6000)}});
}

TEST_CASE("Record times: marks of transactions are no records") {
  Cluster c;
  c.cluster.with([](FakeCluster& f) { f.append("t", 2, fake::make_batch({"mark"}, 0, true)); });
  auto session = open_session(c.cluster);
  REQUIRE(session->fetch_metadata({"t"}).ok());
  auto times = first_times(*session, {{place("t", 2), {Offset(0), Offset(1)}}});
  REQUIRE(times.ok());
  CHECK(times->empty());
}
