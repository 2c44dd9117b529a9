// Topics: what is asked, and what is made of answers that leave out, add and repeat.
#include "client/admin/topics.h"

#include "client/answering.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using namespace bobbin::protocol;
using fake::FakeCluster;

namespace {

using Creating = Answering<CreateTopicsRequest, CreateTopicsResponse>;
using Deleting = Answering<DeleteTopicsRequest, DeleteTopicsResponse>;
using Growing = Answering<CreatePartitionsRequest, CreatePartitionsResponse>;

CreateTopicsResponse::CreatableTopicResult created(const std::string& name, Errc code = Errc::none) {
  CreateTopicsResponse::CreatableTopicResult result;
  result.name = name;
  result.error_code = static_cast<int16_t>(code);
  return result;
}

CreateTopicsResponse creations(std::vector<CreateTopicsResponse::CreatableTopicResult> results) {
  CreateTopicsResponse response;
  for (auto& result : results) response.topics.push_back(std::move(result));
  return response;
}

DeleteTopicsResponse deletions(const std::vector<std::pair<std::optional<std::string>, Errc>>& results) {
  DeleteTopicsResponse response;
  for (const auto& [name, code] : results)
    response.responses.push_back({name, {}, static_cast<int16_t>(code), std::nullopt});
  return response;
}

}  // namespace

