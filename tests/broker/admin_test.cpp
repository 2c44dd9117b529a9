#include <catch2/catch.hpp>

#include "broker/one_broker.h"
#include "metadata/changes.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {
int16_t code(Errc e) { return static_cast<int16_t>(e); }

protocol::MetadataRequest about(std::vector<std::string> names, bool create = false) {
  protocol::MetadataRequest request;
  request.topics.emplace();
  for (auto& n : names) request.topics->push_back({{}, n});
  request.allow_auto_topic_creation = create;
  return request;
}
}  // namespace

TEST_CASE("Admin: what keeps the metadata from being written is told by its name, in the answer and in the log") {
  Errc why =
      GENERATE(Errc::disk_full, Errc::quota_exceeded, Errc::file_too_large, Errc::read_only, Errc::permission_denied);
  OneBroker b;
  b.create("before");
  b.world.storage.inject({1, true, why, 0, {Call::write, Call::truncate}});
  protocol::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  topic.num_partitions = 1;
  topic.replication_factor = 1;
  auto refused = b.call<protocol::CreateTopicsResponse>(7, request);
  REQUIRE(refused.topics.size() == 1);
  CHECK(refused.topics[0].error_code == code(Errc::kafka_storage_error));
  CHECK(refused.topics[0].error_message);
  CHECK(std::any_of(b.said.begin(), b.said.end(),
                    [](const auto& s) { return s.starts_with("the metadata is not changed: "); }));
  b.world.storage.heal();
  CHECK(b.call<protocol::CreateTopicsResponse>(7, request).topics[0].error_code == 0);
}

TEST_CASE("ApiVersions: Produce is advertised from 0, groups are served, transactions are not") {
  OneBroker b;
  protocol::ApiVersionsRequest request;
  request.client_software_name = "test";
  request.client_software_version = "1.0";
  auto told = b.call<protocol::ApiVersionsResponse>(3, request);
  CHECK(told.error_code == 0);
  std::map<int, std::pair<int, int>> served;
  for (auto& api : told.api_keys) served[api.api_key] = {api.min_version, api.max_version};
  CHECK(served.at(0) == std::pair(0, 13));
  CHECK(served.at(1) == std::pair(4, 18));
  CHECK(served.at(10) == std::pair(0, 6));  // without it old librdkafka does not use lz4
  CHECK(served.count(24) == 0);
  CHECK(served.at(11) == std::pair(0, 9));
  CHECK(served.at(8) == std::pair(2, 10));
  for (auto& f : told.finalized_features) CHECK(f.name != "transaction.version");
  request.client_software_name = "-bad-";
  CHECK(b.call<protocol::ApiVersionsResponse>(3, request).error_code == code(Errc::invalid_request));
}

TEST_CASE("Metadata: null is all, empty is none, and version 0 knows no difference") {
  OneBroker b;
  b.create("one");
  b.create("two", 3);
  protocol::MetadataRequest all;
  CHECK(b.call<protocol::MetadataResponse>(9, all).topics.size() == 2);
  CHECK(b.call<protocol::MetadataResponse>(9, about({})).topics.empty());
  CHECK(b.call<protocol::MetadataResponse>(0, about({})).topics.size() == 2);
  auto told = b.call<protocol::MetadataResponse>(9, about({"two", "no.such", "not/ok"}));
  REQUIRE(told.topics.size() == 3);
  CHECK(told.topics[0].partitions.size() == 3);
  CHECK(told.topics[0].partitions[1].leader_id == 1);
  CHECK(told.topics[1].error_code == code(Errc::unknown_topic_or_partition));
  CHECK(told.topics[2].error_code == code(Errc::invalid_topic_exception));
  CHECK(told.brokers.size() == 1);
  CHECK(told.brokers[0].host == "127.0.0.1");
  CHECK(told.brokers[0].port == 9092);
  CHECK(told.controller_id == 1);
  CHECK(told.topics[0].topic_authorized_operations == INT32_MIN);
}

