#include "broker/place_watch.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "os/posix/storage.h"
#include "os/socket.h"
#include "os/temp_dir.h"
#include "os/wait.h"

using namespace bobbin;
using broker::PlaceWatch;

namespace {

// A cluster's directory with all that is watched, and a log of one partition.
struct Place {
  test::TempDir temp;
  os::PosixStorage storage;
  home::ClusterDir dir{temp / "c"};
  os::Watch kernel = os::Watch::open().value();
  PlaceWatch watch{kernel, dir, BrokerId(1)};
  std::unique_ptr<os::Lock> lock;

  Place() {
    for (const auto& folder : {dir.root, dir.metadata_dir(), dir.broker_dir(BrokerId(1)), partition()})
      REQUIRE(storage.make_dir(folder));
    lock = storage.try_lock(dir.broker_lock(BrokerId(1))).value();
    put(dir.metadata_lock());
    put(dir.broker_dir(BrokerId(1)) + "/recovery-point-offset-checkpoint");
    put(partition() + "/00000000000000000000.log");
    put_socket();
    REQUIRE(watch.begin());
    watch.socket_is_there();
    watch.keep_an_eye_on(partition());
  }
  std::string partition() const { return dir.broker_dir(BrokerId(1)) + "/t-0"; }
  void put_socket() { REQUIRE(os::listen_unix(dir.broker_socket(BrokerId(1)))); }
  void put(const std::string& path) { REQUIRE(os::write_whole_file(storage, path, "x")); }
  void remove(const std::string& path) { REQUIRE(storage.unlink(path)); }
  void look(int64_t now_ms) {
    for (const auto& change : kernel.changes()) watch.take(change, now_ms);
  }
};

}  // namespace

TEST_CASE("Place: what nobody ever deletes is missed at once") {
  Place p;
  p.look(0);
  CHECK(p.watch.going().empty());
  CHECK(p.watch.is_whole());
  CHECK(p.watch.check_whole());
  std::string gone;
  SECTION("the broker's lock") { p.remove(gone = p.dir.broker_lock(BrokerId(1))); }
  SECTION("the metadata's lock") { p.remove(gone = p.dir.metadata_lock()); }
  SECTION("the broker's folder") { REQUIRE(p.storage.rename(gone = p.dir.broker_dir(BrokerId(1)), p.temp / "away")); }
  SECTION("the directory") { REQUIRE(p.storage.rename(gone = p.dir.root, p.temp / "away")); }
  CHECK_FALSE(p.watch.is_whole());
  CHECK(p.watch.check_whole().error().code == Errc::no_answer);
  p.look(0);
  CHECK(p.watch.going() == gone + " is gone");
}

TEST_CASE("Place: what is gone is found by looking, too, where no event tells of it") {
  Place p;
  p.watch.look_whether_there();
  CHECK(p.watch.going().empty());
  REQUIRE(p.storage.rename(p.dir.broker_dir(BrokerId(1)), p.temp / "away"));
  p.watch.look_whether_there();
  CHECK(p.watch.going() == p.dir.broker_dir(BrokerId(1)) + " is gone");
}

TEST_CASE("Place: files that somebody else deletes are a warning, the broker's own are none") {
  Place p;
  std::string folder = p.dir.broker_dir(BrokerId(1));
  for (const auto& own :
       {folder + "/x.tmp", folder + "/.kafka_cleanshutdown", p.partition() + "/00000000000000000000.log.deleted",
        p.partition() + "/00000000000000000007.snapshot"}) {
    p.put(own);
    p.remove(own);
  }
  REQUIRE(p.storage.make_dir(folder + "/u-0.id-delete"));
  REQUIRE(p.storage.remove_dir(folder + "/u-0.id-delete"));
  p.look(0);
  CHECK_FALSE(p.watch.is_suspicious(0));
  SECTION("a checkpoint") { p.remove(folder + "/recovery-point-offset-checkpoint"); }
  SECTION("a segment") { p.remove(p.partition() + "/00000000000000000000.log"); }
  p.look(1000);
  CHECK(p.watch.going().empty());
  CHECK(p.watch.is_suspicious(1000));
  CHECK_FALSE(p.watch.is_suspicious(p.watch.suspicious_until_ms().value()));
}

TEST_CASE("Place: a socket that took a dead one's place is missed as any other") {
  Place p;
  p.look(0);
  p.remove(p.dir.broker_socket(BrokerId(1)));
  p.put_socket();
  p.watch.socket_is_there();
  p.look(100);
  CHECK_FALSE(p.watch.socket_due_ms());
  p.remove(p.dir.broker_socket(BrokerId(1)));
  p.look(200);
  CHECK(p.watch.socket_due_ms());
}

TEST_CASE("Place: a socket that vanished returns when nothing else goes") {
  Place p;
  p.look(0);
  CHECK_FALSE(p.watch.socket_due_ms());
  p.remove(p.dir.broker_socket(BrokerId(1)));
  bool is_taken = GENERATE(false, true);
  if (is_taken) p.put(p.dir.broker_socket(BrokerId(1)));  // before anybody looked: it is no socket
  p.look(100);
  int64_t due = p.watch.socket_due_ms().value();
  CHECK(due > 100);
  SECTION("alone") { CHECK(p.watch.socket_may_return(due)); }
  SECTION("something is being removed") {
    p.remove(p.partition() + "/00000000000000000000.log");
    CHECK_FALSE(p.watch.socket_may_return(due));
    int64_t later = p.watch.socket_due_ms().value();
    CHECK(later > due);
    CHECK(p.watch.socket_may_return(later));
  }
  SECTION("all of it is being removed") {
    p.remove(p.dir.broker_lock(BrokerId(1)));
    CHECK_FALSE(p.watch.socket_may_return(due));
  }
  if (is_taken) p.remove(p.dir.broker_socket(BrokerId(1)));
  p.put_socket();
  p.watch.socket_is_there();
  CHECK_FALSE(p.watch.socket_due_ms());
}
