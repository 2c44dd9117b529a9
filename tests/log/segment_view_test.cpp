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

TEST_CASE("SegmentView: another file under its name says nothing of the one that is mapped") {
  Folder f;
  f.append("first");
  auto view = f.open(5);
  REQUIRE(view.ok());
  CHECK((*view)->file_bytes(f.storage).value() == 5);
  REQUIRE(f.storage.rename(f.segment, f.segment + ".aside").ok());
  CHECK((*view)->file_bytes(f.storage).error().code == Errc::not_found);
  f.append(std::string(10000, 'x'));
  CHECK((*view)->file_bytes(f.storage).error().code == Errc::misplaced);
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

namespace {

// Batches as they lie in a segment, from offset 5 on: of 1, 2, 3 ... records.
struct Batches {
  explicit Batches(int count) {
    int64_t next = 5;
    for (int i = 0; i < count; i++) {
      std::string b = batch(1 + i);
      record::stamp(b.data(), Offset(next), LeaderEpoch(0));
      places.push_back(bytes.size());
      bases.push_back(next);
      next += 1 + i;
      bytes += b;
    }
    places.push_back(bytes.size());
    bases.push_back(next);
  }
  // Places and bases of batches, the last one being the end.
  std::vector<uint64_t> places;
  std::vector<int64_t> bases;
  std::string bytes;
};

constexpr size_t all_bytes = 1 << 30;

struct Told {  // what batches() says, for comparison
  uint64_t end = 0;
  int64_t next = -1;  // -1: nothing
  bool operator==(const Told&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Told& t) {
  return out << "[.. " << t.end << ") to offset " << t.next;
}

Told ask(const SegmentView& view, uint64_t from, int64_t next, int64_t below, size_t bytes_max = all_bytes) {
  os::PosixStorage storage;
  auto there = view.file_bytes(storage);
  auto stretch = view.batches(from, Offset(next), Offset(below), bytes_max, there ? *there : UINT64_MAX);
  return stretch ? Told{stretch->end, stretch->next_offset.value} : Told{};
}
const Told nothing{};

}  // namespace

TEST_CASE("SegmentView: batches from any one of them to any other") {
  Folder f;
  Batches b(6);
  f.append(b.bytes);
  auto view = *f.open(b.bytes.size());
  for (size_t from = 0; from <= 6; from++)
    for (size_t to = 0; to <= 6; to++) {
      CAPTURE(from, to);
      // At or behind the end there is nothing to look at, which is no fault.
      size_t last = std::max(from, to);
      CHECK(ask(*view, b.places[from], b.bases[from], b.bases[to]) == Told{b.places[last], b.bases[last]});
    }
}

TEST_CASE("SegmentView: so many batches as reach the bytes that are wanted, and at least one") {
  Folder f;
  Batches b(6);
  f.append(b.bytes);
  auto view = *f.open(b.bytes.size());
  for (size_t bytes_max = 1; bytes_max <= b.bytes.size() + 1; bytes_max += 7) {
    CAPTURE(bytes_max);
    size_t last = 0;
    while (last < 6 && b.places[last] < bytes_max) last++;
    CHECK(ask(*view, 0, 5, b.bases[6], bytes_max) == Told{b.places[last], b.bases[last]});
  }
  CHECK(ask(*view, 0, 5, b.bases[6], 0) == Told{0, 5});
  CHECK(ask(*view, b.places[2], b.bases[2], b.bases[6], 1) == Told{b.places[3], b.bases[3]});
}

TEST_CASE("SegmentView: a batch that reaches beyond the watermark is none that may be read") {
  Folder f;
  Batches b(4);
  f.append(b.bytes);
  auto view = *f.open(b.bytes.size());
  CHECK(ask(*view, 0, 5, b.bases[3] + 1) == nothing);  // in the middle of the last one
  CHECK(ask(*view, b.places[3], b.bases[3], b.bases[3] + 3) == nothing);
  CHECK(ask(*view, b.places[3], b.bases[3], b.bases[3] + 4) == Told{b.places[4], b.bases[4]});
}

TEST_CASE("SegmentView: an offset or a position that is not the batch's own is nothing") {
  Folder f;
  Batches b(4);
  f.append(b.bytes);
  auto view = *f.open(b.bytes.size());
  for (int64_t next : {int64_t{0}, int64_t{4}, int64_t{6}, int64_t{-1}, b.bases[2]})
    CHECK(ask(*view, 0, next, b.bases[4]) == nothing);
  for (size_t at = 1; at < b.places[1]; at++) REQUIRE(ask(*view, at, b.bases[1], b.bases[4]) == nothing);
}

TEST_CASE("SegmentView: any header that is damaged ends it, wherever it is") {
  Batches good(3);
  size_t which = GENERATE(range(0, 3));
  struct Damage {
    size_t at;
    int64_t value;
    size_t bytes;
  };
  auto damage = GENERATE(Damage{0, 0, 8}, Damage{0, -1, 8}, Damage{0, INT64_MAX, 8},  // base offset
                         Damage{8, 0, 4}, Damage{8, -1, 4}, Damage{8, 48, 4}, Damage{8, INT32_MAX, 4},
                         Damage{8, INT32_MIN, 4},                                                 // length
                         Damage{23, -1, 4}, Damage{23, INT32_MAX, 4}, Damage{23, INT32_MIN, 4});  // last offset delta
  CAPTURE(which, damage.at, damage.value);
  std::string bytes = good.bytes;
  char* at = bytes.data() + good.places[which] + damage.at;
  if (damage.bytes == 8) store_be(at, damage.value);
  if (damage.bytes == 4) store_be(at, static_cast<int32_t>(damage.value));
  Folder f;
  f.append(bytes);
  auto view = *f.open(bytes.size());
  CHECK(ask(*view, 0, 5, good.bases[3]) == nothing);
  // What lies before it can be had.
  CHECK(ask(*view, 0, 5, good.bases[which]) == Told{good.places[which], good.bases[which]});
}

TEST_CASE("SegmentView: zeros where a batch should begin, as the last page of a file has behind its end, are none") {
  Folder f;
  Batches b(2);
  f.append(b.bytes);
  REQUIRE(b.bytes.size() < 3000);
  auto view = *f.open(b.bytes.size());
  CHECK(ask(*view, 0, 5, b.bases[2] + 1) == nothing);
  CHECK(ask(*view, b.places[2], b.bases[2], b.bases[2] + 1) == nothing);
  CHECK(ask(*view, b.places[2], 0, 1) == nothing);
}

TEST_CASE("SegmentView: nothing is looked at behind what is mapped") {
  Folder f;
  Batches b(3);
  f.append(b.bytes);
  // The last batch ends at the capacity, or reaches over it, or begins there or behind.
  auto full = *f.open(b.bytes.size(), b.bytes.size());
  CHECK(ask(*full, 0, 5, b.bases[3]) == Told{b.places[3], b.bases[3]});
  CHECK(ask(*full, b.places[3], b.bases[3], b.bases[3] + 1) == nothing);
  CHECK(ask(*full, b.places[3] + 1, b.bases[3], b.bases[3] + 1) == nothing);
  CHECK(ask(*full, UINT64_MAX, b.bases[3], b.bases[3] + 1) == nothing);
  CHECK(ask(*full, INT64_MAX, 5, b.bases[3] + 1) == nothing);
  for (uint64_t capacity = b.places[2]; capacity < b.bytes.size(); capacity += 11) {
    CAPTURE(capacity);
    auto less = *f.open(b.places[2], capacity);
    CHECK(ask(*less, 0, 5, b.bases[3]) == nothing);
    CHECK(ask(*less, 0, 5, b.bases[2]) == Told{b.places[2], b.bases[2]});
  }
}

TEST_CASE("SegmentView: goes on behind its last batch when the file has grown") {
  Folder f;
  Batches b(5);
  f.append(b.bytes.substr(0, b.places[2]));
  auto view = *f.open(b.places[2]);
  Told told = ask(*view, 0, 5, b.bases[2]);
  CHECK(told == Told{b.places[2], b.bases[2]});
  f.append(b.bytes.substr(b.places[2], b.places[4] - b.places[2]));
  told = ask(*view, told.end, told.next, b.bases[4]);
  CHECK(told == Told{b.places[4], b.bases[4]});
  f.append(b.bytes.substr(b.places[4]));
  CHECK(ask(*view, told.end, told.next, b.bases[5]) == Told{b.places[5], b.bases[5]});
}
