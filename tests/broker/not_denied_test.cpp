// A broker that does not know yet what another one made does not deny it.
#include <catch2/catch.hpp>

#include "broker/one_broker.h"
#include "metadata/broker_changes.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

int16_t code(Errc e) { return static_cast<int16_t>(e); }

// Another broker of the cluster, of which only the metadata's side is there: it changes the log, and tells nobody.
class Neighbour {
 public:
  explicit Neighbour(OneBroker& b) : b_(b), transactions_(b.world.world, b.dir, {[](const metadata::Delta&) {}}) {
    transactions_.catch_up();
    run();
  }

  TopicId create(const std::string& name, int32_t partitions = 1) {
    metadata::NewTopic topic;
    topic.name = name;
    topic.id = os::random_uuid(b_.world.world.random);
    topic.partitions = partitions;
    topic.replication_factor = 1;
    change([topic](const metadata::Image& image) { return metadata::create_topic(image, topic, {{BrokerId(1)}}, {}); });
    return topic.id;
  }
  void change(metadata::Change how) {
    bool done = false;
    transactions_.submit(std::move(how), [&](Result<Offset> result) {
      REQUIRE(result.ok());
      done = true;
    });
    run();
    REQUIRE(done);
  }

 private:
  void run() {
    while (b_.world.jobs.count() > 0) b_.world.jobs.run();
  }
  OneBroker& b_;
  metadata::Transactions transactions_;
};

protocol::ListOffsetsRequest latest_of(const std::string& topic, int32_t partition = 0) {
  protocol::ListOffsetsRequest request;
  request.topics.push_back({topic, {{partition, -1, -1}}});
  return request;
}

protocol::DescribeConfigsRequest configs_of(int8_t type, const std::string& name) {
  protocol::DescribeConfigsRequest request;
  request.resources.push_back({type, name, std::nullopt});
  return request;
}

}  // namespace

TEST_CASE("Not denied: what another broker made a moment ago is known to every request that names it") {
  OneBroker b;
  Neighbour neighbour(b);
  SECTION("Produce") {
    neighbour.create("t");
    CHECK(b.produce("t", batch_of({"x"})).error_code == 0);
    CHECK(values_in(*b.fetch("t", 0).records) == std::vector<std::string>{"x"});
  }
  SECTION("Produce by id") {
    protocol::ProduceRequest request = b.produce_request("", batch_of({"x"}));
    std::string batch = batch_of({"x"});
    request.topic_data[0] = {"", neighbour.create("t"), {{0, batch}}};
    CHECK(b.call<protocol::ProduceResponse>(13, request).responses.at(0).partition_responses.at(0).error_code == 0);
  }
  SECTION("Produce without acks") {
    neighbour.create("t");
    auto id = b.connect();
    std::string batch = batch_of({"x"});
    b.ask(id, 9, b.produce_request("t", batch, 0));
    b.settle();
    CHECK_FALSE(b.is_closed(id));
    CHECK(values_in(*b.fetch("t", 0).records) == std::vector<std::string>{"x"});
  }
  SECTION("Fetch") {
    neighbour.create("t");
    CHECK(b.fetch("t", 0).error_code == 0);
  }
  SECTION("ListOffsets") {
    neighbour.create("t");
    CHECK(b.call<protocol::ListOffsetsResponse>(7, latest_of("t")).topics.at(0).partitions.at(0).error_code == 0);
  }
  SECTION("a partition that was added") {
    neighbour.create("t");
    CHECK(b.fetch("t", 0).error_code == 0);
    neighbour.change(
        [](const metadata::Image& image) { return metadata::create_partitions(image, "t", 3, {}, {{BrokerId(1)}}); });
    CHECK(b.call<protocol::ListOffsetsResponse>(7, latest_of("t", 2)).topics.at(0).partitions.at(0).error_code == 0);
  }
  SECTION("DescribeConfigs of a topic, and of a broker") {
    neighbour.create("t");
    CHECK(b.call<protocol::DescribeConfigsResponse>(4, configs_of(2, "t")).results.at(0).error_code == 0);
    neighbour.change([](const metadata::Image& image) {
      return metadata::register_broker(image, {BrokerId(2), Uuid{}, {}, {}});
    });
    CHECK(b.call<protocol::DescribeConfigsResponse>(4, configs_of(4, "2")).results.at(0).error_code == 0);
  }
  SECTION("DescribeCluster") {
    neighbour.change([](const metadata::Image& image) {
      return metadata::register_broker(image, {BrokerId(2), Uuid{}, {}, {}});
    });
    protocol::DescribeClusterRequest request;
    request.include_fenced_brokers = true;
    CHECK(b.call<protocol::DescribeClusterResponse>(2, request).brokers.size() == 2);
  }
}

TEST_CASE("Not denied: what is in no metadata is unknown, and what is behind it on the connection keeps its order") {
  OneBroker b;
  b.create("t");
  auto id = b.connect();
  std::string batch = batch_of({"x"});
  b.ask(id, 9, b.produce_request("nope", batch));
  b.ask(id, 9, b.produce_request("t", batch));
  b.settle();
  CHECK(b.answer<protocol::ProduceResponse>(id, 9)->responses.at(0).partition_responses.at(0).error_code ==
        code(Errc::unknown_topic_or_partition));
  CHECK(b.answer<protocol::ProduceResponse>(id, 9)->responses.at(0).partition_responses.at(0).error_code == 0);
  CHECK(b.fetch("nope", 0).error_code == code(Errc::unknown_topic_or_partition));
  CHECK(b.call<protocol::ListOffsetsResponse>(7, latest_of("t", 1)).topics.at(0).partitions.at(0).error_code ==
        code(Errc::unknown_topic_or_partition));
}

TEST_CASE("Not denied: while the metadata cannot be read nothing is called unknown, and what is known is served") {
  OneBroker b;
  b.create("t");
  CHECK(b.produce("t", batch_of({"w"})).error_code == 0);
  // Every look at the log's folder fails from now on.
  b.world.storage.inject({.at = 1, .for_good = true, .code = Errc::io_error, .only = {Call::list}});
  CHECK(b.produce("nope", batch_of({"x"})).error_code == code(Errc::kafka_storage_error));
  CHECK(b.fetch("nope", 0).error_code == code(Errc::kafka_storage_error));
  CHECK(b.call<protocol::ListOffsetsResponse>(7, latest_of("nope")).topics.at(0).partitions.at(0).error_code ==
        code(Errc::kafka_storage_error));
  protocol::MetadataRequest about;
  about.topics.emplace();
  about.topics->push_back({{}, "nope"});
  about.allow_auto_topic_creation = true;
  CHECK(b.call<protocol::MetadataResponse>(12, about).topics.at(0).error_code == code(Errc::kafka_storage_error));
  CHECK(b.produce("t", batch_of({"x"})).error_code == 0);
  b.world.storage.heal();
  CHECK(b.produce("nope", batch_of({"x"})).error_code == code(Errc::unknown_topic_or_partition));
}
