// Region: what a broker shows and others map, over real memory files and their seals.
#include "region/region.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits>
#include <set>

using namespace bobbin;
using namespace bobbin::region;

namespace {

constexpr size_t region_bytes = 16 << 20;
constexpr size_t slot_bytes = 128;
constexpr size_t slots_max = (region_bytes - 4096) / slot_bytes;

TopicId topic(unsigned char number) {
  TopicId id;
  id.bytes[0] = number;
  id.bytes[15] = 9;
  return id;
}

std::unique_ptr<Region> make(int32_t broker = 1) {
  auto made = Region::create(BrokerId(broker));
  REQUIRE(made.ok());
  return std::move(*made);
}

// A descriptor as it arrives in another process: of the same open file.
os::Fd passed(int fd) { return os::Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

std::shared_ptr<const RegionView> view_of(const Region& region) {
  auto view = RegionView::open(passed(region.fd()));
  REQUIRE(view.ok());
  return *view;
}

ReadableEnd end_at(int64_t segment, int64_t high_watermark) { return {Offset(segment), Offset(high_watermark)}; }

// A file of memory that is no region of ours, or almost one.
os::Fd memory(off_t bytes, const std::string& begin = {}) {
  os::Fd fd(::memfd_create("test", MFD_CLOEXEC));
  REQUIRE(fd.is_open());
  REQUIRE(::ftruncate(fd.value(), bytes) == 0);
  REQUIRE(::pwrite(fd.value(), begin.data(), begin.size(), 0) == static_cast<ssize_t>(begin.size()));
  return fd;
}

std::string head_of(const Region& region) {
  std::string head(4096, '\0');
  REQUIRE(::pread(region.fd(), head.data(), head.size(), 0) == static_cast<ssize_t>(head.size()));
  return head;
}

size_t open_descriptors() {
  size_t count = 0;
  for (int fd = 0; fd < 1024; fd++) count += ::fcntl(fd, F_GETFD) >= 0;
  return count;
}

}  // namespace

TEST_CASE("Region: what is shown is seen by whoever maps it, until it is retired") {
  auto region = make();
  auto view = view_of(*region);
  CHECK(view->end_of(0, topic(1), PartitionId(0), 7) == std::nullopt);
  auto slot = region->claim(topic(1), PartitionId(0), 7);
  REQUIRE(slot == 0);
  CHECK(view->end_of(*slot, topic(1), PartitionId(0), 7) == std::nullopt);  // nothing shown yet
  region->show(*slot, end_at(0, 10));
  CHECK(view->end_of(*slot, topic(1), PartitionId(0), 7) == end_at(0, 10));
  region->show(*slot, end_at(8, 12));
  CHECK(view->end_of(*slot, topic(1), PartitionId(0), 7) == end_at(8, 12));
  CHECK(view_of(*region)->end_of(*slot, topic(1), PartitionId(0), 7) == end_at(8, 12));
  region->retire(*slot);
  CHECK(view->end_of(*slot, topic(1), PartitionId(0), 7) == std::nullopt);
}

TEST_CASE("Region: offsets are shown whole, from the first to the last there can be") {
  auto region = make();
  auto view = view_of(*region);
  auto slot = region->claim(topic(1), PartitionId(0), 0);
  constexpr int64_t last = std::numeric_limits<int64_t>::max();
  for (ReadableEnd end : {end_at(0, 0), end_at(last, last), end_at(0, last), end_at(1, int64_t{1} << 32)}) {
    region->show(*slot, end);
    CHECK(view->end_of(*slot, topic(1), PartitionId(0), 0) == end);
  }
}

TEST_CASE("Region: a slot answers to its own topic, partition and generation alone") {
  auto region = make();
  auto view = view_of(*region);
  auto slot = region->claim(topic(1), PartitionId(2), 3);
  region->show(*slot, end_at(4, 5));
  CHECK(view->end_of(*slot, topic(1), PartitionId(2), 3) == end_at(4, 5));
  CHECK(view->end_of(*slot, topic(2), PartitionId(2), 3) == std::nullopt);
  CHECK(view->end_of(*slot, TopicId{}, PartitionId(2), 3) == std::nullopt);
  CHECK(view->end_of(*slot, topic(1), PartitionId(0), 3) == std::nullopt);
  CHECK(view->end_of(*slot, topic(1), PartitionId(-1), 3) == std::nullopt);
  CHECK(view->end_of(*slot, topic(1), PartitionId(2), 2) == std::nullopt);
  CHECK(view->end_of(*slot, topic(1), PartitionId(2), 3 + (uint64_t{1} << 32)) == std::nullopt);
  TopicId nearly = topic(1);
  nearly.bytes[15] ^= 1;
  CHECK(view->end_of(*slot, nearly, PartitionId(2), 3) == std::nullopt);
}

TEST_CASE("Region: a slot number that was never given, or cannot be, is nothing") {
  auto region = make();
  auto view = view_of(*region);
  uint64_t number = GENERATE(
      uint64_t{1}, uint64_t{511}, uint64_t{512}, uint64_t{slots_max - 1}, uint64_t{slots_max}, uint64_t{slots_max + 1},
      uint64_t{1} << 32, static_cast<uint64_t>(std::numeric_limits<int64_t>::max()),
      std::numeric_limits<uint64_t>::max(), (uint64_t{1} << 57), std::numeric_limits<uint64_t>::max() / slot_bytes + 1);
  region->claim(TopicId{}, PartitionId(0), 0);
  region->show(0, end_at(1, 2));
  // The identity that zeros would have.
  CHECK(view->end_of(number, TopicId{}, PartitionId(0), 0) == std::nullopt);
  CHECK(view->end_of(0, TopicId{}, PartitionId(0), 0) == end_at(1, 2));
}

TEST_CASE("Region: slots are given over many steps of memory, each once, and none of them moves") {
  auto region = make();
  auto view = view_of(*region);
  constexpr uint64_t count = 3000;
  for (uint64_t i = 0; i < count; i++) {
    REQUIRE(region->claim(topic(1), PartitionId(static_cast<int32_t>(i)), i) == i);
    region->show(i, end_at(0, static_cast<int64_t>(i)));
    if (i % 3 == 0) region->retire(i);
  }
  auto late = view_of(*region);
  for (uint64_t i = 0; i < count; i++) {
    auto wanted = i % 3 == 0 ? std::nullopt : std::optional(end_at(0, static_cast<int64_t>(i)));
    REQUIRE(view->end_of(i, topic(1), PartitionId(static_cast<int32_t>(i)), i) == wanted);
    REQUIRE(late->end_of(i, topic(1), PartitionId(static_cast<int32_t>(i)), i) == wanted);
  }
  CHECK(view->end_of(count, topic(1), PartitionId(count), count) == std::nullopt);
}

TEST_CASE("Region: a full one gives no more slots, and goes on to show those that it gave") {
  auto region = make();
  auto view = view_of(*region);
  for (uint64_t i = 0; i < slots_max; i++) REQUIRE(region->claim(topic(1), PartitionId(0), i) == i);
  for (int i = 0; i < 3; i++) CHECK(region->claim(topic(2), PartitionId(0), 0) == std::nullopt);
  region->show(slots_max - 1, end_at(1, 2));
  CHECK(view->end_of(slots_max - 1, topic(1), PartitionId(0), slots_max - 1) == end_at(1, 2));
  region->retire(0);
  CHECK(region->claim(topic(2), PartitionId(0), 0) == std::nullopt);  // its place is not given away
}

TEST_CASE("Region: memory is taken as slots are, not all of it at once") {
  auto region = make();
  auto taken = [&] {
    struct stat s {};
    REQUIRE(::fstat(region->fd(), &s) == 0);
    CHECK(s.st_size == region_bytes);
    return static_cast<uint64_t>(s.st_blocks) * 512;
  };
  CHECK(taken() <= 8192);
  for (uint64_t i = 0; i < 513; i++) region->claim(topic(1), PartitionId(0), i);
  CHECK(taken() >= 4096 + 513 * slot_bytes);
  CHECK(taken() <= 256 << 10);
}

TEST_CASE("Region: the end of the metadata that its broker goes by") {
  auto region = make();
  auto view = view_of(*region);
  CHECK(view->metadata_end() == Offset(0));
  CHECK(view->busy_clients() == 0);
  region->show_busy_clients(3);
  CHECK(view->busy_clients() == 3);
  region->show_metadata_end(Offset(17));
  CHECK(view->metadata_end() == Offset(17));
  region->claim(topic(1), PartitionId(0), 1);
  region->show_metadata_end(Offset(int64_t{1} << 40));
  CHECK(view->metadata_end() == Offset(int64_t{1} << 40));
  CHECK(view_of(*region)->metadata_end() == Offset(int64_t{1} << 40));
}

TEST_CASE("Region: two brokers' regions have nothing in common") {
  auto one = make(1), two = make(2);
  auto slot = one->claim(topic(1), PartitionId(0), 5);
  one->show(*slot, end_at(0, 10));
  CHECK(view_of(*two)->end_of(*slot, topic(1), PartitionId(0), 5) == std::nullopt);
  CHECK(view_of(*one)->end_of(*slot, topic(1), PartitionId(0), 5) == end_at(0, 10));
}

TEST_CASE("Region: a view keeps what was shown last when its broker has gone") {
  std::shared_ptr<const RegionView> view;
  {
    auto region = make();
    region->claim(topic(1), PartitionId(0), 5);
    region->show(0, end_at(0, 10));
    view = view_of(*region);
  }
  CHECK(view->end_of(0, topic(1), PartitionId(0), 5) == end_at(0, 10));
}

TEST_CASE("RegionView: what is no region of this layout is refused") {
  auto region = make();
  std::string head = head_of(*region);
  CHECK(RegionView::open(memory(region_bytes, head)).ok());  // as much as that is looked at
  std::string other = head;
  int byte = GENERATE(range(0, 8));
  other[static_cast<size_t>(byte)] ^= 1;
  CHECK(RegionView::open(memory(region_bytes, other)).error().code == Errc::unsupported_version);
  CHECK(RegionView::open(memory(region_bytes)).error().code == Errc::unsupported_version);
  for (off_t bytes : {off_t{0}, off_t{8}, off_t{4096}, off_t{region_bytes - 1}, off_t{region_bytes - 4096},
                      off_t{region_bytes + 1}, off_t{2 * region_bytes}})
    CHECK(RegionView::open(memory(bytes, bytes >= 4096 ? head : std::string())).error().code ==
          Errc::unsupported_version);
}

TEST_CASE("RegionView: what cannot be mapped is an error, whatever it is") {
  CHECK_FALSE(RegionView::open(os::Fd()).ok());
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  os::Fd reading(ends[0]), writing(ends[1]);
  CHECK_FALSE(RegionView::open(reading).ok());
  CHECK_FALSE(RegionView::open(writing).ok());
  CHECK_FALSE(RegionView::open(os::Fd(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC))).ok());
  CHECK_FALSE(RegionView::open(os::Fd(::open("/dev/zero", O_RDONLY | O_CLOEXEC))).ok());
  CHECK_FALSE(RegionView::open(os::Fd(::open("/proc/self/status", O_RDONLY | O_CLOEXEC))).ok());
}

