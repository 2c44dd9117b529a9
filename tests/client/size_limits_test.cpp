// SizeLimits: whose word counts for how large a batch may be, and what does not fit.
#include "client/producer/size_limits.h"

#include "client/answering.h"
#include "protocol/messages/describe_configs.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using namespace bobbin::protocol;
using fake::FakeCluster;

namespace {

using Describing = Answering<DescribeConfigsRequest, DescribeConfigsResponse>;

// Two brokers that lead a partition each.
struct Cluster {
  Cluster() {
    cluster.add_topic("t", 2);
    cluster.with([](FakeCluster& c) { c.topics["t"].partitions[1].leader = 2; });
  }
  // What brokers say of the topic, and of what they read; nothing: they do not say.
  std::map<std::string, std::optional<std::string>> told;

  SizeLimits read() {
    Describing describing(cluster, [this](const DescribeConfigsRequest& asked) {
      DescribeConfigsResponse response;
      for (const auto& resource : asked.resources) {
        auto& result = response.results.emplace_back();
        result.resource_type = resource.resource_type;
        result.resource_name = resource.resource_name;
        auto& config = result.configs.emplace_back();
        config.name = resource.configuration_keys->at(0);
        config.value = told[resource.resource_name];
      }
      return std::optional(response);
    });
    auto session = open_session(cluster);
    REQUIRE(session->fetch_metadata({"t"}).ok());
    for (int32_t id : {1, 2})
      while (!session->is_ready(BrokerId(id))) REQUIRE(session->wait({}, 10).ok());
    auto limits = SizeLimits::read(*session, "t");
    REQUIRE(limits.ok());
    asked_of = describing.nodes();
    return *limits;
  }

  FakeCluster cluster{2};
  std::vector<int> asked_of;
};

}  // namespace

TEST_CASE("SizeLimits: a cluster that does not tell has Kafka's defaults") {
  Cluster c;
  SizeLimits limits = c.read();
  CHECK(limits.batch_bytes_max() == 1048588);
  CHECK(limits.request_bytes_max() == 32 << 20);
  CHECK(limits.sentence() == "max.message.bytes is 1048588 (`bobbin topic config t max.message.bytes=...` raises it)");
  for (const char* odd : {"", "-1", "0", "many", "99999999999"}) {
    c.told = {{"t", odd}, {"1", odd}};
    CHECK(c.read().batch_bytes_max() == 1048588);
  }
}

TEST_CASE("SizeLimits: the topic's word counts, and one leader is asked where every broker reads so much") {
  Cluster c;
  c.told = {{"t", "2000"}, {"1", "1000000000"}, {"2", "10"}};
  SizeLimits limits = c.read();
  CHECK(limits.batch_bytes_max() == 2000);
  CHECK(limits.request_bytes_max() == 32 << 20);
  CHECK(c.asked_of == std::vector<int>{1});
}

TEST_CASE("SizeLimits: of large batches every leader is asked, and the one that reads least counts") {
  Cluster c;
  c.told = {{"t", "50000000"}, {"1", "40001024"}, {"2", "30001024"}};
  SizeLimits limits = c.read();
  CHECK(c.asked_of == std::vector<int>{1, 2});
  CHECK(limits.batch_bytes_max() == 30'000'000);
  CHECK(limits.request_bytes_max() == 30'000'000);
  CHECK(limits.sentence() == "broker 2 with its socket.request.max.bytes reads at most 30000000");
}

TEST_CASE("SizeLimits: a record fits if it does alone, to the byte") {
  Cluster c;
  c.told = {{"t", "1000"}};
  SizeLimits limits = c.read();
  // 61 of the batch, then: length 2, attributes 1, time 1, offset 1, no key 1, value's length 2, headers 1.
  const std::string fits(1000 - 61 - 9, 'x');
  OutRecord record;
  record.value = fits;
  CHECK(limits.check(record).ok());
  const std::string beyond = fits + "x", far_beyond(5000, 'x');
  record.value = beyond;
  CHECK(limits.check(record).error().code == Errc::message_too_large);
  CHECK(limits.check(record).error().message ==
        "a record of 931 bytes does not fit into topic t: in a batch it takes at least 1001, and " + limits.sentence());
  record.value = far_beyond;
  CHECK(limits.check(record).error().message.find("takes at least 5061") != std::string::npos);
}
