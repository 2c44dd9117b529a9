// What one request may cost: how much it may name, what is named twice, how much it may change, and whose turn it is.
#include <catch2/catch.hpp>

#include "broker/one_broker.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

int16_t code(Errc e) { return static_cast<int16_t>(e); }

bool said(const OneBroker& b, const std::string& words) {
  return std::any_of(b.said.begin(), b.said.end(),
                     [&](const std::string& line) { return line.find(words) != std::string::npos; });
}

protocol::MetadataRequest about(const std::vector<std::string>& names, bool create = false) {
  protocol::MetadataRequest request;
  request.topics.emplace();
  for (auto& n : names) request.topics->push_back({{}, n});
  request.allow_auto_topic_creation = create;
  return request;
}

std::vector<std::string> numbered(const std::string& name, int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; i++) names.push_back(name + std::to_string(i));
  return names;
}

protocol::CreateTopicsRequest creating(const std::vector<std::string>& names, int32_t partitions) {
  protocol::CreateTopicsRequest request;
  for (const auto& name : names) {
    auto& t = request.topics.emplace_back();
    t.name = name;
    t.num_partitions = partitions;
    t.replication_factor = 1;
  }
  return request;
}

}  // namespace

TEST_CASE("Limits: a request that names too much is refused by name") {
  OneBroker b;
  auto refused = [&](int16_t version, const auto& message, const std::string& words) {
    auto id = b.connect();
    b.said.clear();
    b.ask(id, version, message);
    CHECK(b.is_closed(id));
    CHECK(b.waiting(id) == 0);
    CHECK(said(b, words));
    b.pass(60'000);  // so that it is said again
  };
  protocol::FindCoordinatorRequest coordinators;
  coordinators.coordinator_keys.resize(65537);
  refused(4, coordinators, "127.0.0.1:50000 is refused: FindCoordinatorRequest version 4 names more than 65536 things");
  protocol::ProduceRequest produce;
  produce.topic_data.push_back({"t", {}, std::vector<protocol::ProduceRequest::PartitionProduceData>(65536)});
  refused(9, produce, "ProduceRequest version 9 names more than 65536 things");
  protocol::DescribeConfigsRequest configs;
  configs.resources.push_back({2, "t", std::vector<std::string>(65536)});
  refused(4, configs, "DescribeConfigsRequest version 4 names more than 65536 things");
  coordinators.coordinator_keys.resize(65536);
  CHECK(b.call<protocol::FindCoordinatorResponse>(4, coordinators).coordinators.size() == 1);  // all the same
}

TEST_CASE("Limits: what is named twice is answered once") {
  OneBroker b;
  b.create("t");
  b.create("u");
  CHECK(b.call<protocol::MetadataResponse>(9, about({"t", "u", "t", "t"})).topics.size() == 2);

  protocol::FindCoordinatorRequest coordinators;
  coordinators.coordinator_keys = {"b", "a", "b"};
  auto told = b.call<protocol::FindCoordinatorResponse>(4, coordinators).coordinators;
  REQUIRE(told.size() == 2);
  CHECK((told[0].key == "b" && told[1].key == "a"));

  protocol::DeleteTopicsRequest deleting;
  deleting.topic_names = {"t", "u", "t"};
  auto deleted = b.call<protocol::DeleteTopicsResponse>(4, deleting).responses;
  REQUIRE(deleted.size() == 2);
  CHECK((deleted[0].error_code == code(Errc::invalid_request) && deleted[1].error_code == 0));
  CHECK(b.broker->image().topic("t") != nullptr);

  protocol::CreatePartitionsRequest adding;
  adding.topics = {{"t", 2, std::nullopt}, {"t", 3, std::nullopt}};
  auto added = b.call<protocol::CreatePartitionsResponse>(3, adding).results;
  REQUIRE(added.size() == 1);
  CHECK(added[0].error_code == code(Errc::invalid_request));
  CHECK(b.broker->image().topic("t")->partitions.size() == 1);

  protocol::IncrementalAlterConfigsRequest altering;
  altering.resources = {{2, "t", {{"retention.ms", 0, "1"}}}, {2, "t", {{"retention.bytes", 0, "1"}}}};
  auto altered = b.call<protocol::IncrementalAlterConfigsResponse>(1, altering).responses;
  REQUIRE(altered.size() == 1);
  CHECK(altered[0].error_code == code(Errc::invalid_request));
  CHECK(b.broker->image().configs(config::ConfigScope::topic, "t").empty());
}

TEST_CASE("Limits: one resource asked for in pieces is described once, with all that was asked") {
  OneBroker b;
  b.create("t");
  auto described = [&](std::vector<protocol::DescribeConfigsRequest::DescribeConfigsResource> resources) {
    protocol::DescribeConfigsRequest request;
    request.resources = std::move(resources);
    std::vector<size_t> configs;
    for (const auto& result : b.call<protocol::DescribeConfigsResponse>(4, request).results)
      configs.push_back(result.configs.size());
    return configs;
  };
  using Keys = std::vector<std::string>;
  CHECK(described(
            {{2, "t", Keys{"retention.ms"}}, {2, "u", Keys{}}, {2, "t", Keys{"retention.bytes", "retention.ms"}}}) ==
        std::vector<size_t>{2, 0});
  CHECK(described({{2, "t", Keys{"retention.ms"}}, {2, "t", std::nullopt}}) ==
        std::vector<size_t>{config::topic_configs().size()});
  CHECK(described({{2, "t", std::nullopt}, {2, "t", Keys{"retention.ms"}}}) ==
        std::vector<size_t>{config::topic_configs().size()});
}

TEST_CASE("Limits: a request changes at most 10,000 partitions, topics or settings, as a whole") {
  OneBroker b;
  b.create("t");
  auto codes = [](const auto& results) {
    std::set<int16_t> all;
    for (const auto& r : results) all.insert(r.error_code);
    return all;
  };
  const std::set<int16_t> refused{code(Errc::policy_violation)}, done{0};
  auto many = b.call<protocol::CreateTopicsResponse>(7, creating(numbered("a", 101), 100));
  CHECK(many.topics.size() == 101);
  CHECK(codes(many.topics) == refused);
  CHECK(many.topics[0].error_message == "10100 partitions or settings are too many: at most 10000 go into one request");
  CHECK(codes(b.call<protocol::CreateTopicsResponse>(7, creating({"a"}, 10001)).topics) == refused);
  CHECK(codes(b.call<protocol::CreateTopicsResponse>(7, creating(numbered("a", 10001), 0)).topics) == refused);
  CHECK(b.broker->image().topics().size() == 1);
  CHECK(codes(b.call<protocol::CreateTopicsResponse>(7, creating(numbered("a", 100), 100)).topics) == done);

  protocol::CreatePartitionsRequest adding;
  adding.topics = {{"t", 5001, std::nullopt}, {"a1", 5101, std::nullopt}};
  CHECK(codes(b.call<protocol::CreatePartitionsResponse>(3, adding).results) == refused);
  adding.topics[0].count = 5000;
  CHECK(codes(b.call<protocol::CreatePartitionsResponse>(3, adding).results) == done);

  protocol::IncrementalAlterConfigsRequest altering;
  altering.resources = {{2, "t", {}}, {2, "a1", {}}};
  for (int i = 0; i < 10001; i++) altering.resources[1].configs.push_back({"no.such.key", 1, std::nullopt});
  CHECK(codes(b.call<protocol::IncrementalAlterConfigsResponse>(1, altering).responses) == refused);

  protocol::DeleteTopicsRequest deleting;
  deleting.topic_names = numbered("a", 10001);
  CHECK(codes(b.call<protocol::DeleteTopicsResponse>(4, deleting).responses) == refused);
  CHECK(b.broker->image().topics().size() == 101);

  // What asking makes: not more of it either.
  auto asked = b.call<protocol::MetadataResponse>(9, about(numbered("b", 10001), true));
  CHECK(codes(asked.topics) == refused);
  CHECK(b.broker->image().topics().size() == 101);
}

TEST_CASE("Limits: a long answer is made in turns, and others are answered meanwhile") {
  OneBroker b;
  std::vector<std::string> names = numbered("a", 300);
  b.call<protocol::CreateTopicsResponse>(7, creating(names, 33));
  protocol::DescribeConfigsRequest configs;
  for (const auto& name : names) configs.resources.push_back({2, name, std::nullopt});

  auto slow = b.connect(), all = b.connect(), quick = b.connect();
  b.ask(slow, 4, configs);
  b.ask(all, 9, about(names));
  b.ask(quick, 9, about({"a1"}));
  CHECK(b.waiting(quick) == 1);
  CHECK(b.waiting(slow) + b.waiting(all) == 0);
  CHECK(b.broker->next_deadline_ms() == 0);  // it does not sleep
  // What goes meanwhile is not told any more, and who goes is not answered.
  protocol::DeleteTopicsRequest deleting;
  deleting.topic_names = {"a299"};
  b.ask(quick, 4, deleting);
  b.settle();
  auto described = b.answer<protocol::DescribeConfigsResponse>(slow, 4);
  REQUIRE(described);
  REQUIRE(described->results.size() == 300);
  CHECK(described->results[0].configs.size() == config::topic_configs().size());
  auto told = b.answer<protocol::MetadataResponse>(all, 9);
  REQUIRE(told);
  CHECK(told->topics.size() == 300);
  CHECK(told->topics[0].partitions.size() == 33);
  CHECK(b.call<protocol::MetadataResponse>(9, protocol::MetadataRequest()).topics.size() == 299);

  b.ask(slow, 4, configs);
  b.disconnect(slow);
  b.settle();
  CHECK(b.waiting(slow) == 0);
  CHECK(b.broker->next_deadline_ms() > 0);
}

TEST_CASE("Limits: an answer of configs ends at 32 MiB") {
  OneBroker b;
  std::vector<std::string> names = numbered("a", 10000);
  b.call<protocol::CreateTopicsResponse>(7, creating(names, 1));
  protocol::DescribeConfigsRequest configs;
  configs.include_documentation = configs.include_synonyms = true;
  auto ask = [&](size_t more) {
    for (size_t i = 0; i < more; i++)
      b.call<protocol::CreateTopicsResponse>(7, creating(numbered("b" + std::to_string(i) + "x", 5000), 1));
  };
  ask(1);
  for (const auto& [name, topic] : b.broker->image().topics()) configs.resources.push_back({2, name, std::nullopt});
  auto id = b.connect();
  b.ask(id, 4, configs);
  b.settle();
  auto described = b.answer<protocol::DescribeConfigsResponse>(id, 4);
  REQUIRE(described);
  REQUIRE(described->results.size() == 15000);
  CHECK(described->results.front().error_code == 0);
  CHECK(described->results.back().error_code == code(Errc::policy_violation));
}