TEST_CASE("Region: whoever gets the descriptor can read, and neither write, map it for writing, cut nor lengthen it") {
  auto region = make();
  region->claim(topic(1), PartitionId(0), 5);
  region->show(0, end_at(0, 10));
  std::string before = head_of(*region);
  os::Fd fd = passed(region->fd());

  SECTION("write") {
    CHECK(::pwrite(fd.value(), "x", 1, 0) == -1);
    CHECK(errno == EPERM);
    CHECK(::write(fd.value(), "x", 1) == -1);
  }
  SECTION("map") {
    CHECK(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd.value(), 0) == MAP_FAILED);
    CHECK(errno == EPERM);
    void* at = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fd.value(), 0);
    REQUIRE(at != MAP_FAILED);
    CHECK(::mprotect(at, 4096, PROT_READ | PROT_WRITE) == -1);
    ::munmap(at, 4096);
    // What is private is nobody else's.
    at = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd.value(), 0);
    if (at != MAP_FAILED) {
      static_cast<char*>(at)[0] = 'x';
      ::munmap(at, 4096);
    }
  }
  SECTION("size") {
    CHECK(::ftruncate(fd.value(), 0) == -1);
    CHECK(errno == EPERM);
    CHECK(::ftruncate(fd.value(), region_bytes + 1) == -1);
    CHECK(::fallocate(fd.value(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) == -1);
    CHECK(::fallocate(fd.value(), 0, region_bytes, 4096) == -1);
  }
  SECTION("opened once more") {
    os::Fd again(::open(("/proc/self/fd/" + std::to_string(fd.value())).c_str(), O_RDWR | O_CLOEXEC));
    if (again.is_open()) {
      CHECK(::pwrite(again.value(), "x", 1, 0) == -1);
      CHECK(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, again.value(), 0) == MAP_FAILED);
      CHECK(::ftruncate(again.value(), 0) == -1);
    }
    os::Fd cut(::open(("/proc/self/fd/" + std::to_string(fd.value())).c_str(), O_RDWR | O_TRUNC | O_CLOEXEC));
    CHECK_FALSE(cut.is_open());
  }
  SECTION("other seals") {
    CHECK(::fcntl(fd.value(), F_ADD_SEALS, F_SEAL_WRITE) == -1);
    int seals = ::fcntl(fd.value(), F_GET_SEALS);
    CHECK((seals & F_SEAL_FUTURE_WRITE) != 0);
    CHECK((seals & F_SEAL_SHRINK) != 0);
    CHECK((seals & F_SEAL_GROW) != 0);
    CHECK((seals & F_SEAL_SEAL) != 0);
  }
  CHECK(head_of(*region) == before);
  // Its broker goes on to write.
  region->show(0, end_at(0, 11));
  CHECK(view_of(*region)->end_of(0, topic(1), PartitionId(0), 5) == end_at(0, 11));
  CHECK(region->claim(topic(2), PartitionId(0), 5) == 1);
}

