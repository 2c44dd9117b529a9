// What decides who gets in is not changed by those who came in over TCP.
#include <catch2/catch.hpp>

#include "broker/one_broker.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

protocol::IncrementalAlterConfigsRequest change(const std::string& name, std::optional<std::string> value,
                                                int8_t operation = 0) {
  protocol::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = 4;
  resource.configs.push_back({"num.partitions", 0, "3"});
  resource.configs.push_back({name, operation, value});
  return request;
}

// The code that the client gets.
Errc alter(OneBroker& b, bool unix, const protocol::IncrementalAlterConfigsRequest& request) {
  auto id = b.connect(unix);
  b.ask(id, 1, request);
  b.settle();
  auto told = b.answer<protocol::IncrementalAlterConfigsResponse>(id, 1);
  REQUIRE(told);
  b.disconnect(id);
  return static_cast<Errc>(told->responses.at(0).error_code);
}

config::ConfigMap configs(OneBroker& b) { return b.broker->image().configs(config::ConfigScope::broker, ""); }

}  // namespace

TEST_CASE("Doors: listeners and what else opens one are changed over the unix socket only") {
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"listeners", "0.0.0.0:9092"}, {"insecure.listen.enable", "true"}, {"core.dumps.enable", "true"}}) {
    CAPTURE(name);
    OneBroker b;
    auto request = change(name, value);
    CHECK(alter(b, false, request) == Errc::cluster_authorization_failed);
    request.resources[0].resource_name = "1";
    CHECK(alter(b, false, request) == Errc::cluster_authorization_failed);
    request.validate_only = true;
    CHECK(alter(b, false, request) == Errc::cluster_authorization_failed);
    CHECK(alter(b, false, change(name, std::nullopt, 1)) == Errc::cluster_authorization_failed);  // delete
    CHECK(configs(b).empty());  // nor what stood beside it
    CHECK(alter(b, true, change(name, value)) == Errc::none);
    CHECK(configs(b).size() == 2);
    CHECK(alter(b, true, change(name, std::nullopt, 1)) == Errc::none);
    CHECK(configs(b).size() == 1);
  }
  OneBroker b;
  CHECK(alter(b, false, change("idle.exit.ms", "7")) == Errc::none);
}

TEST_CASE("Doors: DescribeConfigs tells over TCP that they are read-only") {
  OneBroker b;
  protocol::DescribeConfigsRequest request;
  request.resources.push_back({4, "1", std::nullopt});
  for (bool unix : {false, true}) {
    auto id = b.connect(unix);
    b.ask(id, 4, request);
    b.settle();
    auto told = b.answer<protocol::DescribeConfigsResponse>(id, 4);
    REQUIRE(told);
    for (const auto& config : told->results.at(0).configs) {
      CAPTURE(config.name);
      bool opens =
          config.name == "listeners" || config.name == "insecure.listen.enable" || config.name == "core.dumps.enable";
      CHECK(config.read_only == (opens && !unix));
    }
  }
}

TEST_CASE("Doors: who is let in") {
  using transport::Peer;
  using transport::why_refused;
  constexpr uint32_t own = 1000, other = 1001;
  Peer peer;
  peer.address = "127.0.0.1:5";
  auto refused = [&] { return why_refused(peer, own).has_value(); };
  // Of this machine: the owner and root; who cannot be told is a stranger, whatever the listener was opened for.
  for (bool open : {false, true}) {
    peer.came_by_open_door = open;
    peer.uid = own;
    CHECK_FALSE(refused());
    peer.uid = 0;
    CHECK_FALSE(refused());
    peer.uid = other;
    CHECK(refused());
    peer.uid.reset();
    CHECK(refused());
  }
  // Of other machines: those for whom the listener was opened.
  peer.is_of_this_machine = false;
  CHECK_FALSE(refused());
  peer.came_by_open_door = false;
  CHECK(refused());
}