TEST_CASE("Metadata and DescribeCluster: who asks is told that all may be done, in the bits of Kafka's operations") {
  OneBroker b;
  b.create("t");
  auto asked = about({"t"});
  asked.include_topic_authorized_operations = asked.include_cluster_authorized_operations = true;
  auto told = b.call<protocol::MetadataResponse>(9, asked);
  CHECK(told.topics[0].topic_authorized_operations == 0xdf8);
  CHECK(told.cluster_authorized_operations == 0x1fa0);
  protocol::DescribeClusterRequest cluster;
  CHECK(b.call<protocol::DescribeClusterResponse>(1, cluster).cluster_authorized_operations == INT32_MIN);
  cluster.include_cluster_authorized_operations = true;
  CHECK(b.call<protocol::DescribeClusterResponse>(1, cluster).cluster_authorized_operations == 0x1fa0);
}

TEST_CASE("Metadata: creates what is missing only if request and broker allow it") {
  OneBroker allowing;
  CHECK(allowing.call<protocol::MetadataResponse>(9, about({"t"}, false)).topics[0].error_code != 0);
  auto made = allowing.call<protocol::MetadataResponse>(9, about({"t"}, true));
  CHECK(made.topics[0].error_code == 0);
  CHECK(made.topics[0].partitions.size() == 1);
  OneBroker refusing(config::ConfigMap{{"auto.create.topics.enable", "false"}});
  CHECK(refusing.call<protocol::MetadataResponse>(9, about({"t"}, true)).topics[0].error_code ==
        code(Errc::unknown_topic_or_partition));
}

TEST_CASE("The names of brokers' own topics are given to none, however it is asked for") {
  OneBroker b;
  const std::vector<std::string> reserved{"__cluster_metadata", "__consumer_offsets", "__transaction_state"};
  for (bool validate_only : {true, false}) {
    protocol::CreateTopicsRequest request;
    request.validate_only = validate_only;
    for (const std::string& name : reserved)
      request.topics.push_back(
          {.name = name, .num_partitions = 1, .replication_factor = 1, .assignments = {}, .configs = {}});
    auto created = b.call<protocol::CreateTopicsResponse>(7, request);
    REQUIRE(created.topics.size() == 3);
    for (const auto& t : created.topics) {
      CHECK(t.error_code == code(Errc::invalid_topic_exception));
      CHECK(t.error_message == "'" + t.name + "' is what brokers call a topic of their own: choose another name");
    }
  }
  for (bool create : {false, true}) {
    auto told =
        b.call<protocol::MetadataResponse>(9, about({reserved[0], reserved[1], reserved[2], "__other"}, create));
    for (int i : {0, 1, 2})
      CHECK(told.topics[static_cast<size_t>(i)].error_code ==
            code(create ? Errc::invalid_topic_exception : Errc::unknown_topic_or_partition));
    CHECK(told.topics[3].error_code == code(create ? Errc::none : Errc::unknown_topic_or_partition));
  }
  CHECK(b.broker->image().topics().size() == 1);
}

TEST_CASE("CreateTopics: each topic succeeds or fails alone") {
  OneBroker b;
  b.create("there");
  protocol::CreateTopicsRequest request;
  for (std::string name : {"new", "there", "bad/name", "twice", "twice"}) {
    auto& t = request.topics.emplace_back();
    t.name = name;
    t.num_partitions = 1;
    t.replication_factor = 1;
  }
  auto& wide = request.topics.emplace_back();
  wide.name = "wide";
  wide.num_partitions = 1;
  wide.replication_factor = 3;
  auto told = b.call<protocol::CreateTopicsResponse>(7, request);
  std::vector<int16_t> codes;
  for (auto& t : told.topics) codes.push_back(t.error_code);
  CHECK(codes == std::vector<int16_t>{0, code(Errc::topic_already_exists), code(Errc::invalid_topic_exception),
                                      code(Errc::invalid_request), code(Errc::invalid_replication_factor)});
  CHECK(b.broker->image().topic("twice") == nullptr);
  CHECK_FALSE(told.topics[0].topic_id.is_zero());
  CHECK(told.topics[0].configs->size() > 5);
  request.topics.resize(1);
  request.topics[0].name = "only.looked.at";
  request.validate_only = true;
  CHECK(b.call<protocol::CreateTopicsResponse>(7, request).topics[0].error_code == 0);
  CHECK(b.broker->image().topic("only.looked.at") == nullptr);
}

