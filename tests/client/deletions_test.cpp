// Deletions of records: who is asked for what, who is asked again, and what is told of each partition.
#include "client/admin/deletions.h"

#include "client/answering.h"
#include "protocol/messages/delete_records.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using namespace bobbin::protocol;
using fake::FakeCluster;

namespace {

using Asked = Answering<DeleteRecordsRequest, DeleteRecordsResponse>;

// For each partition that is asked for, where it begins then and an error: that of its number, or the last one.
Asked::Answer each(std::vector<std::pair<int64_t, Errc>> words) {
  return [words](const DeleteRecordsRequest& request) {
    DeleteRecordsResponse response;
    auto& topic = response.topics.emplace_back();
    topic.name = request.topics.at(0).name;
    for (const auto& p : request.topics[0].partitions) {
      const auto& [start, error] = words[std::min(static_cast<size_t>(p.partition_index), words.size() - 1)];
      topic.partitions.push_back({p.partition_index, start, static_cast<int16_t>(error)});
    }
    return std::optional(response);
  };
}

struct Three {
  explicit Three(int brokers = 1) : cluster(brokers) { cluster.add_topic("t", 3); }
  FakeCluster cluster;
};

std::vector<Deletion> below(const std::vector<std::pair<int32_t, int64_t>>& what) {
  std::vector<Deletion> out;
  for (const auto& [partition, offset] : what) out.push_back({PartitionId(partition), Offset(offset)});
  return out;
}

}  // namespace

TEST_CASE("Deletions: each leader is asked for its own partitions, and they are told in the order of the question") {
  Three c(2);
  Asked asked(c.cluster, each({{5, Errc::none}, {6, Errc::none}, {9, Errc::none}}));
  auto deleted = delete_records(*open_session(c.cluster), "t", below({{2, 7}, {0, 5}, {1, 6}}));
  REQUIRE(deleted.ok());
  std::vector<std::pair<int32_t, int64_t>> told;
  for (const Deleted& one : *deleted) {
    CHECK(one.status.ok());
    told.emplace_back(one.partition.value, one.start.value);
  }
  CHECK(told == std::vector<std::pair<int32_t, int64_t>>{{2, 9}, {0, 5}, {1, 6}});
  std::map<int, std::vector<std::pair<int32_t, int64_t>>> of;
  const auto nodes = asked.nodes();
  const auto requests = asked.requests();
  REQUIRE(requests.size() == 2);
  for (size_t i = 0; i < 2; i++) {
    CHECK(requests[i].topics.at(0).name == "t");
    // Less than this session waits for an answer.
    CHECK((requests[i].timeout_ms > 10'000 && requests[i].timeout_ms <= 15'000));
    for (const auto& p : requests[i].topics[0].partitions) of[nodes[i]].emplace_back(p.partition_index, p.offset);
  }
  CHECK(of == decltype(of){{1, {{0, 5}, {2, 7}}}, {2, {{1, 6}}}});
}

TEST_CASE("Deletions: an error is one partition's, in a sentence, and is not asked about again") {
  Three c;
  Asked asked(c.cluster,
              each({{-1, Errc::offset_out_of_range}, {3, Errc::request_timed_out}, {-1, Errc::policy_violation}}));
  auto deleted = delete_records(*open_session(c.cluster), "t", below({{0, 5}, {1, 5}, {2, 5}}));
  REQUIRE(deleted.ok());
  auto said = [&](size_t i) {
    REQUIRE_FALSE(deleted->at(i).status.ok());
    return deleted->at(i).status.error().message;
  };
  CHECK(said(0) == "t-0: the offset lies outside the log");
  CHECK(said(1).starts_with("t-1: its leader has deleted them, but not every replica"));
  CHECK(said(2).starts_with("t-2: the topic keeps all of its records"));
  CHECK(deleted->at(1).status.error().code == Errc::request_timed_out);
  CHECK(asked.requests().size() == 1);
}

TEST_CASE("Deletions: who does not lead any more is asked once, and then who does") {
  Three c(2);
  auto session = open_session(c.cluster);
  REQUIRE(session->fetch_metadata({"t"}).ok());
  int answered = 0;
  Asked asked(c.cluster, [&](const DeleteRecordsRequest& request) {
    if (answered++ > 0) return each({{5, Errc::none}})(request);
    c.cluster.topics["t"].partitions[0].leader = 2;
    return each({{-1, Errc::not_leader_or_follower}})(request);
  });
  auto deleted = delete_records(*session, "t", below({{0, 5}}));
  REQUIRE(deleted.ok());
  CHECK(deleted->at(0).status.ok());
  CHECK(asked.nodes() == std::vector<int>{1, 2});
}

TEST_CASE("Deletions: what is left out is asked for again, and what nobody asked for is not taken") {
  Three c;
  int answered = 0;
  Asked asked(c.cluster, [&](const DeleteRecordsRequest& request) {
    auto response = *each({{5, Errc::none}})(request);
    if (answered++ == 0) {
      response.topics[0].partitions.resize(1);
      response.topics[0].partitions.push_back({50, 99, 0});
      response.topics.push_back({"other", {{1, 99, 0}}});
    }
    return std::optional(response);
  });
  auto deleted = delete_records(*open_session(c.cluster), "t", below({{0, 5}, {1, 5}}));
  REQUIRE(deleted.ok());
  REQUIRE(deleted->size() == 2);
  for (const Deleted& one : *deleted) CHECK((one.status.ok() && one.start == Offset(5)));
  const auto requests = asked.requests();
  REQUIRE(requests.size() == 2);
  REQUIRE(requests[1].topics[0].partitions.size() == 1);
  CHECK(requests[1].topics[0].partitions[0].partition_index == 1);
}

TEST_CASE("Deletions: a leader that tells less than was asked for is not believed") {
  Three c;
  Asked asked(c.cluster, each({{4, Errc::none}}));
  auto deleted = delete_records(*open_session(c.cluster), "t", below({{0, 5}}));
  REQUIRE(deleted.ok());
  REQUIRE_FALSE(deleted->at(0).status.ok());
  CHECK(deleted->at(0).status.error().code == Errc::malformed);
}

TEST_CASE("Deletions: a topic or a partition that is not there is told before a leader is asked") {
  Three c;
  Asked asked(c.cluster, each({{5, Errc::none}}));
  auto session = open_session(c.cluster);
  CHECK(delete_records(*session, "missing", below({{0, 5}})).error().message == "there is no topic missing");
  auto beyond = delete_records(*session, "t", below({{0, 5}, {3, 5}}));
  CHECK(beyond.error().code == Errc::unknown_topic_or_partition);
  CHECK(asked.requests().empty());
}
