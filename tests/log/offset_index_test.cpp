// OffsetIndex: which entry answers for an offset or a position, at, between and outside the entries.
#include "log/offset_index.h"

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

// Batches that end at 1004, 1009 and 1020, of a segment that begins at 1000.
struct Indexed {
  Indexed() {
    REQUIRE(index.file().create().ok());
    for (const auto& entry : entries) index.add(entry);
  }
  static std::optional<IndexEntry> must(Result<std::optional<IndexEntry>> found) {
    REQUIRE(found.ok());
    return *found;
  }
  const std::vector<IndexEntry> entries{{Offset(1004), 0}, {Offset(1009), 300}, {Offset(1020), 700}};
  const std::optional<IndexEntry> none;
  Fixture f;
  Files files{f.w.storage, 4};
  const std::string path = "/data/00000000000000001000.index";
  OffsetIndex index{files, path, Offset(1000)};
};

}  // namespace

TEST_CASE("OffsetIndex: an entry is two numbers of four bytes, the offset counted from the segment's base") {
  Indexed i;
  CHECK(i.f.w.storage.contents(i.path).empty());  // they wait
  REQUIRE(i.index.file().flush().ok());
  const std::string stored = i.f.w.storage.contents(i.path);
  CHECK(stored == std::string("\0\0\0\x04\0\0\0\0"
                              "\0\0\0\x09\0\0\x01\x2c"
                              "\0\0\0\x14\0\0\x02\xbc",
                              24));
}

TEST_CASE("OffsetIndex: the last entry at or below an offset, the first at or above it") {
  Indexed i;
  const bool is_stored = GENERATE(false, true);
  if (is_stored) REQUIRE(i.index.file().flush().ok());
  struct Row {
    int64_t offset;
    int floor, ceil;  // -1, 3: none
  };
  for (const Row& row :
       {Row{0, -1, 0}, Row{999, -1, 0}, Row{1000, -1, 0}, Row{1003, -1, 0}, Row{1004, 0, 0}, Row{1005, 0, 1},
        Row{1008, 0, 1}, Row{1009, 1, 1}, Row{1019, 1, 2}, Row{1020, 2, 2}, Row{1021, 2, 3}, Row{INT64_MAX, 2, 3}}) {
    CAPTURE(row.offset, is_stored);
    auto at = [&](int n) { return n < 0 || n > 2 ? i.none : std::optional(i.entries[static_cast<size_t>(n)]); };
    CHECK(i.must(i.index.floor(Offset(row.offset))) == at(row.floor));
    CHECK(i.must(i.index.ceil(Offset(row.offset))) == at(row.ceil));
  }
}

TEST_CASE("OffsetIndex: the first entry behind a position is not the one at it") {
  Indexed i;
  CHECK(i.must(i.index.behind(0)) == i.entries[1]);
  CHECK(i.must(i.index.behind(299)) == i.entries[1]);
  CHECK(i.must(i.index.behind(300)) == i.entries[2]);
  CHECK(i.must(i.index.behind(699)) == i.entries[2]);
  CHECK(i.must(i.index.behind(700)) == i.none);
}

TEST_CASE("OffsetIndex: without entries nothing is found, and nothing goes wrong") {
  Indexed i;
  REQUIRE(i.index.truncate(Offset(0)).ok());
  CHECK(i.index.file().count() == 0);
  CHECK(i.must(i.index.last()) == i.none);
  CHECK(i.must(i.index.floor(Offset(INT64_MAX))) == i.none);
  CHECK(i.must(i.index.ceil(Offset(0))) == i.none);
  CHECK(i.must(i.index.behind(0)) == i.none);
}

TEST_CASE("OffsetIndex: a cut at an entry's own offset takes it, and later entries go on from there") {
  Indexed i;
  REQUIRE(i.index.file().flush().ok());
  REQUIRE(i.index.truncate(Offset(1021)).ok());
  CHECK(i.must(i.index.last()) == i.entries[2]);
  REQUIRE(i.index.truncate(Offset(1020)).ok());
  CHECK(i.must(i.index.last()) == i.entries[1]);
  CHECK(i.f.w.storage.contents(i.path).size() == 16);
  i.index.add({Offset(1011), 600});
  CHECK(i.must(i.index.last()) == IndexEntry{Offset(1011), 600});
  CHECK(i.must(i.index.ceil(Offset(1010))) == IndexEntry{Offset(1011), 600});
}

TEST_CASE("OffsetIndex: it is full with as many whole entries as fit into the bytes") {
  Indexed i;
  CHECK_FALSE(i.index.is_full(32));
  CHECK(i.index.is_full(31));
  CHECK(i.index.is_full(24));
  CHECK(i.index.is_full(0));
}

TEST_CASE("OffsetIndex: a file that ends within an entry is damaged, one that is not there is not found") {
  Indexed i;
  i.f.w.storage.put(i.path, std::string(23, '\0'));
  Files fresh(i.f.w.storage, 4);
  OffsetIndex cut(fresh, i.path, Offset(1000));
  CHECK(cut.file().load().error().code == Errc::damaged);
  OffsetIndex missing(fresh, "/data/00000000000000002000.index", Offset(2000));
  CHECK(missing.file().load().error().code == Errc::not_found);
}
