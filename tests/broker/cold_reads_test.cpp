// What is asked for is not in memory: a job brings it in, and meanwhile the broker serves others.
#include <catch2/catch.hpp>

#include "broker/one_broker.h"

using namespace bobbin;
using namespace bobbin::test;
using Values = std::vector<std::string>;

namespace {

void forget(OneBroker& b, const std::string& topic) {
  for (const std::string& path : b.world.storage.paths("/c/broker-1/" + topic + "-0"))
    b.world.storage.cold.insert(path);
}

struct ColdAndWarm : OneBroker {
  ColdAndWarm() {
    for (const char* topic : {"cold", "warm"}) {
      create(topic);
      CHECK(produce(topic, batch_of({"a", "b"})).error_code == 0);
      CHECK(produce(topic, batch_of({"c"}, {.timestamp = 1700000005000})).error_code == 0);
    }
  }
  Values fetched(transport::ConnectionId id) {
    auto got = answer<protocol::FetchResponse>(id, 12);
    REQUIRE(got);
    CHECK(got->responses.at(0).partitions.at(0).error_code == 0);
    return values_in(*got->responses.at(0).partitions.at(0).records);
  }
  protocol::ListOffsetsRequest offsets_request(const std::string& topic, int64_t at) {
    protocol::ListOffsetsRequest request;
    request.replica_id = -1;
    request.topics.push_back({topic, {{0, -1, at}}});
    return request;
  }
};

}  // namespace

TEST_CASE("Fetch: cold records come when a job has read them, and others do not wait for that") {
  ColdAndWarm b;
  forget(b, "cold");
  auto slow = b.connect(), quick = b.connect();
  b.ask(slow, 12, b.fetch_request("cold", 0));
  CHECK(b.waiting(slow) == 0);
  b.ask(quick, 12, b.fetch_request("warm", 0));
  CHECK(b.fetched(quick) == Values{"a", "b", "c"});
  b.settle();
  CHECK(b.fetched(slow) == Values{"a", "b", "c"});
  b.ask(slow, 12, b.fetch_request("cold", 0));
  CHECK(b.waiting(slow) == 1);  // from now on it is in memory
}

TEST_CASE("Fetch: who waits for more is answered at its deadline, cold or not") {
  ColdAndWarm b;
  auto id = b.connect();
  auto request = b.fetch_request("cold", 0, 500);
  request.min_bytes = 1 << 20;
  b.ask(id, 12, request);
  b.settle();
  CHECK(b.waiting(id) == 0);
  forget(b, "cold");
  b.pass(501);
  CHECK(b.fetched(id) == Values{"a", "b", "c"});
}

TEST_CASE("Fetch: a client that goes while its records are brought in takes nothing along") {
  ColdAndWarm b;
  forget(b, "cold");
  auto id = b.connect();
  b.ask(id, 12, b.fetch_request("cold", 0));
  b.disconnect(id);
  b.settle();
  CHECK(values_in(*b.fetch("cold", 0).records) == Values{"a", "b", "c"});
}

TEST_CASE("ListOffsets: a time in a cold log is found by a job's help, what was found before stays") {
  ColdAndWarm b;
  forget(b, "cold");
  auto request = b.offsets_request("warm", 1700000005000);
  request.topics.push_back({"cold", {{0, -1, 1700000000000}}});
  auto id = b.connect();
  b.ask(id, 4, request);
  CHECK(b.waiting(id) == 0);
  b.settle();
  auto got = b.answer<protocol::ListOffsetsResponse>(id, 4);
  REQUIRE(got);
  REQUIRE(got->topics.size() == 2);
  CHECK(got->topics[0].partitions.at(0).offset == 2);
  CHECK(got->topics[1].partitions.at(0).error_code == 0);
  CHECK(got->topics[1].partitions.at(0).offset == 0);
}

TEST_CASE("Retention: a segment whose newest time is not in memory goes all the same") {
  OneBroker b;
  b.create("t", 1, {{"retention.ms", "1000"}, {"segment.bytes", "1048576"}, {"file.delete.delay.ms", "0"}});
  for (char c : {'a', 'b', 'c'}) CHECK(b.produce("t", batch_of({std::string(700'000, c)})).error_code == 0);
  b.restart_after_kill();
  CHECK(b.fetch("t", 0).error_code == 0);
  forget(b, "t");
  b.pass(10 * 60'000);
  b.settle();
  CHECK(b.fetch("t", 0).error_code == static_cast<int16_t>(Errc::offset_out_of_range));
}
