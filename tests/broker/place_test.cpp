#include "broker/place.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "os/posix/random.h"
#include "os/temp_dir.h"

using namespace bobbin;

namespace {

constexpr BrokerId one{1};

struct Cluster {
  test::TempDir temp;
  os::PosixStorage storage;
  os::PosixRandom random;
  home::ClusterDir dir{temp / "c"};

  Cluster() { REQUIRE(home::create(storage, random, dir)); }
  std::vector<std::string> names() { return storage.list(dir.root).value(); }
  std::atomic<bool> starts = true;
  Result<std::unique_ptr<os::Lock>> take(os::PosixStorage& with, bool again) {
    return broker::take_place(with, {dir, one, again, starts});
  }
};

}  // namespace

TEST_CASE("Place: a broker makes its folder and its lock, and finds them the next time") {
  Cluster c;
  {
    auto lock = c.take(c.storage, false);
    REQUIRE(lock);
    CHECK(c.names() == std::vector<std::string>{"broker-1", "metadata"});
    CHECK(c.take(c.storage, true).error().code == Errc::busy);
    CHECK(c.storage.is_locked(c.dir.broker_lock(one)));
  }
  CHECK(c.take(c.storage, true));
}

TEST_CASE("Place: one that runs again makes nothing of what is gone") {
  for (const char* gone : {"broker-1", "broker-1/.lock", "metadata/__cluster_metadata-0", "metadata"}) {
    CAPTURE(gone);
    Cluster c;
    REQUIRE(c.take(c.storage, false));
    std::filesystem::remove_all(c.dir.root + "/" + gone);
    const auto before = c.names();
    os::PosixStorage storage;
    CHECK_FALSE(c.take(storage, true));
    CHECK(c.names() == before);
    CHECK_FALSE(storage.stat(c.dir.root + "/" + gone));
  }
}

TEST_CASE("Place: what the metadata has beside its log is made by the first one, and not anew") {
  for (bool again : {false, true}) {
    CAPTURE(again);
    Cluster c;
    REQUIRE(c.take(c.storage, false));
    os::PosixStorage storage;
    auto lock = c.take(storage, again);
    REQUIRE(lock);
    CHECK(storage.try_lock(c.dir.metadata_lock()).ok() == !again);
    CHECK(storage.open(c.dir.metadata_durable(), os::Open::create).ok() == !again);
    CHECK(storage.open(c.dir.metadata_log_dir() + "/new", os::Open::create));
    CHECK(storage.stat(c.dir.metadata_durable()).ok() == !again);
  }
}

TEST_CASE("Place: while one starts again, whatever is missing keeps it from making names") {
  Cluster c;
  REQUIRE(c.take(c.storage, false));
  for (const std::string& path : {c.dir.starter_lock(), c.dir.broker_log(one), c.dir.metadata_lock()})
    REQUIRE(c.storage.open(path, os::Open::create));
  for (const std::string& path : {c.dir.starter_lock(), c.dir.broker_log(one), c.dir.broker_facts(one),
                                  c.dir.metadata_properties(), c.dir.metadata_lock()}) {
    CAPTURE(path);
    const std::string away = path + ".away", name = c.dir.broker_socket(one);
    const bool is_there = c.storage.rename(path, away).ok();
    for (bool is_gone_before : {true, false}) {
      os::PosixStorage storage;
      if (!is_gone_before && is_there) REQUIRE(c.storage.rename(away, path));
      auto lock = c.take(storage, true);
      if (!is_gone_before && is_there) REQUIRE(c.storage.rename(path, away));
      if (path == c.dir.metadata_properties() && is_gone_before) {
        CHECK_FALSE(lock);
        continue;
      }
      REQUIRE(lock);
      CHECK(os::write_whole_file(storage, name, "x").ok() == (is_gone_before || !is_there));
      c.starts = false;
      CHECK(os::write_whole_file(storage, name, "x"));
      REQUIRE(c.storage.unlink(name));
      c.starts = true;
    }
    if (is_there) REQUIRE(c.storage.rename(away, path));
  }
}

TEST_CASE("Place: no new name is made where the lock or the metadata's folder is gone") {
  for (const char* gone : {"broker-1/.lock", "metadata"}) {
    CAPTURE(gone);
    Cluster c;
    auto lock = c.take(c.storage, false);
    REQUIRE(lock);
    const std::string path = c.dir.broker_dir(one) + "/new";
    REQUIRE(c.storage.open(path, os::Open::create));
    REQUIRE(c.storage.unlink(path));
    std::filesystem::remove_all(c.dir.root + "/" + gone);
    CHECK(c.storage.open(path, os::Open::create).error().code == Errc::busy);
    CHECK(c.storage.make_dir(path).error().code == Errc::busy);
    CHECK_FALSE(c.storage.stat(path));
  }
}