TEST_CASE("DeleteTopics: records go, and a topic made anew is another one") {
  OneBroker b;
  TopicId old = b.create("t");
  b.produce("t", batch_of({"a"}));
  protocol::DeleteTopicsRequest request;
  request.topic_names = {"t", "nope"};
  auto told = b.call<protocol::DeleteTopicsResponse>(5, request);
  CHECK(told.responses[0].error_code == 0);
  CHECK(told.responses[1].error_code == code(Errc::unknown_topic_or_partition));
  b.settle();
  CHECK(b.world.storage.paths(b.dir.broker_dir(BrokerId(1)) + "/t-0").empty());
  TopicId made = b.create("t");
  CHECK(made != old);
  CHECK(b.fetch("t", 0).high_watermark == 0);
  CHECK(b.produce("t", batch_of({"b"})).base_offset == 0);
  b.restart_after_power_cut();
  CHECK(values_in(*b.fetch("t", 0).records) == std::vector<std::string>{"b"});
}

TEST_CASE("CreatePartitions and configs: what was changed is there after a power cut") {
  OneBroker b;
  b.create("t");
  protocol::CreatePartitionsRequest more;
  more.topics.push_back({"t", 4, std::nullopt});
  CHECK(b.call<protocol::CreatePartitionsResponse>(3, more).results[0].error_code == 0);
  CHECK(b.call<protocol::CreatePartitionsResponse>(3, more).results[0].error_code == code(Errc::invalid_partitions));
  protocol::IncrementalAlterConfigsRequest alter;
  alter.resources.push_back({2, "t", {{"retention.ms", 0, "1000"}}});
  CHECK(b.call<protocol::IncrementalAlterConfigsResponse>(1, alter).responses[0].error_code == 0);
  alter.resources[0].configs[0] = {"retention.msx", 0, "1000"};
  CHECK(b.call<protocol::IncrementalAlterConfigsResponse>(1, alter).responses[0].error_code ==
        code(Errc::invalid_config));
  b.restart_after_power_cut();
  protocol::DescribeConfigsRequest describe;
  describe.resources.push_back({2, "t", std::vector<std::string>{"retention.ms"}});
  describe.include_synonyms = true;
  auto told = b.call<protocol::DescribeConfigsResponse>(4, describe).results.at(0);
  REQUIRE(told.configs.size() == 1);
  CHECK(told.configs[0].value == "1000");
  CHECK(told.configs[0].config_source == 1);
  CHECK(told.configs[0].synonyms.size() >= 2);
  CHECK(b.call<protocol::MetadataResponse>(9, about({"t"})).topics[0].partitions.size() == 4);
}

TEST_CASE("InitProducerId: never the same id twice, whatever dies") {
  OneBroker b;
  std::set<int64_t> seen;
  for (int life = 0; life < 4; life++) {
    for (int i = 0; i < 3; i++) {
      auto told = b.call<protocol::InitProducerIdResponse>(4, protocol::InitProducerIdRequest{});
      CHECK(told.error_code == 0);
      CHECK(told.producer_epoch == 0);
      CHECK(seen.insert(told.producer_id).second);
    }
    life % 2 ? b.restart_after_power_cut() : b.restart_after_kill();
  }
  protocol::InitProducerIdRequest transactional;
  transactional.transactional_id = "tx";
  CHECK(b.call<protocol::InitProducerIdResponse>(4, transactional).error_code != 0);
}

TEST_CASE("InitProducerId: never the same id twice, whichever of the brokers gives it, beyond a block of each") {
  OneBroker a;
  OneBroker b(a, BrokerId(2));
  std::set<int64_t> seen;
  for (int64_t i = 0; i <= metadata::producer_id_block; i++)
    for (OneBroker* each : {&a, &b}) {
      auto told = each->call<protocol::InitProducerIdResponse>(4, protocol::InitProducerIdRequest{});
      REQUIRE(told.error_code == 0);
      REQUIRE(seen.insert(told.producer_id).second);
    }
}

