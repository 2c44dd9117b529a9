// SegmentFile: what an append leaves when it fails, and which bytes are synced.
#include "log/segment_file.h"

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

struct OneFile : Fixture {
  OneFile() {
    REQUIRE(w.storage.make_dir(dir).ok());
    REQUIRE(file.create(Timestamp(t0)).ok());
  }
  Status append(Bytes first, Bytes second) {
    const Bytes parts[] = {first, second};
    return file.append(parts, first.size() + second.size());
  }
  std::string contents() const { return w.storage.contents(file.path()); }

  Files some_files{w.storage};
  SegmentFile file{some_files, segment(100)};
};

}  // namespace

TEST_CASE("Segment file: what is appended stands behind what was there, in the order of its parts") {
  OneFile f;
  CHECK((f.file.bytes() == 0 && f.file.created() == Timestamp(t0)));
  REQUIRE(f.append("head", "body").ok());
  REQUIRE(f.append("more", "").ok());
  CHECK(f.contents() == "headbodymore");
  CHECK(f.file.bytes() == 12);
}

TEST_CASE("Segment file: an append that finds no room is taken back, and goes on when there is some") {
  OneFile f;
  REQUIRE(f.append("before", ".").ok());
  const std::string before = f.contents();
  for (uint64_t room : {0, 1, 4, 5, 7}) {
    CAPTURE(room);
    f.w.storage.set_room(f.w.storage.used() + room);
    Status full = f.append("head", "body");
    REQUIRE_FALSE(full.ok());
    CHECK(full.error().code == Errc::disk_full);
    CHECK(full.error().message.starts_with(f.file.path() + ": "));
    CHECK(f.contents() == before);
    CHECK(f.file.bytes() == before.size());
  }
  f.w.storage.set_room(std::nullopt);
  REQUIRE(f.append("head", "body").ok());
  CHECK(f.contents() == before + "headbody");
}

TEST_CASE("Segment file: an append that fails otherwise, or cannot be taken back, is an error of the disk") {
  OneFile f;
  REQUIRE(f.append("before", ".").ok());
  SECTION("otherwise") { f.w.storage.inject({.at = 1, .code = Errc::not_found, .only = {Call::write}}); }
  SECTION("not taken back") {
    f.w.storage.inject(
        {.at = 1, .for_good = true, .code = Errc::disk_full, .written = 3, .only = {Call::write, Call::truncate}});
  }
  Status failed = f.append("head", "body");
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code == Errc::io_error);
  CHECK(f.file.bytes() == 7);
}

TEST_CASE("Segment file: what is not synced is known to the byte, and a later append is not synced with it") {
  OneFile f;
  CHECK_FALSE(f.file.is_dirty());
  REQUIRE(f.append("one", "").ok());
  REQUIRE(f.append("two", "").ok());
  CHECK(f.file.is_dirty());
  f.file.note_synced(3);
  CHECK(f.file.is_dirty());
  f.file.note_synced(6);
  CHECK_FALSE(f.file.is_dirty());
  f.file.note_synced(3);  // a flush that ends late
  CHECK_FALSE(f.file.is_dirty());
  REQUIRE(f.append("three", "").ok());
  CHECK(f.file.is_dirty());
  REQUIRE(f.file.truncate(6).ok());
  CHECK_FALSE(f.file.is_dirty());
  CHECK(f.contents() == "onetwo");
}

TEST_CASE("Segment file: it is held open while it has unsynced bytes, and no longer") {
  OneFile f;
  REQUIRE(f.append("one", "").ok());
  f.some_files.close_idle();
  CHECK(f.w.storage.open_handles() == 1);
  f.file.note_synced(3);
  f.some_files.close_idle();
  CHECK(f.w.storage.open_handles() == 0);
}

TEST_CASE(
    "Segment file: what a failed sync gave up is stored again, from where it is asked for, and has to be synced") {
  OneFile f;
  const std::string bytes(600 << 10, 'x');  // more than a window
  REQUIRE(f.append("first", bytes).ok());
  f.file.note_synced(f.file.bytes());
  f.w.storage.inject({.at = 1, .only = {Call::sync}, .loses = true});
  REQUIRE_FALSE(f.file.open().value()->sync().ok());
  f.w.storage.heal();
  SegmentFile again(f.some_files, f.file.path());
  REQUIRE(again.adopt().ok());
  CHECK_FALSE(again.is_dirty());
  SECTION("all of it") { REQUIRE(again.store_again_from(0).ok()); }
  SECTION("nothing: it ends there") {
    REQUIRE(again.store_again_from(again.bytes()).ok());
    CHECK_FALSE(again.is_dirty());
    return;
  }
  CHECK(again.is_dirty());
  REQUIRE(again.open().value()->sync().ok());
  REQUIRE(f.w.storage.sync_dir(f.dir).ok());
  REQUIRE(f.w.storage.sync_dir("/data").ok());
  f.w.power_cut();
  CHECK(f.contents() == "first" + bytes);
}

TEST_CASE("Segment file: where bytes lie already none is made, and one that is not there is not taken") {
  OneFile f;
  f.w.storage.put(f.segment(200), "somebody's");
  CHECK(SegmentFile(f.some_files, f.segment(200)).create(Timestamp(t0)).error().code == Errc::damaged);
  CHECK(f.w.storage.contents(f.segment(200)) == "somebody's");
  CHECK(SegmentFile(f.some_files, f.segment(300)).adopt().error().code == Errc::not_found);
}
