#include "cluster/lives.h"

#include <catch2/catch.hpp>

#include "base/some_uuid.h"
#include "base/uuid.h"
#include "log/memory_world.h"

using namespace bobbin;
using test::uuid;

TEST_CASE("Lives: what was written is read, and nothing where nothing is") {
  test::MemoryWorld w;
  REQUIRE(w.storage.make_dir("/b").ok());
  CHECK(cluster::read_lives(w.storage, "/b").empty());
  REQUIRE(cluster::write_lives(w.storage, "/b", {uuid(1), uuid(2)}).ok());
  CHECK(cluster::read_lives(w.storage, "/b") == std::vector{uuid(1), uuid(2)});
  REQUIRE(cluster::write_lives(w.storage, "/b", {uuid(3)}).ok());
  CHECK(cluster::read_lives(w.storage, "/b") == std::vector{uuid(3)});
}

TEST_CASE("Lives: lines that are none are passed over") {
  test::MemoryWorld w;
  REQUIRE(w.storage.make_dir("/b").ok());
  REQUIRE(os::write_whole_file(w.storage, "/b/broker-lives", "what\n" + to_string(uuid(7)) + "\n\nelse").ok());
  CHECK(cluster::read_lives(w.storage, "/b") == std::vector{uuid(7)});
}
