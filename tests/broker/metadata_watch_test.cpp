// MetadataWatch: over a folder of this machine, for it is the kernel that tells.
#include "broker/metadata_watch.h"

#include <catch2/catch.hpp>

#include "os/posix/storage.h"
#include "os/temp_dir.h"

using namespace bobbin;
using broker::MetadataWatch;

namespace {

struct Watched {
  ::test::TempDir temp;
  os::PosixStorage storage;
  std::string dir = temp / "log";
  os::Watch kernel = os::Watch::open().value();
  MetadataWatch watch{kernel, storage, dir};

  Watched() { REQUIRE(storage.make_dir(dir)); }
  void append(const std::string& name) {
    auto file = storage.open(dir + "/" + name, os::Open::create);
    REQUIRE(file);
    REQUIRE((*file)->write(Bytes("x"), (*file)->size().value()));
  }
  // Whether anything that happened since the last time is a reason to look.
  bool told() {
    bool look = false;
    for (const auto& change : kernel.changes()) look = watch.take(change) || look;
    return look;
  }
};

constexpr const char* first = "00000000000000000000.log";
constexpr const char* second = "00000000000000000100.log";

}  // namespace

TEST_CASE("Metadata watch: new bytes of the newest file are told, and a file that begins") {
  Watched w;
  w.append(first);
  REQUIRE(w.watch.begin());
  CHECK_FALSE(w.told());
  w.append(first);
  CHECK(w.told());
  CHECK_FALSE(w.told());
  w.append(second);
  CHECK(w.told());
  w.watch.follow_newest();
  CHECK_FALSE(w.told());
  w.append(second);
  CHECK(w.told());
}

TEST_CASE("Metadata watch: an older file is not listened to any more, nor what is no part of the log") {
  Watched w;
  w.append(first);
  w.append(second);
  w.append("a.tmp");
  REQUIRE(w.watch.begin());
  w.append(first);
  w.append("a.tmp");
  CHECK_FALSE(w.told());
  w.append(second);
  CHECK(w.told());
}

TEST_CASE("Metadata watch: a log that begins later is found, and its folder may go") {
  Watched w;
  REQUIRE(w.watch.begin());
  w.append(first);
  CHECK(w.told());
  w.watch.follow_newest();
  w.append(first);
  CHECK(w.told());
  CHECK_FALSE(w.watch.is_gone());
  SECTION("away") { REQUIRE(w.storage.rename(w.dir, w.temp / "elsewhere")); }
  SECTION("removed") { REQUIRE(os::remove_tree(w.storage, w.dir)); }
  (void)w.told();
  CHECK(w.watch.is_gone());
  w.watch.follow_newest();  // there is none
}

TEST_CASE("Metadata watch: without a folder there is nothing to watch, and what the kernel lost may be anything") {
  Watched w;
  REQUIRE(w.storage.remove_dir(w.dir));
  CHECK(w.watch.begin().error().code == Errc::not_found);
  os::Watch::Change lost;
  lost.lost = true;
  CHECK(w.watch.take(lost));
  CHECK_FALSE(w.watch.is_gone());
}
