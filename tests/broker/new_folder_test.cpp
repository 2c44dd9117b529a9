// A broker's folder on another disk: made, found again, given up for a new one; what is refused, and that nothing is left of it.
#include "broker/new_folder.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "cluster/identity.h"
#include "home/broker_folders.h"
#include "os/filesystem.h"
#include "os/posix/random.h"
#include "os/posix/storage.h"
#include "os/temp_dir.h"

using namespace bobbin;
using broker::make_folder;

namespace fs = std::filesystem;

namespace {

constexpr BrokerId two{2};

struct Disks {
  Disks() {
    REQUIRE((id = home::create(storage, random, dir)).ok());
    for (const char* disk : {"a", "b"}) REQUIRE(storage.make_dir(temp / disk));
  }
  std::string folder(const std::string& disk) { return (temp / disk) + "/bobbin-" + *id + "-broker-2"; }
  Result<std::string> make(const std::string& disk, bool is_known, bool replace = false) {
    return make_folder(storage, random, {dir, two, temp / disk, is_known, replace});
  }
  std::string refused(const std::string& disk, bool is_known, bool replace = false) {
    auto made = make(disk, is_known, replace);
    REQUIRE_FALSE(made.ok());
    return made.error().message;
  }
  Uuid directory_id() { return cluster::read_identity(storage, dir.broker_dir(two), two, *id).value()->directory_id; }
  std::vector<std::string> names(const std::string& disk) { return storage.list(temp / disk).value(); }

  ::test::TempDir temp;
  os::PosixStorage storage;
  os::PosixRandom random;
  home::ClusterDir dir{temp / "c"};
  Result<std::string> id = error(Errc::not_found);
};

}  // namespace

TEST_CASE("New folder: it lies below the directory, has an identity, and a link leads to it") {
  Disks d;
  CHECK(d.make("a", false).value() == d.folder("a"));
  CHECK(home::folder_elsewhere(d.dir, two) == d.folder("a"));
  CHECK(home::check_folder(d.dir, two).ok());
  CHECK(fs::status(d.folder("a")).permissions() == fs::perms::owner_all);
  CHECK(home::brokers(d.storage, d.dir).value() == std::vector{two});
}

TEST_CASE("New folder: a broker that has one, or runs, is not given another") {
  Disks d;
  REQUIRE(d.make("a", false).ok());
  CHECK(d.refused("b", true) == "broker 2 exists already");
  auto lock = d.storage.try_lock(d.dir.broker_lock(two));
  REQUIRE(lock.ok());
  CHECK(d.refused("b", true, true) == "broker 2 exists already, and runs");
  CHECK(d.names("b").empty());
  CHECK(home::folder_elsewhere(d.dir, two) == d.folder("a"));
}

TEST_CASE("New folder: one in the cluster's directory is not given up for another") {
  Disks d;
  REQUIRE(d.storage.make_dir(d.dir.broker_dir(two)));
  for (bool replace : {false, true})
    CHECK(d.refused("a", true, replace).starts_with("broker 2 has a folder, " + d.dir.broker_dir(two)));
  CHECK(d.names("a").empty());
}

TEST_CASE("New folder: while the disk is away, only who gives it up begins anew") {
  Disks d;
  REQUIRE(d.make("a", false).ok());
  const Uuid before = d.directory_id();
  fs::rename(d.temp / "a", d.temp / "away");
  CHECK(d.refused("b", true).starts_with("broker 2: its folder " + d.folder("a") + " is not there"));
  CHECK(d.names("b").empty());
  CHECK(d.make("b", true, true).value() == d.folder("b"));
  CHECK(home::folder_elsewhere(d.dir, two) == d.folder("b"));
  CHECK(d.directory_id() != before);
  CHECK(fs::exists((d.temp / "away") + "/bobbin-" + *d.id + "-broker-2/meta.properties"));
}

TEST_CASE("New folder: a disk that is mounted elsewhere now has the broker's folder, which is taken as it is") {
  Disks d;
  REQUIRE(d.make("a", false).ok());
  const Uuid before = d.directory_id();
  fs::remove(d.temp / "b");
  fs::rename(d.temp / "a", d.temp / "b");
  CHECK(d.refused("b", true, true).find("without --replace it is taken as it is") != std::string::npos);
  CHECK(d.make("b", true).value() == d.folder("b"));
  CHECK(home::folder_elsewhere(d.dir, two) == d.folder("b"));
  CHECK(d.directory_id() == before);
}

TEST_CASE("New folder: a broker of which only the name is left begins anew when that is asked for") {
  Disks d;
  CHECK(d.refused("a", true) == "broker 2 exists already, and its folder is gone: give --replace to begin anew");
  CHECK(d.refused("a", false, true) == "there is no broker 2 that could be replaced");
  CHECK(d.names("a").empty());
  CHECK(d.make("a", true, true).ok());
}

TEST_CASE("New folder: what lies in its place is told, and stays") {
  Disks d;
  REQUIRE(d.storage.make_dir(d.folder("a")));
  SECTION("somebody's files") {
    REQUIRE(os::write_whole_file(d.storage, d.folder("a") + "/x", "x").ok());
    CHECK(d.refused("a", false).find("no broker's folder") != std::string::npos);
    CHECK(fs::exists(d.folder("a") + "/x"));
  }
  SECTION("another broker's") {
    REQUIRE(cluster::make_identity(d.storage, d.random, d.folder("a"), BrokerId(3), *d.id).ok());
    CHECK(d.refused("a", false).find("belongs to broker 3") != std::string::npos);
  }
  SECTION("what is left of a making that was cut short is finished") {
    REQUIRE(os::write_whole_file(d.storage, d.folder("a") + "/topic-id-checkpoint", "0\n0\n").ok());
    REQUIRE(os::write_whole_file(d.storage, d.folder("a") + "/meta.properties.tmp", "").ok());
    CHECK(d.make("a", false).ok());
    CHECK(home::check_folder(d.dir, two).ok());
    return;
  }
  CHECK_FALSE(os::exists(d.dir.broker_dir(two)));
}

TEST_CASE("New folder: where it cannot be linked, nothing is left of it") {
  Disks d;
  fs::create_directories(d.dir.root + "/.broker-2.new/x");
  CHECK_FALSE(d.make("a", false).ok());
  CHECK(d.names("a").empty());
  CHECK_FALSE(os::exists(d.dir.broker_dir(two)));
}
