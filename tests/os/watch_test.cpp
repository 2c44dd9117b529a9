#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "os/filesystem.h"
#include "os/posix/storage.h"
#include "os/temp_dir.h"
#include "os/wait.h"
#include "os/watch.h"

using namespace bobbin;
using namespace bobbin::os;
using test::TempDir;

namespace {

std::vector<Watch::Change> next_changes(Watch& watch) {
  WaitFd waits[] = {{watch.fd(), true}};
  REQUIRE(wait(waits, 30000).value() == 1);
  return watch.changes();
}

bool is_quiet(Watch& watch) { return watch.changes().empty(); }

}  // namespace

TEST_CASE("Watch: tells that a file grew, and which") {
  TempDir dir;
  PosixStorage storage;
  auto a = storage.open(dir / "a", Open::create).value();
  auto b = storage.open(dir / "b", Open::create).value();
  Watch watch = Watch::open().value();
  REQUIRE(watch.file(dir / "a"));
  int id = watch.file(dir / "b").value();
  CHECK(is_quiet(watch));
  REQUIRE(b->write("x", 0));
  auto changes = next_changes(watch);
  REQUIRE(!changes.empty());
  CHECK(changes[0].id == id);
  CHECK(changes[0].modified);
  CHECK(!changes[0].gone);
  watch.forget(id);
  REQUIRE(b->write("y", 1));
  CHECK(is_quiet(watch));
}

TEST_CASE("Watch: tells the names that appear in a directory") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(storage.make_dir(dir / "d"));
  Watch watch = Watch::open().value();
  int id = watch.directory(dir / "d").value();
  REQUIRE(storage.open(dir / "d/one", Open::create));
  REQUIRE(storage.open(dir / "two", Open::create));
  CHECK(next_changes(watch).size() == 1);
  REQUIRE(storage.rename(dir / "two", dir / "d/two"));
  auto changes = next_changes(watch);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].id == id);
  CHECK(changes[0].created);
  CHECK(changes[0].name == "two");
}

TEST_CASE("Watch: tells the names that are removed from a directory, and not those that are moved") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(storage.make_dir(dir / "d"));
  for (auto name : {"d/one", "d/two"}) REQUIRE(storage.open(dir / name, Open::create));
  Watch watch = Watch::open().value();
  int id = watch.directory(dir / "d").value();
  REQUIRE(storage.rename(dir / "d/one", dir / "elsewhere"));
  REQUIRE(storage.unlink(dir / "d/two"));
  auto changes = next_changes(watch);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].id == id);
  CHECK(changes[0].removed);
  CHECK_FALSE(changes[0].created);
  CHECK(changes[0].name == "two");
}

TEST_CASE("Watch: a directory's end is told although a file in it is open") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(storage.make_dir(dir / "d"));
  REQUIRE(storage.make_dir(dir / "e"));
  auto lock = storage.try_lock(dir / "d/lock").value();
  Watch watch = Watch::open().value();
  int id = watch.directory((dir / "d") + "/").value();
  REQUIRE(storage.remove_dir(dir / "e"));
  CHECK(is_quiet(watch));
  SECTION("removed") { REQUIRE(remove_tree(storage, dir / "d")); }
  SECTION("moved away") { REQUIRE(storage.rename(dir / "d", dir / "f")); }
  auto changes = next_changes(watch);
  REQUIRE(changes.size() >= 1);
  CHECK(changes.back().id == id);
  CHECK(changes.back().gone);
  REQUIRE(storage.make_dir(dir / "d"));
  CHECK(is_quiet(watch));
}

TEST_CASE("Watch: one that is forgotten takes nothing from its neighbours and namesakes") {
  TempDir dir;
  PosixStorage storage;
  auto a = storage.open(dir / "a", Open::create).value();
  REQUIRE(storage.open(dir / "b", Open::create));
  Watch watch = Watch::open().value();
  int above = watch.directory(dir.path()).value();  // the kernel has one watch for it and for what lies in it
  int first = watch.file(dir / "a").value();
  int again = watch.file(dir / "a").value();
  int neighbour = watch.file(dir / "b").value();
  watch.forget(first);
  REQUIRE(a->write("x", 0));
  auto changes = next_changes(watch);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].id == again);
  CHECK(changes[0].modified);
  watch.forget(again);
  REQUIRE(a->write("y", 0));
  CHECK(is_quiet(watch));
  REQUIRE(storage.unlink(dir / "b"));
  changes = next_changes(watch);
  REQUIRE_FALSE(changes.empty());
  CHECK(changes[0].id == neighbour);
  CHECK(changes[0].gone);
  REQUIRE(storage.open(dir / "c", Open::create));
  changes = next_changes(watch);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].id == above);
  CHECK(changes[0].name == "c");
}

TEST_CASE("Watch: that the kernel could not keep all changes is told, with those that it kept, and it goes on") {
  TempDir dir;
  PosixStorage storage;
  uint64_t kept = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> kept;
  REQUIRE(kept > 0);
  auto a = storage.open(dir / "a", Open::create).value();
  auto b = storage.open(dir / "b", Open::create).value();
  Watch watch = Watch::open().value();
  int first = watch.file(dir / "a").value();
  int second = watch.file(dir / "b").value();
  // By turns: the same change twice in a row would be told once.
  for (uint64_t i = 0; i < kept + 2; i++) REQUIRE((i % 2 ? b : a)->write("x", 0));
  auto changes = watch.changes();
  REQUIRE(changes.size() == kept + 1);
  CHECK(changes[0].id == first);
  CHECK(changes[1].id == second);
  CHECK(changes.back().lost);
  CHECK(std::count_if(changes.begin(), changes.end(), [](const Watch::Change& c) { return c.lost; }) == 1);
  CHECK(is_quiet(watch));
  REQUIRE(a->write("y", 0));
  changes = next_changes(watch);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].id == first);
  CHECK_FALSE(changes[0].lost);
}

TEST_CASE("Watch: what is not there cannot be watched") {
  TempDir dir;
  PosixStorage storage;
  Watch watch = Watch::open().value();
  CHECK(watch.file(dir / "none").error().code == Errc::not_found);
  REQUIRE(storage.open(dir / "f", Open::create));
  CHECK(!watch.directory(dir / "f"));
}

TEST_CASE("File system: is known by name, passes the probe, and has room") {
  TempDir dir;
  PosixStorage storage;
  FileSystemKind kind = file_system_of(dir.path()).value();
  CHECK(!name(kind).empty());
  CHECK(is_usable(FileSystemKind::overlay));
  CHECK(!is_usable(FileSystemKind::nfs));
  CHECK(!is_usable(FileSystemKind::nine_p));
  CHECK(!is_durable(FileSystemKind::tmpfs));
  Status probed = probe(dir.path());
  if (!probed) FAIL(probed.error().message);
  CHECK(storage.list(dir.path()).value().empty());
  CHECK(space_of(dir.path()).value().total_bytes > 0);
  CHECK(owner_of(dir.path()).value() == ::geteuid());
  CHECK(file_system_of(dir / "none").error().code == Errc::not_found);
}

TEST_CASE("File system: directories are made with those above them") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(make_dirs(dir / "a/b/c"));
  REQUIRE(make_dirs(dir / "a/b/c"));
  CHECK(storage.stat(dir / "a/b/c").value().is_dir);
  REQUIRE(::symlink("a", (dir / "link").c_str()) == 0);
  CHECK(real_path(dir / "link/b").value() == real_path(dir / "a/b").value());
}
