#include "cluster/clock_doubt.h"

#include <catch2/catch.hpp>

#include "log/memory_world.h"

using namespace bobbin;
using cluster::ClockDoubt;

namespace {
constexpr int64_t hour = 3'600'000, begun = 1'700'000'000'000;
}  // namespace

TEST_CASE("Clock doubt: time that passes is no jump, and nor is the first look") {
  ClockDoubt doubt;
  CHECK_FALSE(doubt.look(Timestamp(begun), 0));
  CHECK_FALSE(doubt.look(Timestamp(begun + 100 * hour), 100 * hour));
  CHECK_FALSE(doubt.look(Timestamp(begun + 102 * hour), 101 * hour));  // an hour is let pass
  CHECK_FALSE(doubt.look(Timestamp(begun), 102 * hour));               // back
  CHECK_FALSE(doubt.is_open(102 * hour));
}

TEST_CASE("Clock doubt: a jump ahead opens it for a day") {
  ClockDoubt doubt;
  (void)doubt.look(Timestamp(begun), 0);
  CHECK(doubt.look(Timestamp(begun + 3 * hour), hour) == 2 * hour);
  CHECK(doubt.is_open(hour));
  CHECK_FALSE(doubt.look(Timestamp(begun + 4 * hour), 2 * hour));
  CHECK(doubt.is_open(25 * hour - 1));
  CHECK_FALSE(doubt.is_open(25 * hour));
}

TEST_CASE("Clock doubt: what an earlier life has seen counts") {
  ClockDoubt doubt;
  doubt.seen_before(Timestamp(begun), 5);
  CHECK(doubt.look(Timestamp(begun + 10 * hour), 5) == 10 * hour);
  CHECK(doubt.is_open(5));
}

TEST_CASE("Clock doubt: the newest file of a folder tells when somebody wrote last") {
  test::MemoryWorld w;
  REQUIRE(w.storage.make_dir("/f"));
  CHECK_FALSE(cluster::last_written_in(w.storage, "/f"));
  CHECK_FALSE(cluster::last_written_in(w.storage, "/none"));
  for (const char* name : {"/f/a", "/f/b"}) {
    REQUIRE(os::write_whole_file(w.storage, name, "x").ok());
    w.clock.pass(1000);
  }
  REQUIRE(w.storage.make_dir("/f/folder"));
  CHECK(cluster::last_written_in(w.storage, "/f") == w.storage.stat("/f/b")->modified);
}
