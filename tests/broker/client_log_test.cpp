// ClientLog: however often clients cause a line, it is said a few times a minute.
#include "broker/client_log.h"

#include <catch2/catch.hpp>
#include <vector>

#include "log/memory_world.h"

using namespace bobbin;

TEST_CASE("ClientLog: a full disk is told once a minute, what clients did ten times, each counted by itself") {
  test::MemoryWorld w;
  std::vector<std::string> said;
  broker::ClientLog log(w.clock, [&](const std::string& line) { said.push_back(line); });
  for (int i = 0; i < 100; i++) log.storage_trouble("full");
  CHECK(said.size() == 1);
  for (int i = 0; i < 100; i++) log.of_client("closed");
  CHECK(said.size() == 11);
  w.clock.pass(60'000);
  log.storage_trouble("full");
  log.of_client("closed");
  REQUIRE(said.size() == 13);
  CHECK(said[11] == "full (99 lines like this were left out)");
  CHECK(said[12] == "closed (90 lines like this were left out)");
}
