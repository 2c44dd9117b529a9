// Which segments may go. Each has two batches of one record, a second apart.
#include "log/retention.h"

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

struct Three : Fixture {
  Three() {
    config.segment_bytes = 2 * size;
    config.retention_ms = -1;
    open();
    for (int i = 0; i < 6; i++) must_append(batch(1, t0 + i * 1000));
    REQUIRE(log->close().ok());
    for (int64_t base : {0, 2, 4}) {
      auto segment = Segment::adopt(*files, dir, Offset(base));
      REQUIRE(segment.ok());
      list.push_back(std::move(*segment));
    }
    segments.emplace(*files, dir, std::move(list), Offset(6));
  }
  size_t gone(const RetentionAt& at) {
    auto count = expired_segments(*segments, config, at);
    REQUIRE(count.ok());
    return *count;
  }

  const int64_t size = static_cast<int64_t>(batch(1).size());
  Segments::List list;
  std::optional<Segments> segments;
};

constexpr Timestamp never = Timestamp(t0 + 1000LL * 3600 * 24 * 365);

}  // namespace

TEST_CASE("Retention: without a limit nothing goes, however old and large") {
  Three f;
  CHECK(f.gone({Offset(0), Offset(6), never}) == 0);
  f.config.retention_ms = 0;
  f.config.retention_bytes = 0;
  CHECK(f.gone({Offset(0), Offset(6), never}) == 3);
  f.config.delete_policy = false;
  CHECK(f.gone({Offset(0), Offset(6), never}) == 0);
}

TEST_CASE("Retention: what is left is no less than retention.bytes") {
  Three f;
  for (int64_t bytes = 0; bytes <= 7 * f.size; bytes++) {
    f.config.retention_bytes = bytes;
    auto expected = static_cast<size_t>(std::max<int64_t>(0, 6 * f.size - bytes) / (2 * f.size));
    REQUIRE(f.gone({Offset(0), Offset(6), Timestamp(t0)}) == expected);
  }
}

TEST_CASE(
    "Retention: a segment goes when its newest record is older than retention.ms, and the watermark is above it") {
  Three f;
  f.config.retention_ms = 10000;
  CHECK(f.gone({Offset(0), Offset(6), Timestamp(t0 + 11000)}) == 0);
  CHECK(f.gone({Offset(0), Offset(6), Timestamp(t0 + 11001)}) == 1);
  CHECK(f.gone({Offset(0), Offset(6), Timestamp(t0 + 13001)}) == 2);
  CHECK(f.gone({Offset(0), Offset(5), never}) == 2);
  CHECK(f.gone({Offset(0), Offset(1), never}) == 0);
  CHECK(f.gone({Offset(0), Offset(6), never}) == 3);  // the active one, too
}

TEST_CASE("Retention: what lies below the log's start goes, whatever the limits, but not the active segment") {
  Three f;
  f.config.delete_policy = GENERATE(true, false);
  for (int64_t start = 0; start <= 6; start++)
    CHECK(f.gone({Offset(start), Offset(6), Timestamp(t0)}) == static_cast<size_t>(std::min<int64_t>(start / 2, 2)));
}

TEST_CASE("Retention: a disk that cannot be read is told") {
  Three f;
  f.config.retention_ms = 10000;
  f.w.storage.inject({1, true, Errc::io_error, 0, {Call::read}});
  auto count = expired_segments(*f.segments, f.config, {Offset(0), Offset(6), never});
  CHECK_FALSE(count.ok());
}
