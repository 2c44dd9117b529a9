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

TEST_CASE("Lives: the newest is the first, each is there once, and the oldest are forgotten") {
  CHECK(cluster::with_life(uuid(3), {}) == std::vector{uuid(3)});
  CHECK(cluster::with_life(uuid(3), {uuid(2), uuid(1), uuid(2)}) == std::vector{uuid(3), uuid(2), uuid(1)});
  std::vector<Uuid> many;
  for (unsigned char i = 0; i < cluster::lives_max; i++) many.push_back(uuid(static_cast<unsigned char>(i + 1)));
  const std::vector<Uuid> kept = cluster::with_life(uuid(200), many);
  REQUIRE(kept.size() == cluster::lives_max);
  CHECK(kept.front() == uuid(200));
  CHECK(kept.back() == many[cluster::lives_max - 2]);
}

TEST_CASE("Lives: lines that are none are passed over") {
  test::MemoryWorld w;
  REQUIRE(w.storage.make_dir("/b").ok());
  REQUIRE(os::write_whole_file(w.storage, "/b/broker-lives", "what\n" + to_string(uuid(7)) + "\n\nelse").ok());
  CHECK(cluster::read_lives(w.storage, "/b") == std::vector{uuid(7)});
}
