// Configs: which broker is asked what, and what is made of the answers.
#include "client/admin/configs.h"

#include "client/answering.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/incremental_alter_configs.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using namespace bobbin::protocol;
using fake::FakeCluster;

namespace {

using Describing = Answering<DescribeConfigsRequest, DescribeConfigsResponse>;
using Altering = Answering<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>;
using Told = DescribeConfigsResponse::DescribeConfigsResourceResult;

Told told(const std::string& name, const std::optional<std::string>& value) {
  Told config;
  config.name = name;
  config.value = value;
  return config;
}

DescribeConfigsResponse descriptions(std::vector<DescribeConfigsResponse::DescribeConfigsResult> results) {
  DescribeConfigsResponse response;
  for (auto& result : results) response.results.push_back(std::move(result));
  return response;
}

constexpr int8_t of_topic = 2, of_broker = 4;

}  // namespace

TEST_CASE("Configs: they are told by name, with what is known of each, and what is sensitive without its value") {
  FakeCluster cluster;
  Told secret = told("b.password", "hunter2");
  secret.is_sensitive = true;
  Told full = told("a.ms", "5");
  full.read_only = true;
  full.config_source = 4;
  full.config_type = 5;
  full.documentation = "How long.";
  Describing describing(cluster,
                        descriptions({{0, std::nullopt, of_topic, "t", {told("c", std::nullopt), secret, full}}}));
  auto configs = describe_configs(*open_session(cluster), ResourceType::topic, "t");
  REQUIRE(configs.ok());
  REQUIRE(configs->size() == 3);
  const ConfigEntry& first = (*configs)[0];
  CHECK(first.name == "a.ms");
  CHECK(first.value == "5");
  CHECK(first.source == 4);
  CHECK(first.type == 5);
  CHECK(first.read_only);
  CHECK(first.documentation == "How long.");
  CHECK((*configs)[1].name == "b.password");
  CHECK_FALSE((*configs)[1].value);
  CHECK((*configs)[2].source == -1);
  CHECK((*configs)[2].documentation.empty());
  const DescribeConfigsRequest asked = describing.requests().at(0);
  CHECK(asked.include_documentation);
  CHECK(asked.resources == std::vector{DescribeConfigsRequest::DescribeConfigsResource{of_topic, "t", std::nullopt}});
}

TEST_CASE("Configs: a broker that is known is asked for its own, for others whichever answers") {
  FakeCluster cluster(3);
  Describing describing(cluster, [](const DescribeConfigsRequest& asked) {
    const auto& resource = asked.resources.at(0);
    return descriptions({{0, std::nullopt, resource.resource_type, resource.resource_name, {}}});
  });
  auto session = open_session(cluster);
  for (const char* broker : {"3", "2", "1"}) REQUIRE(describe_configs(*session, ResourceType::broker, broker).ok());
  CHECK(describing.nodes() == std::vector<int>{3, 2, 1});
  for (const char* other : {"", "4", "-1", "2x", "2147483648"}) {
    CAPTURE(other);
    CHECK(describe_configs(*session, ResourceType::broker, other).ok());
  }
  REQUIRE(describe_configs(*session, ResourceType::topic, "2").ok());  // a topic may be called so
  CHECK(describing.requests().size() == 9);
  CHECK(describing.requests()[0].resources[0].resource_type == of_broker);
  CHECK(describing.requests()[3].resources[0].resource_name.empty());  // the default of all brokers
}

TEST_CASE("Configs: a refusal names the topic or the broker, and so does an answer that says nothing") {
  FakeCluster cluster;
  auto session = open_session(cluster);
  {
    auto code = static_cast<int16_t>(Errc::topic_authorization_failed);
    Describing describing(cluster, descriptions({{code, std::nullopt, of_topic, "t", {}}}));
    auto refused = describe_configs(*session, ResourceType::topic, "t");
    CHECK(refused.error().code == Errc::topic_authorization_failed);
    CHECK(refused.error().message == "topic t: you may not do this");
  }
  for (const auto& beside : {descriptions({}), descriptions({{0, std::nullopt, of_topic, "9", {told("a", "1")}},
                                                             {0, std::nullopt, of_broker, "8", {told("a", "1")}}})}) {
    Describing describing(cluster, beside);
    auto silent = describe_configs(*session, ResourceType::broker, "9");
    REQUIRE_FALSE(silent.ok());
    CHECK(silent.error().code == Errc::malformed);
    CHECK(silent.error().message == "the cluster does not say what the configs of broker 9 are");
  }
}

