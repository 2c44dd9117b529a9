// AlterConfigs: all configs of a resource at once.
#include "protocol/messages/alter_configs.h"

#include <catch2/catch.hpp>

#include "broker/one_broker.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

using Request = protocol::AlterConfigsRequest;
using Response = protocol::AlterConfigsResponse;
using Configs = std::vector<Request::AlterableConfig>;
constexpr int8_t of_topic = 2, of_broker = 4;

struct Altered {
  std::vector<Errc> ask(const std::vector<Request::AlterConfigsResource>& resources, bool validate_only = false,
                        int16_t version = 2, bool unix = true) {
    Request request;
    request.resources = resources;
    request.validate_only = validate_only;
    auto id = b.connect(unix);
    b.ask(id, version, request);
    b.settle();
    auto told = b.answer<Response>(id, version);
    REQUIRE(told);
    b.disconnect(id);
    std::vector<Errc> codes;
    for (size_t i = 0; i < told->responses.size(); i++) {
      codes.push_back(static_cast<Errc>(told->responses[i].error_code));
      CHECK(told->responses[i].resource_name == resources[i].resource_name);
      CHECK(told->responses[i].resource_type == resources[i].resource_type);
      CHECK(told->responses[i].error_message.has_value() == (codes.back() != Errc::none));
    }
    return codes;
  }
  Errc ask_one(int8_t type, const std::string& name, const Configs& configs) {
    return ask({{type, name, configs}}).at(0);
  }
  config::ConfigMap stored(const std::string& name) const {
    return b.broker->image().configs(config::ConfigScope::topic, name);
  }
  config::ConfigMap stored_of_brokers(const std::string& name = "") const {
    return b.broker->image().configs(config::ConfigScope::broker, name);
  }

  OneBroker b;
};
using Codes = std::vector<Errc>;

}  // namespace

TEST_CASE("AlterConfigs: what is named is set, and what is not has its default again") {
  Altered a;
  a.b.create("t", 1, {{"retention.ms", "1000"}, {"segment.bytes", "1048576"}});
  const auto version = static_cast<int16_t>(GENERATE(0, 1, 2));
  CHECK(a.ask({{of_topic, "t", {{"retention.ms", "2000"}, {"max.message.bytes", "1000"}}}}, false, version) ==
        Codes{Errc::none});
  CHECK(a.stored("t") == config::ConfigMap{{"retention.ms", "2000"}, {"max.message.bytes", "1000"}});
  a.b.restart_after_power_cut();
  CHECK(a.stored("t") == config::ConfigMap{{"retention.ms", "2000"}, {"max.message.bytes", "1000"}});
  CHECK(a.ask({{of_topic, "t", {}}}, false, version) == Codes{Errc::none});
  CHECK(a.stored("t").empty());
}

TEST_CASE("AlterConfigs: who only asks whether it could changes nothing") {
  Altered a;
  a.b.create("t", 1, {{"retention.ms", "1000"}});
  CHECK(a.ask({{of_topic, "t", {{"segment.bytes", "1048576"}}}, {of_topic, "no.such", {}}}, true) ==
        Codes{Errc::none, Errc::unknown_topic_or_partition});
  CHECK(a.stored("t") == config::ConfigMap{{"retention.ms", "1000"}});
}

TEST_CASE("AlterConfigs: one wrong config leaves all of its resource as they were, and no other resource") {
  Altered a;
  a.b.create("t", 1, {{"retention.ms", "1000"}});
  a.b.create("u");
  CHECK(a.ask({{of_topic, "t", {{"retention.ms", "2000"}, {"segment.bytes", "nonsense"}}},
               {of_topic, "u", {{"retention.ms", "3000"}}}}) == Codes{Errc::invalid_config, Errc::none});
  CHECK(a.stored("t") == config::ConfigMap{{"retention.ms", "1000"}});
  CHECK(a.stored("u") == config::ConfigMap{{"retention.ms", "3000"}});
  CHECK(a.ask_one(of_topic, "t", {{"no.such.config", "1"}}) == Errc::invalid_config);
  // What is wrong with them is told before that nobody has them.
  CHECK(a.ask_one(of_topic, "gone", {{"retention.ms", "nonsense"}}) == Errc::invalid_config);
  CHECK(a.ask_one(of_topic, "gone", {{"retention.ms", "x"}, {"retention.ms", "1"}}) == Errc::invalid_request);
  CHECK(a.ask_one(of_topic, "gone", {{"retention.ms", "1"}}) == Errc::unknown_topic_or_partition);
  CHECK(a.ask_one(of_topic, "t", {{"retention.ms", std::nullopt}}) == Errc::invalid_request);
  CHECK(a.ask_one(of_topic, "t", {{"retention.ms", "1"}, {"retention.ms", "1"}}) == Errc::invalid_request);
  CHECK(a.stored("t") == config::ConfigMap{{"retention.ms", "1000"}});
}