TEST_CASE("Topics: creating asks for what was said, and -1 for what was not") {
  FakeCluster cluster;
  Creating creating(cluster, creations({created("a"), created("b")}));
  auto session = open_session(cluster);
  const bool validate_only = GENERATE(false, true);
  REQUIRE(create_topics(*session, {{"a", 3, 2, {{"retention.ms", "5"}, {"x", ""}}}, {.name = "b", .configs = {}}},
                        validate_only)
              .ok());
  REQUIRE(creating.requests().size() == 1);
  const CreateTopicsRequest asked = creating.requests()[0];
  CHECK(asked.validate_only == validate_only);
  CHECK(asked.timeout_ms == 20'000);
  REQUIRE(asked.topics.size() == 2);
  CHECK(asked.topics[0] == CreateTopicsRequest::CreatableTopic{"a", 3, 2, {}, {{"retention.ms", "5"}, {"x", ""}}});
  CHECK(asked.topics[1] == CreateTopicsRequest::CreatableTopic{"b", -1, -1, {}, {}});
}

TEST_CASE("Topics: the brokers are given as long as the target allows, within what they take") {
  FakeCluster cluster;
  Creating creating(cluster, creations({created("a")}));
  auto session = open_session(cluster);
  session->set_timeout_ms(3'600'000);
  REQUIRE(create_topics(*session, {{.name = "a", .configs = {}}}).ok());
  CHECK(creating.requests().back().timeout_ms == 60'000);
}

TEST_CASE("Topics: what the cluster tells of a topic that it made") {
  FakeCluster cluster;
  auto told = created("a");
  told.topic_id.bytes[0] = 9;
  told.num_partitions = 4;
  told.replication_factor = 1;
  told.configs.emplace();
  told.configs->push_back({"retention.ms", "5", false, 1, false});
  told.configs->push_back({"secret", std::nullopt, false, 1, true});
  Creating creating(cluster, creations({told}));
  auto made = create_topics(*open_session(cluster), {{.name = "a", .configs = {}}});
  REQUIRE(made.ok());
  REQUIRE(made->size() == 1);
  const CreatedTopic& topic = made->front();
  CHECK(topic.status.ok());
  CHECK(topic.id == told.topic_id);
  CHECK(topic.partitions == 4);
  CHECK(topic.replication_factor == 1);
  CHECK(topic.configs == std::vector<Config>{{"retention.ms", "5"}});
}

TEST_CASE("Topics: each is told once, those of which the cluster says nothing as such, others not at all") {
  FakeCluster cluster;
  Creating creating(cluster, creations({created("b"), created("stranger"), created("b", Errc::invalid_config),
                                        created("d", Errc::invalid_partitions)}));
  auto session = open_session(cluster);
  auto made = create_topics(*session, {{.name = "a", .configs = {}},
                                       {.name = "b", .configs = {}},
                                       {.name = "c", .configs = {}},
                                       {.name = "d", .configs = {}}});
  REQUIRE(made.ok());
  std::map<std::string, std::string> told;
  for (const auto& topic : *made) told[topic.name] = topic.status ? "ok" : topic.status.error().message;
  CHECK(made->size() == 4);
  CHECK(told == std::map<std::string, std::string>{{"a", "the cluster does not say what became of topic a"},
                                                   {"b", "ok"},
                                                   {"c", "the cluster does not say what became of topic c"},
                                                   {"d", "topic d: the number of partitions is not possible"}});
  CHECK(made->back().status.error().code == Errc::malformed);
}

TEST_CASE("Topics: changes are asked of the controller, where the cluster has one that is there") {
  FakeCluster cluster(2);
  const int32_t controller = GENERATE(1, 2);
  cluster.with([&](FakeCluster& c) {
    c.retouch_metadata = [=](MetadataResponse& answer) { answer.controller_id = controller; };
  });
  auto session = open_session(cluster);
  {
    Creating creating(cluster, creations({created("a")}));
    REQUIRE(create_topics(*session, {{.name = "a", .configs = {}}}).ok());
    CHECK(creating.nodes() == std::vector<int>{controller});
  }
  Deleting deleting(cluster, deletions({{"a", Errc::none}}));
  REQUIRE(delete_topics(*session, {"a"}).ok());
  CHECK(deleting.nodes() == std::vector<int>{controller});
}

TEST_CASE("Topics: where nobody knows the controller, any broker is asked") {
  FakeCluster cluster;
  const int32_t controller = GENERATE(-1, 7);
  cluster.with([&](FakeCluster& c) {
    c.retouch_metadata = [=](MetadataResponse& answer) { answer.controller_id = controller; };
  });
  auto session = open_session(cluster);
  Deleting deleting(cluster, deletions({{"a", Errc::none}}));
  REQUIRE(delete_topics(*session, {"a"}).ok());
  CHECK(deleting.nodes() == std::vector<int>{1});
}

TEST_CASE("Topics: deleting names each, and tells what became of each") {
  FakeCluster cluster;
  Deleting deleting(cluster, deletions({{"b", Errc::unknown_topic_or_partition},
                                        {"stranger", Errc::none},
                                        {std::nullopt, Errc::none},
                                        {"a", Errc::none},
                                        {"a", Errc::policy_violation}}));
  auto gone = delete_topics(*open_session(cluster), {"a", "b", "c"});
  REQUIRE(gone.ok());
  std::map<std::string, std::string> told;
  for (const auto& topic : *gone) told[topic.name] = topic.status ? "ok" : topic.status.error().message;
  CHECK(gone->size() == 3);
  CHECK(told == std::map<std::string, std::string>{{"a", "ok"},
                                                   {"b", "topic b: is not there"},
                                                   {"c", "the cluster does not say what became of topic c"}});
  const DeleteTopicsRequest asked = deleting.requests().at(0);
  REQUIRE(asked.topics.size() == 3);
  CHECK(asked.topics[2].name == "c");
  CHECK(asked.topics[2].topic_id.is_zero());
}

TEST_CASE("Topics: more partitions are asked for by their total") {
  FakeCluster cluster;
  auto session = open_session(cluster);
  CreatePartitionsResponse response;
  SECTION("they are made") {
    response.results.push_back({"t", 0, std::nullopt});
    Growing growing(cluster, response);
    CHECK(create_partitions(*session, "t", 7, true).ok());
    const CreatePartitionsRequest asked = growing.requests().at(0);
    CHECK(asked.validate_only);
    CHECK(asked.topics == std::vector{CreatePartitionsRequest::CreatePartitionsTopic{"t", 7, std::nullopt}});
  }
  SECTION("they are refused") {
    response.results.push_back({"t", static_cast<int16_t>(Errc::invalid_partitions), "there are 8 already"});
    Growing growing(cluster, response);
    auto refused = create_partitions(*session, "t", 7);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::invalid_partitions);
    CHECK(refused.error().message == "topic t: there are 8 already");
  }
  SECTION("they are made of it, and of another nobody wants to know") {
    response.results.push_back({"other", static_cast<int16_t>(Errc::invalid_partitions), std::nullopt});
    response.results.push_back({"t", 0, std::nullopt});
    Growing growing(cluster, response);
    CHECK(create_partitions(*session, "t", 7).ok());
  }
  SECTION("nothing is said of it") {
    if (GENERATE(false, true)) response.results.push_back({"other", 0, std::nullopt});
    Growing growing(cluster, response);
    CHECK(create_partitions(*session, "t", 7).error().message == "the cluster does not say what became of topic t");
  }
}

TEST_CASE("Topics: a topic that is there is not made, whether its leaders are or not") {
  FakeCluster cluster;
  cluster.add_topic("t", 2);
  const bool has_leaders = GENERATE(true, false);
  cluster.with([&](FakeCluster& c) { c.topics["t"].partitions[1].leader = has_leaders ? 1 : -1; });
  Creating creating(cluster, creations({created("t", Errc::topic_already_exists)}));
  auto session = open_session(cluster);
  auto made = ensure_topic(*session, {.name = "t", .configs = {}});
  REQUIRE(made.ok());
  CHECK_FALSE(*made);
  CHECK(creating.requests().empty());
}

TEST_CASE("Topics: one that somebody else makes meanwhile is not made by this call") {
  FakeCluster cluster;
  Creating creating(cluster, [&](const CreateTopicsRequest&) {
    cluster.topics["t"].partitions.resize(1);
    return creations({created("t", Errc::topic_already_exists)});
  });
  auto made = ensure_topic(*open_session(cluster), {.name = "t", .configs = {}});
  REQUIRE(made.ok());
  CHECK_FALSE(*made);
  CHECK(creating.requests().size() == 1);
}

TEST_CASE("Topics: a topic that may not be made, or seen, is told in the cluster's words") {
  FakeCluster cluster;
  auto session = open_session(cluster);
  SECTION("not made") {
    auto refused = created("t", Errc::policy_violation);
    refused.error_message = "not on a Sunday";
    Creating creating(cluster, creations({refused}));
    auto made = ensure_topic(*session, {.name = "t", .configs = {}});
    CHECK(made.error().code == Errc::policy_violation);
    CHECK(made.error().message == "topic t: not on a Sunday");
  }
  SECTION("not seen") {
    cluster.set_script([](const fake::Seen& seen) -> fake::Plan {
      if (seen.key != ApiKey::metadata) return {};
      return {fake::Fault::error_before, static_cast<int16_t>(Errc::topic_authorization_failed)};
    });
    auto made = ensure_topic(*session, {.name = "t", .configs = {}});
    CHECK(made.error().code == Errc::topic_authorization_failed);
    CHECK(made.error().message == "topic t: you may not do this");
  }
}

TEST_CASE("Topics: those that are described come in the order of the question, also those that are not there") {
  FakeCluster cluster;
  cluster.add_topic("b", 1);
  cluster.add_topic("a", 2);
  auto views = describe_topics(*open_session(cluster), {"b", "missing", "a"});
  REQUIRE(views.ok());
  REQUIRE(views->size() == 3);
  CHECK((*views)[0].name == "b");
  CHECK((*views)[0].error == Errc::none);
  CHECK((*views)[1].name == "missing");
  CHECK((*views)[1].error == Errc::unknown_topic_or_partition);
  CHECK((*views)[2].partitions.size() == 2);
}
