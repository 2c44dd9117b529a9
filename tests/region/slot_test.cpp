#include <catch2/catch.hpp>

#include <sys/mman.h>

#include <thread>

#include "region/slot.h"

using namespace bobbin;
using namespace bobbin::region;

namespace {

constexpr size_t words = 5;
using Writer = SlotWriter<StdAtomics, words>;
using Reader = SlotReader<StdAtomics, words>;

struct Table {
  uint64_t claimed = 0;
  Slot<words> slots[2] = {};
  Writer writer() { return Writer(claimed, slots); }
  Reader reader() const { return Reader(claimed, slots); }
};

// Group number n.
Group<words> group(uint64_t n) { return {n, n + 1, n + 2, n + 3, n + 4}; }

SlotIdentity identity(uint64_t generation) {
  TopicId topic;
  topic.bytes[0] = 1;
  topic.bytes[8] = 2;
  return SlotIdentity::of(topic, PartitionId(3), generation);
}

// As if a group were published between any two loads.
struct BusyAtomics {
  inline static uint64_t loads = 0;
  static uint64_t load(const uint64_t&, std::memory_order) { return ++loads; }
  static void store(uint64_t&, uint64_t, std::memory_order) {}
};

}  // namespace

TEST_CASE("Slot: zeros are a table without slots, and a slot without a group") {
  Table table;
  CHECK(table.reader().identity(0) == std::nullopt);
  CHECK(table.reader().read(0, SlotIdentity{}) == std::nullopt);
  CHECK(table.writer().claim(identity(1)) == 0);
  CHECK(table.reader().read(0, identity(1)) == std::nullopt);
}

TEST_CASE("Slot: the last group is read, by the identity that was told") {
  Table table;
  Writer writer = table.writer();
  writer.claim(identity(1));
  writer.claim(identity(2));
  const Reader reader = table.reader();
  for (uint64_t n = 1; n <= 3; n++) {
    writer.publish(0, group(n));
    CHECK(reader.read(0, identity(1)) == group(n));
  }
  CHECK(reader.read(0, identity(2)) == std::nullopt);
  CHECK(reader.read(1, identity(2)) == std::nullopt);
  CHECK(reader.identity(1) == identity(2));
}

TEST_CASE("Slot: a retired slot is not read, and its place is not given away") {
  Table table;
  Writer writer = table.writer();
  writer.claim(identity(1));
  writer.publish(0, group(1));
  writer.retire(0);
  CHECK(table.reader().read(0, identity(1)) == std::nullopt);
  CHECK(table.reader().identity(0) == identity(1));
  CHECK(writer.claim(identity(2)) == 1);
  CHECK(writer.claim(identity(3)) == std::nullopt);
}

TEST_CASE("Slot: a successor claims behind the slots of the writer before it") {
  Table table;
  table.writer().claim(identity(1));
  CHECK(table.writer().claim(identity(2)) == 1);
  CHECK(table.reader().identity(0) == identity(1));
}

TEST_CASE("Slot: a reader that maps less than there is finds nothing beyond") {
  Table table;
  Writer writer = table.writer();
  writer.claim(identity(1));
  writer.claim(identity(2));
  const Reader reader(table.claimed, std::span(table.slots).first(1));
  CHECK(reader.identity(0) == identity(1));
  CHECK(reader.identity(1) == std::nullopt);
}

TEST_CASE("Slot: a reader that the writer always outruns gives up after its tries") {
  const PublishedGroup<words> busy{};
  BusyAtomics::loads = 0;
  CHECK(read<BusyAtomics>(busy, 3) == std::nullopt);
  CHECK(BusyAtomics::loads == 3 * (words + 2));
}

TEST_CASE("Slot: a reader needs no right to write") {
  void* memory = mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  Table& table = *new (memory) Table;
  table.writer().claim(identity(1));
  table.writer().publish(0, group(1));
  REQUIRE(mprotect(memory, sizeof(Table), PROT_READ) == 0);
  CHECK(table.reader().read(0, identity(1)) == group(1));
  munmap(memory, sizeof(Table));
}

// The thread sanitizer sees here whether plain memory, as the bytes of a file are, is ordered by the words.
TEST_CASE("Slot: a thread that reads while another publishes gets whole groups, and what was written before them") {
  constexpr uint64_t groups = 300'000;
  std::vector<uint64_t> written(groups + 1);
  Table table;
  table.writer().claim(identity(1));

  std::thread publisher([&] {
    Writer writer = table.writer();
    for (uint64_t n = 1; n <= groups; n++) {
      written[n] = n;
      writer.publish(0, group(n));
    }
  });
  uint64_t last = 0, wrong = 0;
  for (const Reader reader = table.reader(); last < groups && wrong == 0;) {
    const auto seen = reader.read(0, identity(1));
    if (!seen) {
      std::this_thread::yield();
      continue;
    }
    const uint64_t n = (*seen)[0];
    wrong += *seen != group(n) || n < last || written[n] != n;
    last = n;
  }
  publisher.join();
  CHECK(wrong == 0);
  CHECK(last == groups);
}

TEST_CASE("Slot: a thread that looks while another claims and retires sees no half of a slot") {
  constexpr uint64_t slots = 20'000;
  std::vector<Slot<words>> memory(slots);
  uint64_t claimed = 0;

  std::thread owner([&] {
    Writer writer(claimed, memory);
    while (const auto slot = writer.claim(identity(claimed))) {
      writer.publish(*slot, group(*slot));
      if (*slot > 0) writer.retire(*slot - 1);
    }
  });
  const Reader reader(claimed, memory);
  uint64_t wrong = 0;
  for (uint64_t slot = 0; slot < slots && wrong == 0;) {
    const auto seen = reader.identity(slot);
    if (!seen) {
      std::this_thread::yield();
      continue;
    }
    const auto words_seen = reader.read(slot, identity(slot));
    wrong += *seen != identity(slot) || (words_seen && *words_seen != group(slot));
    slot++;
  }
  owner.join();
  CHECK(wrong == 0);
  CHECK(reader.read(slots - 1, identity(slots - 1)) == group(slots - 1));
}
