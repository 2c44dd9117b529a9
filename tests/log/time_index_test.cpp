// TimeIndex: only what is newer is kept, and what a time or an offset finds.
#include "log/time_index.h"

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

struct Times {
  Times() { REQUIRE(index.file().create().ok()); }
  void add(int64_t time, int64_t offset) { index.add({Timestamp(time), Offset(offset)}); }
  static std::optional<TimeEntry> must(Result<std::optional<TimeEntry>> found) {
    REQUIRE(found.ok());
    return *found;
  }
  static std::optional<TimeEntry> entry(int64_t time, int64_t offset) {
    return TimeEntry{Timestamp(time), Offset(offset)};
  }
  const std::optional<TimeEntry> none;
  Fixture f;
  Files files{f.w.storage, 4};
  const std::string path = "/data/00000000000000000050.timeindex";
  TimeIndex index{files, path, Offset(50)};
};

}  // namespace

TEST_CASE("TimeIndex: an entry is a time of eight bytes and an offset from the base of four") {
  Times t;
  t.add(0x0102, 53);
  REQUIRE(t.index.file().flush().ok());
  CHECK(t.f.w.storage.contents(t.path) == std::string("\0\0\0\0\0\0\x01\x02\0\0\0\x03", 12));
}

TEST_CASE("TimeIndex: what is not newer than the last entry is not kept, nor is what has no time") {
  Times t;
  t.add(timestamp_none.value, 50);
  CHECK(t.index.file().count() == 0);
  t.add(0, 51);  // 1970 is a time
  t.add(1000, 52);
  t.add(1000, 55);
  t.add(999, 56);
  CHECK(t.index.file().count() == 2);
  CHECK(t.must(t.index.last()) == t.entry(1000, 52));
  t.add(1001, 57);
  CHECK(t.must(t.index.last()) == t.entry(1001, 57));
}

TEST_CASE("TimeIndex: the last entry at or below a time, and the last one below an offset") {
  Times t;
  for (auto [time, offset] : {std::pair{1000, 54}, {1500, 60}, {1501, 70}}) t.add(time, offset);
  if (GENERATE(false, true)) REQUIRE(t.index.file().flush().ok());
  CHECK(t.must(t.index.floor(Timestamp(INT64_MIN))) == t.none);
  CHECK(t.must(t.index.floor(Timestamp(999))) == t.none);
  CHECK(t.must(t.index.floor(Timestamp(1000))) == t.entry(1000, 54));
  CHECK(t.must(t.index.floor(Timestamp(1499))) == t.entry(1000, 54));
  CHECK(t.must(t.index.floor(Timestamp(1500))) == t.entry(1500, 60));
  CHECK(t.must(t.index.floor(Timestamp(INT64_MAX))) == t.entry(1501, 70));
  CHECK(t.must(t.index.before(Offset(54))) == t.none);
  CHECK(t.must(t.index.before(Offset(55))) == t.entry(1000, 54));
  CHECK(t.must(t.index.before(Offset(60))) == t.entry(1000, 54));
  CHECK(t.must(t.index.before(Offset(71))) == t.entry(1501, 70));
  CHECK(t.must(t.index.before(Offset(0))) == t.none);
}

TEST_CASE("TimeIndex: after a cut the time that was cut off may come again") {
  Times t;
  t.add(1000, 54);
  t.add(2000, 60);
  REQUIRE(t.index.truncate(Offset(60)).ok());
  CHECK(t.must(t.index.last()) == t.entry(1000, 54));
  t.add(1000, 58);  // still not newer
  CHECK(t.index.file().count() == 1);
  t.add(1001, 61);
  CHECK(t.must(t.index.last()) == t.entry(1001, 61));
  REQUIRE(t.index.truncate(Offset(50)).ok());
  CHECK(t.must(t.index.last()) == t.none);
  t.add(5, 50);  // older than all that there was
  CHECK(t.must(t.index.last()) == t.entry(5, 50));
}

TEST_CASE("TimeIndex: one that was loaded knows its last time only when it was asked to look") {
  Times t;
  t.add(1000, 54);
  REQUIRE(t.index.file().flush().ok());
  TimeIndex again(t.files, t.path, Offset(50));
  REQUIRE(again.file().load().ok());
  REQUIRE(again.load_last().ok());
  again.add({Timestamp(1000), Offset(55)});
  CHECK(again.file().count() == 1);
  again.add({Timestamp(1001), Offset(55)});
  CHECK(again.file().count() == 2);
}

TEST_CASE("TimeIndex: one place is kept for the entry of a segment's end") {
  Times t;
  CHECK_FALSE(t.index.is_full(24));
  CHECK(t.index.is_full(12));
  t.add(1, 50);
  CHECK_FALSE(t.index.is_full(36));
  CHECK(t.index.is_full(35));
  CHECK(t.index.is_full(24));
}
