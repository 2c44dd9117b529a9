// Identity: whose folder it is; and that behind a link none is made.
#include "cluster/identity.h"

#include <catch2/catch.hpp>

#include "cluster/folder.h"
#include "log/memory_world.h"
#include "os/filesystem.h"
#include "os/posix/world.h"
#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::cluster;

namespace {

constexpr BrokerId one{1};

Result<Folder> open(os::World& world, const std::string& path) {
  return Folder::open(
      world, path, one, "cluster", [](const std::string&) {}, "boot");
}

}  // namespace

TEST_CASE("Identity: a folder has none, is given one, and keeps it; another broker is told whose it is") {
  bobbin::test::MemoryWorld w;
  REQUIRE(w.storage.make_dir("/f"));
  CHECK_FALSE(read_identity(w.storage, "/f", one, "cluster").value());
  auto made = make_identity(w.storage, w.random, "/f", one, "cluster");
  REQUIRE(made.ok());
  CHECK_FALSE(made->directory_id.is_zero());
  CHECK(read_identity(w.storage, "/f", one, "cluster").value() == *made);
  CHECK(read_identity(w.storage, "/f", BrokerId(2), "cluster").error().code == Errc::inconsistent_cluster_id);
  CHECK(read_identity(w.storage, "/f", one, "another").error().code == Errc::inconsistent_cluster_id);
  auto folder = open(w.world, "/f");
  REQUIRE(folder.ok());
  CHECK(folder->directory_id() == made->directory_id);
}

TEST_CASE("Identity: behind a link a broker makes none: it is the place of a disk that may not be mounted") {
  ::test::TempDir temp;
  auto world = os::PosixWorld::create();
  REQUIRE(world.ok());
  os::World& w = (*world)->world();
  REQUIRE(w.storage.make_dir(temp / "disk"));
  REQUIRE(os::put_link(temp / "disk", temp / "broker-1").ok());
  auto refused = open(w, temp / "broker-1");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::io_error);
  CHECK(refused.error().message.find("is the right disk mounted there?") != std::string::npos);
  CHECK(w.storage.list(temp / "disk").value().empty());
  REQUIRE(make_identity(w.storage, w.random, temp / "disk", one, "cluster").ok());
  auto opened = open(w, temp / "broker-1");
  REQUIRE(opened.ok());
  CHECK_FALSE(opened->is_new());
}
