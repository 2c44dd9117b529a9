// What a segment remembers of the batches that were asked for last spares the index, and may hide nothing: every answer is
// compared with that of a log that was just opened over the same files and remembers nothing.
#include <random>

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

// An answer to read() or extent(), for comparison.
std::string told(const Result<std::string>& bytes) {
  return bytes ? "bytes " + *bytes : "error " + std::to_string(static_cast<int>(bytes.error().code));
}
std::string told(const Result<std::optional<Extent>>& extent) {
  if (!extent) return "error " + std::to_string(static_cast<int>(extent.error().code));
  if (!*extent) return "nothing";
  const Extent& e = **extent;
  return std::to_string(e.segment.value) + " [" + std::to_string(e.position) + ", " + std::to_string(e.end) + ") to " +
         std::to_string(e.next_offset.value);
}

struct Remembering : Fixture {
  using Fixture::Fixture;
  std::string read(int64_t from, int64_t below, size_t bytes_max = 1 << 20) {
    return told(log->read(Offset(from), Offset(below), bytes_max, true));
  }
  std::string extent(int64_t from, int64_t below) { return told(log->reading().extent(Offset(from), Offset(below))); }

  // What a log says that is opened over a copy of the files.
  template <class Ask>
  std::string afresh(Ask ask) {
    MemoryWorld other(99);
    other.storage.restore(*w.storage.save());
    Files its_files(other.storage, 16);
    RecoveryReport its_report;
    OpenHint hint;
    hint.clean_shutdown = true;
    hint.recovery_point = log->log_end();
    auto opened = open_log(other.world, its_files, dir, topic_id, config, hint, its_report);
    REQUIRE(opened.ok());
    (*opened)->advance_log_start(log->log_start()).ok();
    return ask(**opened);
  }
  void check_read(int64_t from, int64_t below, size_t bytes_max = 1 << 20) {
    CAPTURE(from, below, bytes_max);
    CHECK(read(from, below, bytes_max) ==
          afresh([&](Log& l) { return told(l.read(Offset(from), Offset(below), bytes_max, true)); }));
  }
  void check_extent(int64_t from, int64_t below) {
    CAPTURE(from, below);
    CHECK(extent(from, below) == afresh([&](Log& l) { return told(l.reading().extent(Offset(from), Offset(below))); }));
  }
  // As a Fetch of the broker does it.
  void fetch(int64_t from, int64_t below) {
    check_extent(from, below);
    check_read(from, below);
  }

  // Another byte somewhere in a file that was looked at already.
  void flip(int64_t base, size_t at) {
    auto file = w.storage.open(segment(base), os::Open::write);
    REQUIRE(file.ok());
    char byte = w.storage.contents(segment(base))[at];
    byte = static_cast<char>(byte ^ 0x15);
    REQUIRE((*file)->write(Bytes(&byte, 1), at).ok());
  }
};

}  // namespace

TEST_CASE("Located: who reads on where the last answer ended gets what is there, batch after batch") {
  Remembering f;
  f.config.segment_bytes = static_cast<int64_t>(batch(2).size()) * 4;
  f.open();
  int64_t next = 0;
  for (int i = 0; i < 12; i++) {
    f.must_append(batch(2));
    f.fetch(next, f.log->log_end().value);
    f.fetch(next, next);
    next = f.log->log_end().value;
    f.fetch(next, next);
  }
  REQUIRE(f.log->segments().size() > 2);
  for (int64_t from = 0; from <= next; from++) f.fetch(from, next);
}

TEST_CASE("Located: the watermark lies below the end of the log") {
  Remembering f;
  f.open();
  for (int i = 0; i < 4; i++) f.must_append(batch(3));
  for (int64_t below = 0; below <= 12; below++)
    for (int64_t from = 0; from <= below; from++) f.fetch(from, below);
  // And comes nearer, while the reader follows.
  for (int64_t at = 0; at + 3 <= 12; at += 3) f.fetch(at, at + 3);
  f.must_append(batch(3));
  f.fetch(12, 12);
  f.fetch(12, 15);
}

TEST_CASE("Located: what was cut off and appended anew is what is read") {
  Remembering f;
  f.open();
  for (int i = 0; i < 6; i++) f.must_append(batch(2));
  for (int64_t from = 0; from < 12; from++) f.fetch(from, 12);
  auto at = GENERATE(int64_t{4}, int64_t{6}, int64_t{10}, int64_t{0});
  f.fetch(at, 12);
  REQUIRE(f.log->truncate_to(Offset(at), Offset(0)).ok());
  f.fetch(at, at);
  for (int64_t from = 0; from <= at; from++) f.fetch(from, at);
  f.must_append(batch(3, t0 + 5, {}, 77), 1);  // other records, of another size
  f.fetch(at, at + 3);
  f.must_append(batch(1, t0 + 5, {}, 99), 1);
  for (int64_t from = 0; from <= at + 4; from++) f.fetch(from, at + 4);
}