TEST_CASE("AlterConfigs: what has no configs, and what is named twice") {
  Altered a;
  a.b.create("t", 1, {{"retention.ms", "1000"}});
  for (int type : {0, 1, 8, 16, 32, -1}) CHECK(a.ask_one(static_cast<int8_t>(type), "t", {}) == Errc::invalid_request);
  CHECK(a.ask_one(of_topic, "", {}) == Errc::invalid_request);
  CHECK(a.ask_one(of_topic, "not/ok", {}) == Errc::invalid_topic_exception);
  CHECK(a.ask_one(of_broker, "7", {}) == Errc::invalid_request);
  CHECK(a.ask_one(of_broker, "", {{"num.partitions", "x"}}) == Errc::invalid_request);
  CHECK(a.ask_one(of_broker, "x", {}) == Errc::invalid_request);
  CHECK(a.ask({{of_topic, "t", {}}, {of_broker, "", {{"num.partitions", "2"}}}, {of_topic, "t", {}}}) ==
        Codes{Errc::invalid_request, Errc::none, Errc::invalid_request});
  CHECK(a.stored("t") == config::ConfigMap{{"retention.ms", "1000"}});
  CHECK(a.stored_of_brokers() == config::ConfigMap{{"num.partitions", "2"}});
  CHECK(a.ask({}).empty());
}

TEST_CASE("AlterConfigs: a broker's, and those of all brokers") {
  Altered a;
  CHECK(a.ask_one(of_broker, "", {{"num.partitions", "3"}, {"log.retention.ms", "5000"}}) == Errc::none);
  CHECK(a.ask_one(of_broker, "1", {{"log.retention.ms", "6000"}}) == Errc::none);
  CHECK(a.stored_of_brokers("1") == config::ConfigMap{{"log.retention.ms", "6000"}});
  CHECK(a.ask_one(of_broker, "", {{"log.retention.ms", "7000"}}) == Errc::none);
  CHECK(a.stored_of_brokers() == config::ConfigMap{{"log.retention.ms", "7000"}});
  CHECK(a.stored_of_brokers("1") == config::ConfigMap{{"log.retention.ms", "6000"}});
}

TEST_CASE("AlterConfigs: what decides who gets in is changed over TCP neither by naming it nor by leaving it out") {
  Altered a;
  const std::string door = "listeners", here = "PLAINTEXT://127.0.0.1:0", there = "PLAINTEXT://127.0.0.1:9999";
  REQUIRE(a.ask({{of_broker, "1", {{door, here}}}}, false, 2, true) == Codes{Errc::none});
  auto over_tcp = [&](const Configs& configs) { return a.ask({{of_broker, "1", configs}}, false, 2, false).at(0); };
  CHECK(over_tcp({{door, there}}) == Errc::cluster_authorization_failed);
  CHECK(over_tcp({}) == Errc::cluster_authorization_failed);
  CHECK(over_tcp({{"num.partitions", "2"}}) == Errc::cluster_authorization_failed);
  CHECK(a.stored_of_brokers("1") == config::ConfigMap{{door, here}});
  // As it is, it may stay.
  CHECK(over_tcp({{door, here}, {"log.retention.ms", "6000"}}) == Errc::none);
  CHECK(a.stored_of_brokers("1").at("log.retention.ms") == "6000");
  CHECK(a.ask({{of_broker, "1", {}}}, false, 2, true) == Codes{Errc::none});
  CHECK(a.stored_of_brokers("1").empty());
}

TEST_CASE("AlterConfigs: a request has a size") {
  Altered a;
  Configs many;
  for (int i = 0; i <= 10'000; i++) many.push_back({"c" + std::to_string(i), "1"});
  CHECK(a.ask_one(of_broker, "", many) == Errc::policy_violation);
}