TEST_CASE("RegionView: reads what it does not own, and gives back its memory and no descriptor") {
  auto region = make();
  size_t before = open_descriptors();
  {
    auto view = RegionView::open(passed(region->fd()));
    REQUIRE(view.ok());
    CHECK(open_descriptors() == before);
  }
  for (int i = 0; i < 100; i++) CHECK_FALSE(RegionView::open(memory(4096)).ok());
  CHECK(open_descriptors() == before);
  region.reset();
  CHECK(open_descriptors() == before - 1);
}

TEST_CASE("ShownEnd: shows what is new, is retired when its owner goes, and only once when it was moved") {
  auto region = make();
  auto view = view_of(*region);
  auto seen = [&] { return view->end_of(0, topic(1), PartitionId(0), 5); };
  auto slot = region->claim(topic(1), PartitionId(0), 5);
  {
    std::optional<ShownEnd> shown;
    shown.emplace(*region, *slot, 5);
    CHECK(shown->slot() == 0);
    CHECK(shown->generation() == 5);
    shown->show(end_at(0, 1));
    CHECK(seen() == end_at(0, 1));
    shown->show(end_at(0, 1));
    CHECK(seen() == end_at(0, 1));
    {
      ShownEnd taken = std::move(*shown);
      shown.reset();
      CHECK(seen() == end_at(0, 1));
      CHECK(taken.slot() == 0);
      CHECK(taken.generation() == 5);
      taken.show(end_at(0, 2));
      CHECK(seen() == end_at(0, 2));
      ShownEnd again = std::move(taken);
      again.show(end_at(0, 3));
      CHECK(seen() == end_at(0, 3));
    }
    CHECK(seen() == std::nullopt);
  }
  CHECK(seen() == std::nullopt);
  // A retirement of another slot is not disturbed.
  auto next = region->claim(topic(1), PartitionId(0), 6);
  ShownEnd other(*region, *next, 6);
  other.show(end_at(1, 2));
  CHECK(view->end_of(*next, topic(1), PartitionId(0), 6) == end_at(1, 2));
}