TEST_CASE("Located: any flipped byte of a batch that was looked at already is noticed by the next read") {
  Remembering f;
  f.open();
  for (int i = 0; i < 3; i++) f.must_append(batch(2));
  size_t one = batch(2).size();
  REQUIRE(f.log->read(Offset(0), Offset(6), 1 << 20, true)->size() == one * 3);
  size_t byte = 0;
  for (size_t at = one; at < 2 * one; at++) {
    // Neither base offset nor leader epoch lie under the checksum; the magic and the length do not either, but cannot be.
    bool is_epoch = at >= one + 12 && at < one + 16;
    if (is_epoch) continue;
    byte = at;
    CAPTURE(byte - one);
    f.fetch(2, 6);
    REQUIRE(f.read(2, 6).starts_with("bytes "));
    f.fetch(4, 6);  // the place behind it is known, too
    f.extent(2, 6);
    f.flip(0, at);
    CHECK(f.read(2, 6) == "error " + std::to_string(static_cast<int>(Errc::corrupt_message)));
    CHECK(f.read(3, 6) == "error " + std::to_string(static_cast<int>(Errc::corrupt_message)));
    CHECK(f.read(0, 4).substr(0, 6 + one) ==
          "bytes " + f.w.storage.contents(f.segment(0)).substr(0, one));  // what lies before it
    CHECK(f.read(4, 6).size() == 6 + one);                                // and behind it
    f.flip(0, at);                                                        // as it was
    CHECK(f.read(2, 6).size() == 6 + 2 * one);
  }
}

TEST_CASE("Located: damage of what was looked at is told the same by a log that never saw it whole") {
  Remembering f;
  f.config.index_interval_bytes = 1;
  f.open();
  for (int i = 0; i < 5; i++) f.must_append(batch(2));
  size_t one = batch(2).size();
  unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 60; i++) {
    for (int j = 0; j < 4; j++) {
      int64_t from = static_cast<int64_t>(random() % 11), below = static_cast<int64_t>(random() % 11);
      f.extent(from, below);
      f.read(from, below);
    }
    size_t at = random() % (one * 5);
    f.flip(0, at);
    CAPTURE(i, at);
    for (int64_t from = 0; from < 10; from++) {
      std::string found = f.read(from, 10);
      // Never other bytes than those that were appended, and never a batch that is not asked for.
      if (!found.starts_with("bytes ")) continue;
      auto view = record::BatchView::parse(Bytes(found).substr(6));
      REQUIRE(view.ok());
      CHECK(view->crc_is_valid());
      CHECK(view->base_offset() == Offset(from / 2 * 2));
    }
    f.flip(0, at);
  }
}

namespace {

// A compacted topic's log: the batches that a cleaner left, with holes between them.
void fill_with_holes(Remembering& f, const std::vector<int64_t>& bases, int count) {
  f.config.compact_policy = true;
  f.open();
  f.must_append(batch(1));
  REQUIRE(f.log->close().ok());
  std::string bytes;
  for (int64_t base : bases) {
    std::string b = batch(count);
    record::stamp(b.data(), Offset(base), LeaderEpoch(0));
    bytes += b;
  }
  f.w.storage.put(f.segment(0), bytes);
  for (const char* index : {".index", ".timeindex"}) f.w.storage.erase(f.segment(0, index));
  OpenHint hint;
  hint.clean_shutdown = true;
  hint.recovery_point = Offset(bases.back() + count);
  f.open(hint);
  REQUIRE(f.log->log_end() == Offset(bases.back() + count));
}

}  // namespace

TEST_CASE("Located: holes of a compacted log are passed over, from any offset to any watermark") {
  Remembering f;
  fill_with_holes(f, {0, 5, 7, 20}, 2);
  for (int64_t below = 0; below <= 22; below++)
    for (int64_t from = 0; from <= below; from++) f.fetch(from, below);
  f.must_append(batch(2));
  for (int64_t from = 0; from <= 24; from++) f.fetch(from, 24);
}

TEST_CASE("Located: a hole that compaction left tells no batch by a wrong name") {
  Remembering f;
  fill_with_holes(f, {0, 5, 7, 20}, 2);
  // The watermark in a hole: reading goes on behind it, and asks for offsets that no batch has.
  for (int64_t below : {3, 10, 15}) {
    f.fetch(0, below);
    f.fetch(below, below);
    f.fetch(below, 22);
    f.fetch(below + 1, 22);
  }
}

TEST_CASE("Located: damage behind the watermark of a compacted log is told when the watermark has passed it") {
  Remembering f;
  fill_with_holes(f, {0, 2, 4}, 2);
  size_t one = batch(2).size();
  f.flip(0, one + 16);  // the magic of the second batch
  f.extent(0, 2);       // it lies right behind what may be read: where reading will go on is noted
  CHECK(f.read(2, 6) == "error " + std::to_string(static_cast<int>(Errc::corrupt_message)));
}
