// Folders on other disks: there, not there, and empty places; who shares a disk.
#include "home/broker_folders.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "os/filesystem.h"
#include "os/posix/random.h"
#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::home;

namespace fs = std::filesystem;

namespace {

constexpr BrokerId one{1}, two{2};

struct Disks {
  Disks() {
    for (const char* folder : {"/c", "/c/broker-1", "/disk", "/disk/two"}) fs::create_directory(temp.path() + folder);
    identify("disk/two");
    REQUIRE(os::put_link(target, dir.broker_dir(two)).ok());
  }
  void identify(const std::string& folder) {
    REQUIRE(os::write_whole_file(storage, temp / (folder + "/meta.properties"), "x").ok());
  }
  std::string check(BrokerId id) {
    Status there = check_folder(dir, id);
    if (there) return "ok";
    CHECK(there.error().code == Errc::io_error);
    return there.error().message;
  }
  ::test::TempDir temp;
  os::PosixStorage storage;
  ClusterDir dir{temp / "c"};
  std::string target = temp / "disk/two";
};

}  // namespace

TEST_CASE("Broker folders: one in the cluster's directory may be there or not, one elsewhere is there") {
  Disks d;
  CHECK_FALSE(folder_elsewhere(d.dir, one));
  CHECK(folder_elsewhere(d.dir, two) == d.target);
  CHECK(d.check(one) == "ok");  // has no identity yet
  CHECK(d.check(two) == "ok");
  CHECK(d.check(BrokerId(3)) == "ok");
}

TEST_CASE("Broker folders: a disk that is not mounted is told, with what to do") {
  Disks d;
  SECTION("its mount point is empty") { fs::remove_all(d.target); }
  SECTION("and gone") { fs::remove_all(d.temp / "disk"); }
  const std::string told = d.check(two);
  CHECK(told.starts_with("its folder " + d.target + " is not there (" + d.dir.broker_dir(two) +
                         " is a symbolic link to it): is the disk mounted?"));
  CHECK(told.find("`bobbin broker add 2 --data DIR --replace`") != std::string::npos);
  CHECK(brokers(d.storage, d.dir).value() == std::vector{one, two});
}

TEST_CASE("Broker folders: an empty place, and what is no folder, is not taken for the broker's") {
  Disks d;
  SECTION("empty") {
    fs::remove(d.target + "/meta.properties");
    CHECK(d.check(two).starts_with("its folder " + d.target + " has no meta.properties"));
  }
  SECTION("a file") {
    fs::remove_all(d.target);
    REQUIRE(os::write_whole_file(d.storage, d.target, "x").ok());
    CHECK(d.check(two) == d.dir.broker_dir(two) + " is not a directory");
  }
}

TEST_CASE("Broker folders: a cluster whose metadata is gone is not made anew beside a link that leads nowhere") {
  Disks d;
  os::PosixRandom random;
  fs::remove_all(d.target);
  auto lost = create(d.storage, random, d.dir);
  REQUIRE_FALSE(lost.ok());
  CHECK(lost.error().code == Errc::damaged);
  CHECK(lost.error().message.find(d.dir.broker_dir(two) + " is of a cluster that was here") != std::string::npos);
}

TEST_CASE("Broker folders: who shares a device is told, group by group; who has none to himself is left out") {
  Disks d;
  const auto found = devices(d.dir, {one, two, BrokerId(3)});
  REQUIRE(found.size() == 3);
  CHECK(found.at(one) == found.at(two));
  CHECK(found.at(BrokerId(3)) == os::device_of(d.dir.root).value());  // its folder is not there
  fs::remove_all(d.target);
  CHECK_FALSE(devices(d.dir, {one, two}).contains(two));
  CHECK(on_one_device(found) == std::vector<std::vector<BrokerId>>{{one, two}});
  const BrokerId three{3}, four{4}, five{5};
  CHECK(on_one_device({{one, 7}, {two, 8}, {three, 7}, {four, 9}, {five, 8}}) ==
        std::vector<std::vector<BrokerId>>{{one, three}, {two, five}});
  CHECK(on_one_device({{one, 7}, {two, 8}}).empty());
}