TEST_CASE("Configs: of several results the one that was asked for counts, wherever it stands") {
  FakeCluster cluster;
  auto session = open_session(cluster);
  Describing describing(cluster, descriptions({{0, std::nullopt, of_broker, "t", {told("a", "of a broker")}},
                                               {0, std::nullopt, of_topic, "u", {told("a", "of another")}},
                                               {0, std::nullopt, of_topic, "t", {told("a", "its own")}}}));
  auto configs = describe_configs(*session, ResourceType::topic, "t");
  REQUIRE(configs.ok());
  CHECK(configs->at(0).value == "its own");
}

TEST_CASE("Configs: single values come in the order of the questions, and nothing for what is not told") {
  FakeCluster cluster(2);
  auto code = static_cast<int16_t>(Errc::unknown_topic_or_partition);
  Describing describing(cluster,
                        descriptions({{0, std::nullopt, of_broker, "1", {told("x", "of broker 1")}},
                                      {code, std::nullopt, of_topic, "gone", {told("x", "not to be believed")}},
                                      {0, std::nullopt, of_topic, "1", {told("y", ""), told("x", "of topic 1")}}}));
  auto values = read_configs(*open_session(cluster), BrokerId(2),
                             {{ResourceType::topic, "1", "x"},
                              {ResourceType::topic, "gone", "x"},
                              {ResourceType::broker, "1", "x"},
                              {ResourceType::topic, "1", "y"},
                              {ResourceType::topic, "1", "z"},
                              {ResourceType::topic, "other", "x"}});
  REQUIRE(values.ok());
  CHECK(*values == std::vector<std::optional<std::string>>{"of topic 1", std::nullopt, "of broker 1", "", std::nullopt,
                                                           std::nullopt});
  CHECK(describing.nodes() == std::vector<int>{2});
  const DescribeConfigsRequest asked = describing.requests().at(0);
  REQUIRE(asked.resources.size() == 6);
  CHECK(asked.resources[4].configuration_keys == std::vector<std::string>{"z"});
}

TEST_CASE("Configs: each kind of change is sent as its number, and a removal without a value") {
  FakeCluster cluster;
  IncrementalAlterConfigsResponse response;
  response.responses.push_back({0, std::nullopt, of_topic, "t"});
  Altering altering(cluster, response);
  using Operation = ConfigChange::Operation;
  const bool validate_only = GENERATE(false, true);
  CHECK(alter_configs(*open_session(cluster), ResourceType::topic, "t",
                      {{"a", "1", Operation::set},
                       {"b", "", Operation::set},
                       {"c", "left over", Operation::unset},
                       {"d", "x", Operation::append},
                       {"e", "y", Operation::subtract}},
                      validate_only)
            .ok());
  const IncrementalAlterConfigsRequest asked = altering.requests().at(0);
  CHECK(asked.validate_only == validate_only);
  REQUIRE(asked.resources.size() == 1);
  CHECK(asked.resources[0] ==
        IncrementalAlterConfigsRequest::AlterConfigsResource{
            of_topic, "t", {{"a", 0, "1"}, {"b", 0, ""}, {"c", 1, std::nullopt}, {"d", 2, "x"}, {"e", 3, "y"}}});
}

TEST_CASE("Configs: a change that is refused is told in the cluster's words, one that is not answered as such") {
  FakeCluster cluster;
  auto session = open_session(cluster);
  const std::vector<ConfigChange> change{{"a", "1", ConfigChange::Operation::set}};
  {
    IncrementalAlterConfigsResponse response;
    response.responses.push_back({static_cast<int16_t>(Errc::invalid_config), "a: not a config", of_broker, "1"});
    Altering altering(cluster, response);
    auto refused = alter_configs(*session, ResourceType::broker, "1", change);
    CHECK(refused.error().code == Errc::invalid_config);
    CHECK(refused.error().message == "broker 1: a: not a config");
  }
  IncrementalAlterConfigsResponse others;
  if (GENERATE(false, true)) others.responses = {{0, std::nullopt, of_broker, "t"}, {0, std::nullopt, of_topic, "u"}};
  Altering altering(cluster, others);
  auto silent = alter_configs(*session, ResourceType::topic, "t", change);
  REQUIRE_FALSE(silent.ok());
  CHECK(silent.error().code == Errc::malformed);
  CHECK(silent.error().message == "the cluster does not say what became of the configs of topic t");
}
