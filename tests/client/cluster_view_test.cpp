#include "client/cluster_view.h"

#include <catch2/catch.hpp>

#include "protocol/messages/metadata.h"

using namespace bobbin;
using namespace bobbin::client;
using protocol::MetadataResponse;

namespace {

// An answer as it comes: the body alone, in its version.
RawAnswer answer_of(const MetadataResponse& response, int16_t version = 9) {
  auto frame = std::make_unique<std::string>();
  protocol::encode(response, version, *frame);
  return {std::move(frame), 0, version};
}

MetadataResponse::MetadataResponseTopic topic_of(const std::string& name, std::vector<int32_t> partitions) {
  MetadataResponse::MetadataResponseTopic topic;
  topic.name = name;
  for (int32_t index : partitions) {
    topic.partitions.emplace_back();
    topic.partitions.back().partition_index = index;
    topic.partitions.back().leader_id = 1;
  }
  return topic;
}

MetadataResponse response_of(std::vector<MetadataResponse::MetadataResponseTopic> topics) {
  MetadataResponse response;
  response.brokers.push_back({1, "127.0.0.1", 9092, std::nullopt});
  for (auto& topic : topics) response.topics.push_back(std::move(topic));
  return response;
}

struct Viewing {
  ClusterView view;
  int taken = 0;
  void answer(int64_t now, Result<RawAnswer> raw) {
    view.ask(now, "test", 10'000, [this] { taken++; }).done(std::move(raw));
  }
};

}  // namespace

TEST_CASE("ClusterView: topics that are followed are painted, others are not kept") {
  Viewing v;
  v.view.follow("t");
  v.answer(0, answer_of(response_of({topic_of("t", {1, 0}), topic_of("other", {0})})));
  CHECK(v.taken == 1);
  CHECK(v.view.version() == 1);
  REQUIRE(v.view.topology().topic("t"));
  CHECK(v.view.topology().topic("t")->partitions.size() == 2);
  CHECK(v.view.topology().partition("t", PartitionId(1))->leader == BrokerId(1));
  CHECK_FALSE(v.view.topology().topic("other"));
  CHECK(v.view.topology().nodes.at(BrokerId(1)).port == 9092);
}

TEST_CASE("ClusterView: a server's word is checked like a person's") {
  Viewing v;
  v.view.follow("../x");
  SECTION("a name that cannot be one") {
    v.answer(0, answer_of(response_of({topic_of("../x", {0})})));
    CHECK(v.view.error().code == Errc::malformed);
    CHECK(v.view.failures() == 1);
    CHECK(v.taken == 0);
    CHECK_FALSE(v.view.topology().topic("../x"));
  }
  SECTION("partitions beyond their number, and below 0") {
    v.view.follow("t");
    v.answer(0, answer_of(response_of({topic_of("t", {0, 7, -1})})));
    CHECK(v.view.topology().topic("t")->partitions.size() == 3);
    CHECK(v.view.topology().partition("t", PartitionId(0))->leader == BrokerId(1));
    CHECK_FALSE(v.view.topology().partition("t", PartitionId(7)));
  }
  SECTION("brokers that cannot be reached") {
    auto response = response_of({});
    response.brokers = {{-1, "a", 1, std::nullopt},
                        {2, "", 1, std::nullopt},
                        {3, "a", 0, std::nullopt},
                        {4, "a b", 1, std::nullopt},
                        {5, std::string(256, 'a'), 1, std::nullopt},
                        {6, "a", 1, std::nullopt}};
    v.answer(0, answer_of(response));
    REQUIRE(v.view.topology().nodes.size() == 1);
    CHECK(v.view.topology().nodes.begin()->first == BrokerId(6));
  }
}

TEST_CASE("ClusterView: asked for again and again, it asks less and less often") {
  Viewing v;
  CHECK_FALSE(v.view.due_ms());
  v.view.refresh();
  int64_t now = *v.view.due_ms();
  std::vector<int64_t> pauses;
  for (int i = 0; i < 50; i++) {
    v.answer(now, answer_of(response_of({})));
    v.view.refresh();
    pauses.push_back(*v.view.due_ms() - now);
    now = *v.view.due_ms();
  }
  CHECK(std::is_sorted(pauses.begin(), pauses.end()));
  CHECK(pauses.front() == 1);
  CHECK(pauses.back() == 500);
  v.view.allow_at_once(now - 100);
  CHECK(v.view.due_ms() == now - 100);
  // When it was content for a while it begins anew.
  now += 2000;
  v.answer(now, answer_of(response_of({})));
  v.view.refresh();
  CHECK(*v.view.due_ms() == now + 1);
}

TEST_CASE("ClusterView: while a question is under way there is no other; lost with its connection, it is asked again") {
  Viewing v;
  v.view.refresh();
  Call call = v.view.ask(0, "test", 10'000, [] {});
  CHECK(v.view.is_under_way());
  v.view.refresh();
  CHECK_FALSE(v.view.due_ms());
  call.done(error(Errc::disconnected, "gone"));
  CHECK(v.view.due_ms());
  CHECK(v.view.failures() == 1);
  Viewing other;
  other.answer(0, error(Errc::no_answer, "silence"));
  CHECK_FALSE(other.view.due_ms());  // whoever waits for it decides
}

TEST_CASE("ClusterView: all topics, sorted by name") {
  auto all = ClusterView::all_of(answer_of(response_of({topic_of("b", {0}), topic_of("a", {0})})));
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK((*all)[0].name == "a");
  CHECK(ClusterView::all_of(answer_of(response_of({topic_of("a/b", {0})}))).error().code == Errc::malformed);
  CHECK(ClusterView::all_of(error(Errc::no_answer)).error().code == Errc::no_answer);
}
