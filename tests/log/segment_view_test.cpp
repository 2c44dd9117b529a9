// SegmentView over real files: another process's way to records.
#include "log/segment_view.h"

#include "log/checkpoints.h"
#include "log/log_fixture.h"
#include "os/posix/storage.h"
#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::test;
using ::test::TempDir;

namespace {

struct Folder {
  Folder() {
    REQUIRE(storage.make_dir(path).ok());
    REQUIRE(os::write_whole_file(storage, path + "/partition.metadata", encode_partition_metadata(topic_id)).ok());
  }
  void append(const std::string& bytes) {
    auto file = storage.open(segment, os::Open::create);
    REQUIRE(file.ok());
    REQUIRE((*file)->write(Bytes(bytes), (*file)->size().value()).ok());
  }
  Result<std::shared_ptr<const SegmentView>> open(uint64_t end, uint64_t capacity = 1 << 20) {
    return SegmentView::open(storage, path, {topic_id, Offset(5), end, capacity});
  }

  TempDir temp;
  os::PosixStorage storage;
  std::string path = temp / "t-0";
  std::string segment = path + "/" + offset_name(Offset(5), ".log");
};

}  // namespace

TEST_CASE("SegmentView: shows what is in the file, and what is appended later") {
  Folder f;
  f.append("first");
  auto view = f.open(5);
  REQUIRE(view.ok());
  CHECK((*view)->dir() == f.path);
  CHECK((*view)->base() == Offset(5));
  CHECK((*view)->capacity() == 1 << 20);
  CHECK((*view)->bytes(0, 5) == "first");
  std::string more(10000, 'x');
  f.append(more);
  CHECK((*view)->bytes(5, 10005) == more);
  CHECK((*view)->bytes(3, 3) == "");
}

TEST_CASE("SegmentView: keeps what it has mapped when the file is renamed or removed") {
  Folder f;
  f.append("first");
  auto view = f.open(5);
  REQUIRE(view.ok());
  REQUIRE(f.storage.rename(f.segment, f.segment + ".deleted").ok());
  CHECK((*view)->bytes(0, 5) == "first");
  CHECK(f.open(5).error().code == Errc::not_found);
  REQUIRE(f.storage.unlink(f.segment + ".deleted").ok());
  CHECK((*view)->bytes(0, 5) == "first");
}

TEST_CASE("SegmentView: a folder that belongs to another topic by now, or to nobody, is not taken") {
  Folder f;
  f.append("first");
  TopicId other = topic_id;
  other.bytes[3] ^= 1;
  CHECK(SegmentView::open(f.storage, f.path, {other, Offset(5), 5, 100}).error().code == Errc::not_found);
  REQUIRE(f.storage.unlink(f.path + "/partition.metadata").ok());
  CHECK(f.open(5).error().code == Errc::not_found);
  REQUIRE(os::write_whole_file(f.storage, f.path + "/partition.metadata", "junk").ok());
  CHECK_FALSE(f.open(5).ok());
}

TEST_CASE("SegmentView: a file that is not there, is too short, or is none is no view") {
  Folder f;
  CHECK(f.open(5).error().code == Errc::not_found);
  f.append("first");
  CHECK(f.open(6).error().code == Errc::damaged);
  REQUIRE(f.storage.unlink(f.segment).ok());
  REQUIRE(f.storage.make_dir(f.segment).ok());
  CHECK_FALSE(f.open(0).ok());
  CHECK(SegmentView::open(f.storage, f.path + "-gone", {topic_id, Offset(5), 5, 100}).error().code == Errc::not_found);
}