TEST_CASE("Leader epochs: each life of a broker is a reign of its own") {
  OneBroker b;
  b.create("t");
  auto epoch = [&] { return b.call<protocol::MetadataResponse>(9, about({"t"})).topics[0].partitions[0].leader_epoch; };
  int32_t first = epoch();
  b.restart_after_kill();
  CHECK(epoch() > first);
  auto request = b.fetch_request("t", 0);
  request.topics[0].partitions[0].current_leader_epoch = first;
  CHECK(b.call<protocol::FetchResponse>(12, request).responses[0].partitions[0].error_code ==
        code(Errc::fenced_leader_epoch));
}

TEST_CASE("Metadata: partitions of a broker that does not live have no leader, and their replicas are offline") {
  OneBroker a;
  OneBroker b(a, BrokerId(2));
  auto held = a.world.storage.try_lock(a.dir.broker_lock(BrokerId(2)));
  REQUIRE(held.ok());
  a.broker->on_metadata_changed();
  a.settle();
  a.create("t", 2);
  auto told = [&] {
    std::map<int32_t, std::pair<int16_t, std::vector<int32_t>>> by_leader;  // leader: error, offline
    auto answer = a.call<protocol::MetadataResponse>(9, about({"t"}));
    CHECK(answer.controller_id == 1);
    for (const auto& p : answer.topics.at(0).partitions) {
      by_leader[p.leader_id] = {p.error_code, p.offline_replicas};
      CHECK(p.isr_nodes == p.replica_nodes);
    }
    return std::pair(answer.brokers.size(), by_leader);
  };
  using Partitions = std::map<int32_t, std::pair<int16_t, std::vector<int32_t>>>;
  CHECK(told() == std::pair(size_t{2}, Partitions{{1, {0, {}}}, {2, {0, {}}}}));
  held->reset();  // it died
  CHECK(told() == std::pair(size_t{1}, Partitions{{1, {0, {}}}, {-1, {code(Errc::leader_not_available), {2}}}}));
}

TEST_CASE("Metadata: a broker that listens everywhere is told by the address at which its asker reached this one") {
  OneBroker a;
  OneBroker b(a, BrokerId(2));
  auto held = a.world.storage.try_lock(a.dir.broker_lock(BrokerId(2)));
  for (auto [bound, told] : {std::pair("0.0.0.0", "127.0.0.1"), std::pair("::", "127.0.0.1"),
                             std::pair("", "127.0.0.1"), std::pair("192.0.2.7", "192.0.2.7")}) {
    b.listens = [bound = bound](const std::string&) {
      return Result<std::optional<metadata::Endpoint>>(metadata::Endpoint{"PLAINTEXT", bound, 9093, 0});
    };
    b.broker.reset();
    b.start_again();
    a.broker->on_metadata_changed();
    a.settle();
    auto answer = a.call<protocol::MetadataResponse>(9, about({}));
    REQUIRE(answer.brokers.size() == 2);
    CHECK(answer.brokers[1].host == told);
    CHECK(answer.brokers[1].port == 9093);
  }
}

TEST_CASE("DescribeConfigs, DeleteTopics: what is named in two ways, or not as it is, is refused") {
  OneBroker b;
  TopicId id = b.create("t");
  for (const char* name : {"01", "+1", "1 ", "2", "x", "-1"}) {
    CAPTURE(name);
    protocol::DescribeConfigsRequest describe;
    describe.resources.push_back({4, name, std::nullopt});
    CHECK(b.call<protocol::DescribeConfigsResponse>(4, describe).results.at(0).error_code ==
          code(Errc::invalid_request));
  }
  protocol::DeleteTopicsRequest remove;
  remove.topics.push_back({"t", id});
  CHECK(b.call<protocol::DeleteTopicsResponse>(6, remove).responses.at(0).error_code == code(Errc::invalid_request));
  CHECK(b.broker->image().topic("t"));
  remove.topics = {{std::nullopt, id}};
  auto told = b.call<protocol::DeleteTopicsResponse>(6, remove).responses.at(0);
  CHECK(told.error_code == 0);
  CHECK(told.name == "t");
}

TEST_CASE("Errors: no code of ours leaves for a client of Kafka's protocol") {
  for (int number = -2000; number <= 200; number++) {
    int16_t told = broker::wire_code(static_cast<Errc>(number));
    CHECK(told >= -1);
    if (number >= -1) CHECK(told == number);
  }
}
