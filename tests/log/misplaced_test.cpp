// A sound batch that stands where its offsets cannot be: what was told as damage once is never believed later, whatever
// became of the neighbours that told it, and wherever the log ends by then.
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

std::string batch_at(int64_t base, int count = 1) {
  std::string bytes = batch(count);
  record::stamp(bytes.data(), Offset(base), LeaderEpoch(0));
  return bytes;
}

// After a power cut: the first segment has a batch of a strange offset between those of 0 and 1, and its end is torn. So
// the segment that begins at offset 10 leads nowhere and is put aside; it was what told where the first one ends.
struct Misplaced : Fixture {
  explicit Misplaced(int64_t strange) {
    config.compact_policy = true;
    open();
    must_append(batch(1));
    REQUIRE(log->close().ok());
    log.reset();
    std::string torn = batch_at(3);
    torn.back() ^= 1;
    w.storage.put(segment(0), batch_at(0) + batch_at(strange) + batch_at(1, 2) + torn);
    w.storage.put(segment(10), batch_at(10, 2));
    for (const char* index : {".index", ".timeindex"}) w.storage.erase(segment(0, index));
    OpenHint crashed;
    crashed.recovery_point = Offset(2);
    open(crashed);
  }
  void open_again() {
    Offset end = log->log_end();
    REQUIRE(log->close().ok());
    log.reset();
    for (const char* index : {".index", ".timeindex"}) w.storage.erase(segment(0, index));
    OpenHint clean;
    clean.clean_shutdown = true;
    clean.recovery_point = end;
    open(clean);
  }
};

}  // namespace

TEST_CASE("Misplaced: a batch that a neighbour told from the log's own is none when the neighbour is gone") {
  auto strange = GENERATE(3, 10, 11, 20, 1 << 30);
  CAPTURE(strange);
  Misplaced f(strange);
  REQUIRE(f.log->log_end() == Offset(3));
  CHECK(f.readable(Offset(0)));
  CHECK(f.readable(Offset(1)));
  SECTION("nothing was appended meanwhile") {
    f.open_again();
    CHECK(f.log->log_end() == Offset(3));
    CHECK(f.readable(Offset(0)));
    CHECK(f.readable(Offset(1)));
  }
  SECTION("records were") {
    for (int64_t next = 3; next < 13; next++) CHECK(f.must_append(batch(1)) == Offset(next));
    f.open_again();
    CHECK(f.log->log_end() == Offset(13));
    for (int64_t offset : {0, 1, 3, 9, 10, 11, 12}) CHECK(f.readable(Offset(offset)));
  }
}

// The first of two segments begins with a batch that reaches far beyond the second one, which is put aside.
TEST_CASE("Misplaced: a batch that reaches further than the log ever did is none when the log has grown") {
  for (int64_t last : {11, 12, 13, 25, 1 << 30}) {
    CAPTURE(last);
    Fixture f;
    f.open();
    f.must_append(batch(1));
    REQUIRE(f.log->close().ok());
    f.log.reset();
    std::string far = batch_at(0);
    store_be(far.data() + 23, static_cast<int32_t>(last));  // its lastOffsetDelta
    record::stamp_producer(far.data(), far.size(), producer_id_none, ProducerEpoch(-1), Sequence(-1));  // sums anew
    f.w.storage.put(f.segment(0), far + batch_at(6, 4));
    f.w.storage.put(f.segment(11), batch_at(11));
    for (const char* index : {".index", ".timeindex"}) f.w.storage.erase(f.segment(0, index));
    OpenHint crashed;
    crashed.recovery_point = Offset(9);
    f.open(crashed);
    REQUIRE(f.log->log_end() == Offset(10));
    CHECK(f.read_code(Offset(0)) == Errc::corrupt_message);
    for (int64_t next = 10; next < 30; next++) CHECK(f.must_append(batch(1)) == Offset(next));
    for (int life = 0; life < 2; life++) {
      REQUIRE(f.log->close().ok());
      f.log.reset();
      for (const char* index : {".index", ".timeindex"}) f.w.storage.erase(f.segment(0, index));
      OpenHint clean;
      clean.clean_shutdown = true;
      clean.recovery_point = Offset(30);
      f.open(clean);
      REQUIRE(f.log->log_end() == Offset(30));
      for (int64_t offset : {6, 9, 10, 29}) CHECK(f.readable(Offset(offset)));
    }
  }
}

namespace {

// Six batches of one record each, in one segment of a log whose process died; what came of the file is read in its place.
struct Killed : Fixture {
  explicit Killed(bool compact, const std::vector<int64_t>& bases) {
    config.compact_policy = compact;
    open();
    must_append(batch(1));
    REQUIRE(log->close().ok());
    log.reset();
    std::string bytes;
    for (int64_t base : bases) bytes += batch_at(base);
    w.storage.put(segment(0), bytes);
    for (const char* index : {".index", ".timeindex"}) w.storage.erase(segment(0, index));
    for (const std::string& path : w.storage.paths(dir))
      if (path.ends_with(".snapshot")) w.storage.erase(path);
    open({false, Offset(0), Offset(0), true});
  }
  std::vector<int64_t> readable_ones(int64_t below) {
    std::vector<int64_t> all;
    for (int64_t offset = 0; offset < below; offset++)
      if (readable(Offset(offset))) all.push_back(offset);
    return all;
  }
};

using Offsets = std::vector<int64_t>;

}  // namespace

TEST_CASE("Misplaced: a base offset that was spoiled costs its own batch, and none behind it") {
  for (bool compact : {false, true})
    for (int64_t spoiled : {3, 5, 6, 100, 1 << 30}) {
      CAPTURE(compact, spoiled);
      Killed k(compact, {0, 1, spoiled, 3, 4, 5});
      CHECK(k.log->log_end() == Offset(6));
      CHECK(k.readable_ones(6) == Offsets{0, 1, 3, 4, 5});
      CHECK(k.report.cuts.empty());
      CHECK(k.report.damage.size() == 1);
      CHECK(k.must_append(batch(1)) == Offset(6));
    }
}

TEST_CASE("Misplaced: what stands whole behind a hole was not cut short by the death of a process") {
  for (bool compact : {false, true}) {
    CAPTURE(compact);
    Killed two(compact, {0, 1, 4, 5});
    CHECK(two.report.cuts.empty());
    if (!compact) CHECK(two.readable_ones(6) == Offsets{0, 1, 4, 5});
    // One alone may be one whose offset was spoiled: it is told, and not believed; nor is it taken away.
    Killed one(compact, {0, 1, 5});
    CHECK(one.report.cuts.empty());
    CHECK(one.report.damage.size() == 1);
    CHECK(one.readable_ones(2) == Offsets{0, 1});
    if (!compact) CHECK(one.read_code(Offset(4)) == Errc::corrupt_message);
    CHECK(one.must_append(batch(1)) == Offset(6));  // what was given out is not given again
    CHECK(one.readable(Offset(6)));
    Killed far(compact, {0, 1, 1 << 30});  // nobody wrote that many: its own offset is what was spoiled
    CHECK(far.report.cuts.empty());
    CHECK(far.report.damage.size() == 1);
    CHECK(far.must_append(batch(1)) == Offset(3));
  }
}

TEST_CASE("Misplaced: a batch between two holes is found") {
  Killed k(false, {0, 1, 3, 5, 6});
  CHECK(k.readable_ones(7) == Offsets{0, 1, 3, 5, 6});
}
