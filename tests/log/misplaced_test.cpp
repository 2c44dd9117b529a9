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
  const bool is_told = strange >= 10;
  if (!is_told) {  // compaction leaves such holes; what follows is what stands in the wrong place
    CHECK(f.log->log_end() == Offset(4));
    return;
  }
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
