// Where a broker listens: what it makes of `listeners`, and what its clients are told.
#include <catch2/catch.hpp>

#include "broker/one_broker.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

using Bound = std::optional<metadata::Endpoint>;

std::vector<std::string> places(const OneBroker& b) {
  std::vector<std::string> out;
  for (const auto& [where, at] : b.listened) out.push_back(where);
  return out;
}

// From a client of this machine.
void set_listeners(OneBroker& b, const std::string& broker, const std::string& value) {
  protocol::IncrementalAlterConfigsRequest alter;
  alter.resources.push_back({4, broker, {{"listeners", 0, value}}});
  auto client = b.connect(true);
  b.ask(client, 1, alter);
  b.settle();
  auto told = b.answer<protocol::IncrementalAlterConfigsResponse>(client, 1);
  REQUIRE(told);
  CHECK(told->responses[0].error_code == 0);
  b.disconnect(client);
}

}  // namespace

TEST_CASE("Listening: broker k is k-1 ports above what is set, or at any free port where that is") {
  OneBroker first;
  OneBroker second(first, BrokerId(2)), ninth(first, BrokerId(9));
  auto set = [&](const std::string& value) {
    for (OneBroker* b : {&first, &second, &ninth}) b->listened.clear();
    set_listeners(first, "", value);
    for (OneBroker* b : {&second, &ninth}) b->broker->on_metadata_changed();
    first.settle();
    return std::vector<std::string>{places(first).at(0), places(second).at(0), places(ninth).at(0)};
  };
  using Places = std::vector<std::string>;
  CHECK(set("PLAINTEXT://127.0.0.1:9092") ==
        Places{"PLAINTEXT://127.0.0.1:9092", "PLAINTEXT://127.0.0.1:9093", "PLAINTEXT://127.0.0.1:9100"});
  CHECK(set("PLAINTEXT://[::1]:1024") ==
        Places{"PLAINTEXT://[::1]:1024", "PLAINTEXT://[::1]:1025", "PLAINTEXT://[::1]:1032"});
  CHECK(set("PLAINTEXT://127.0.0.1:0") == Places(3, "PLAINTEXT://127.0.0.1:0"));
  CHECK(set("") == Places(3, ""));
}

TEST_CASE("Listening: what is bound is what clients are told, after a change too") {
  OneBroker b;
  int16_t port = 5000;
  b.listens = [&](const std::string& listener) {
    return Result<Bound>(listener.empty()
                             ? Bound()
                             : Bound(metadata::Endpoint{"PLAINTEXT", "127.0.0.1", static_cast<uint16_t>(port++), 0}));
  };
  auto told = [&] {
    std::vector<int32_t> ports;
    for (const auto& endpoint : b.broker->image().broker(b.self)->endpoints) ports.push_back(endpoint.port);
    return ports;
  };
  CHECK(told().empty());
  set_listeners(b, "", "PLAINTEXT://127.0.0.1:0");
  CHECK(told() == std::vector<int32_t>{5000});
  b.create("else");
  CHECK(told() == std::vector<int32_t>{5000});
  set_listeners(b, "", "PLAINTEXT://127.0.0.1:9092");
  CHECK(told() == std::vector<int32_t>{5001});
  set_listeners(b, "", "");
  CHECK(told().empty());
}
