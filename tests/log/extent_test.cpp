// Log::extent: where batches lie, for readers of the file. What is expected is read from the files themselves.
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace bobbin::log {

inline bool operator==(const Extent& a, const Extent& b) {
  return a.segment == b.segment && a.position == b.position && a.end == b.end && a.next_offset == b.next_offset;
}
inline std::ostream& operator<<(std::ostream& out, const Extent& e) {
  return out << e.segment.value << ".log [" << e.position << ", " << e.end << ") to offset " << e.next_offset.value;
}

}  // namespace bobbin::log

namespace {

// Batches of one to four records, three or four to a segment.
void fill(Fixture& f) {
  f.config.segment_bytes = static_cast<int64_t>(batch(3).size()) * 4;
  f.open();
  for (int i = 0; i < 20; i++) f.must_append(batch(1 + i % 4));
  REQUIRE(f.log->segments().size() > 3);
}

std::vector<Offset> bases(Fixture& f) {
  std::vector<Offset> found;
  for (const std::string& path : f.w.storage.paths(f.dir))
    if (path.ends_with(".log")) found.push_back(*parse_offset_name(path.substr(path.rfind('/') + 1), ".log"));
  std::sort(found.begin(), found.end());
  return found;
}

// What extent() should say, found by reading every batch of every file.
std::optional<Extent> expected(Fixture& f, Offset from, Offset below) {
  for (Offset base : bases(f)) {
    std::optional<Extent> extent;
    uint64_t position = 0;
    for (const BatchFacts& b : batches_of(f.w.storage.contents(f.segment(base.value)))) {
      if (b.last_offset >= from && b.last_offset < below) {
        if (!extent) extent = Extent{base, position, 0, {}};
        extent->end = position + b.bytes;
        extent->next_offset = b.last_offset + 1;
      }
      position += b.bytes;
    }
    if (extent) return extent;
  }
  return std::nullopt;
}

void check_all(Fixture& f, Offset first, Offset below) {
  for (Offset from = first; from <= f.log->log_end(); from = from + 1) {
    CAPTURE(from.value, below.value);
    auto found = f.log->reading().extent(from, below);
    REQUIRE(found.ok());
    auto wanted = from < below ? expected(f, from, below) : std::nullopt;
    REQUIRE(found->has_value() == wanted.has_value());
    if (wanted) CHECK(**found == *wanted);
  }
}

Errc extent_code(Fixture& f, int64_t from) {
  auto found = f.log->reading().extent(Offset(from), f.log->log_end());
  return found ? Errc::none : found.error().code;
}

}  // namespace

TEST_CASE("Extent: from every offset to every end, all that one segment has of the batches between") {
  Fixture f;
  fill(f);
  for (Offset below{0}; below <= f.log->log_end(); below = below + 1) check_all(f, Offset(0), below);
  check_all(f, Offset(0), f.log->log_end() + 100);
}

TEST_CASE("Extent: nothing at the end, an error outside the log, an empty log has none") {
  Fixture f;
  f.open();
  CHECK_FALSE(f.log->reading().extent(Offset(0), Offset(0))->has_value());
  CHECK_FALSE(f.log->reading().extent(Offset(0), Offset(5))->has_value());
  CHECK(extent_code(f, 1) == Errc::offset_out_of_range);
  f.must_append(batch(3));
  CHECK_FALSE(f.log->reading().extent(Offset(3), Offset(3))->has_value());
  CHECK(extent_code(f, 4) == Errc::offset_out_of_range);
  CHECK(extent_code(f, -1) == Errc::offset_out_of_range);
}

TEST_CASE("Extent: what is appended to the active segment lengthens it, and a roll begins another") {
  Fixture f;
  f.config.segment_bytes = static_cast<int64_t>(batch(2).size()) * 2;
  f.open();
  uint64_t one = batch(2).size();
  f.must_append(batch(2));
  CHECK(**f.log->reading().extent(Offset(1), f.log->log_end()) == Extent{Offset(0), 0, one, Offset(2)});
  f.must_append(batch(2));
  CHECK(**f.log->reading().extent(Offset(1), f.log->log_end()) == Extent{Offset(0), 0, one * 2, Offset(4)});
  f.must_append(batch(2));
  CHECK(**f.log->reading().extent(Offset(1), f.log->log_end()) == Extent{Offset(0), 0, one * 2, Offset(4)});
  CHECK(**f.log->reading().extent(Offset(4), f.log->log_end()) == Extent{Offset(4), 0, one, Offset(6)});
}

TEST_CASE("Extent: what retention took is out of range, what is left is where it was") {
  Fixture f;
  fill(f);
  REQUIRE(f.flush().ok());
  Offset first = bases(f)[2];
  REQUIRE(f.log->advance_log_start(first + 1).ok());
  CHECK(f.log->retention(f.w.clock.wall(), f.log->log_end()).value() == 2);
  REQUIRE(f.flush().ok());
  f.w.jobs.run_all();
  CHECK(extent_code(f, first.value) == Errc::offset_out_of_range);
  check_all(f, first + 1, f.log->log_end());
}

TEST_CASE("Extent: a damaged header is told where it lies, and hides neither what is before nor what is behind") {
  Fixture f;
  fill(f);
  REQUIRE(f.log->close().ok());
  Offset base = bases(f)[1];
  std::string bytes = f.w.storage.contents(f.segment(base.value));
  auto batches = batches_of(bytes);
  REQUIRE(batches.size() > 2);
  bytes[batches[0].bytes + 16] = 9;  // the magic of the second batch
  f.w.storage.put(f.segment(base.value), bytes);
  OpenHint hint;
  hint.clean_shutdown = true;
  f.open(hint);
  Offset end = f.log->log_end();
  for (Offset at = batches[1].base_offset; at <= batches[1].last_offset; at = at + 1)
    CHECK(extent_code(f, at.value) == Errc::corrupt_message);
  auto before = f.log->reading().extent(base, end);
  REQUIRE(before.ok());
  REQUIRE(before->has_value());
  CHECK((*before)->segment == base);
  CHECK((*before)->position == 0);
  auto behind = f.log->reading().extent(batches[2].base_offset, end);
  REQUIRE(behind.ok());
  REQUIRE(behind->has_value());
  CHECK((*behind)->position == batches[0].bytes + batches[1].bytes);
  CHECK(extent_code(f, 0) == Errc::none);
}

TEST_CASE("Log: a base offset that changed on the disk passes over no record") {
  Fixture f;
  f.open();
  for (int i = 0; i < 5; i++) f.must_append(batch(2));
  REQUIRE(f.log->close().ok());
  std::string bytes = f.w.storage.contents(f.segment(0));
  bytes[batch(2).size() * 2 + 7] ^= 0x40;  // of the third batch; no checksum covers it
  f.w.storage.put(f.segment(0), bytes);
  OpenHint hint;
  hint.clean_shutdown = true;
  hint.recovery_point = Offset(10);
  f.open(hint);
  CHECK(f.log->log_end() == Offset(10));
  CHECK(f.log->read(Offset(0), f.log->log_end(), 1 << 20, true)->size() == batch(2).size() * 2);
  CHECK(f.read_code(Offset(4)) == Errc::corrupt_message);
}
