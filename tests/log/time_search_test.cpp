// Which record has a time, where some are missing: the right one, or an error.
#include "log/time_search.h"

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

constexpr int64_t batches = 6, records = 10;

// Three segments of two batches of ten records, a second from batch to batch, a millisecond from record to record.
void fill(Fixture& f) {
  f.config.segment_bytes = 1000;
  f.config.index_interval_bytes = 100;
  f.open();
  for (int64_t i = 0; i < batches; i++) f.must_append(batch(records, t0 + i * 1000));
  REQUIRE(f.log->segments().size() == 3);
  REQUIRE(f.log->close());
  f.log.reset();
}

// Takes the batches from `from` up to `to`, of all that there are, out of their files: the end of one, and whole ones.
void take_away(Fixture& f, int64_t from, int64_t to, bool with_files) {
  for (int64_t base : {0, 2, 4}) {
    const std::string path = f.segment(base * records);
    const std::string bytes = f.w.storage.contents(path);
    const size_t one = bytes.size() / 2;
    std::string left;
    for (int64_t i : {base, base + 1})
      if (i < from || i >= to) left += bytes.substr(static_cast<size_t>(i - base) * one, one);
    if (left.size() == bytes.size()) continue;
    f.w.storage.put(path, left);
    if (!left.empty() || !with_files) continue;
    for (const char* suffix : {".log", ".index", ".timeindex"}) f.w.storage.erase(f.segment(base * records, suffix));
  }
}

Result<std::optional<FoundOffset>> first_from(Fixture& f, int64_t at) {
  return f.log->reading().offset_for_time(Timestamp(at), f.log->log_end());
}

}  // namespace

TEST_CASE(
    "TimeSearch: a record that may be missing is an error, one that is there is found, whatever is missing elsewhere") {
  for (int64_t from = 0; from < batches; from++)
    for (int64_t to = from / 2 * 2 + 2; to <= batches; to += 2)
      for (bool with_files : {true, false})
        for (bool is_clean : {true, false}) {
          INFO("batches " << from << " to " << to << (with_files ? " with their files" : "")
                          << (is_clean ? ", clean" : ", killed"));
          Fixture f;
          fill(f);
          take_away(f, from, to, with_files);
          OpenHint hint;
          hint.clean_shutdown = is_clean;
          hint.same_boot = true;
          hint.recovery_point = hint.high_watermark = Offset(batches * records);
          f.open(hint);
          REQUIRE(f.log->log_start() == Offset(0));
          REQUIRE(f.log->log_end() == Offset(batches * records));
          for (int64_t i = 0; i <= batches; i++)
            for (int64_t ms : {-1, 0, 1, 9}) {
              INFO("batch " << i << ", ms " << ms);
              auto found = first_from(f, t0 + i * 1000 + ms);
              const int64_t first = i * records + std::max<int64_t>(ms, 0);  // if none were missing
              // What lies directly behind the gap may have had one before it.
              const bool may_be_missing =
                  (i >= from && i < to) || (to < batches && i == to && ms <= 0) || (to == batches && i == batches);
              if (may_be_missing) {
                CHECK(found.error().code == Errc::corrupt_message);
              } else {
                REQUIRE(found.ok());
                CHECK(found->has_value() == (i < batches));
                if (*found) CHECK((*found)->offset == Offset(first));
              }
            }
          auto largest = f.log->reading().offset_of_max_timestamp(f.log->log_end());
          if (to == batches) CHECK(largest.error().code == Errc::corrupt_message);
          else CHECK(largest.value()->offset == Offset(batches * records - 1));
        }
}

TEST_CASE("TimeSearch: what was appended behind a gap is found, and does not hide it") {
  for (bool with_folder : {true, false}) {
    INFO(with_folder);
    Fixture f;
    fill(f);
    for (const std::string& path : f.w.storage.paths(f.dir))
      if (with_folder || path.ends_with(".log")) f.w.storage.erase(path);
    OpenHint hint;
    hint.clean_shutdown = true;
    hint.recovery_point = hint.high_watermark = Offset(60);
    f.open(hint);
    CHECK(first_from(f, t0).error().code == Errc::corrupt_message);
    CHECK(first_from(f, t0 + 100'000).error().code == Errc::corrupt_message);
    REQUIRE(f.must_append(batch(10, t0 + 10'000)) == Offset(60));
    CHECK(first_from(f, t0 + 5000).error().code == Errc::corrupt_message);
    CHECK(first_from(f, t0 + 10'000).error().code == Errc::corrupt_message);
    CHECK(first_from(f, t0 + 10'001).value()->offset == Offset(61));
    CHECK_FALSE(first_from(f, t0 + 100'000).value().has_value());
    CHECK(f.log->reading().offset_of_max_timestamp(f.log->log_end()).value()->offset == Offset(69));
  }
}

TEST_CASE("TimeSearch: damage in the middle of a segment may hold what is asked for, unless what follows is too old") {
  for (int64_t which : {0, 1, 2}) {
    INFO(which);
    Fixture f;
    f.open();
    for (int64_t i = 0; i < 4; i++) f.must_append(batch(records, t0 + i * 1000));
    REQUIRE(f.log->close());
    std::string bytes = f.w.storage.contents(f.segment(0));
    bytes[static_cast<size_t>(which) * bytes.size() / 4 + 16] ^= 1;  // no batch begins there
    f.w.storage.put(f.segment(0), bytes);
    OpenHint hint;
    hint.clean_shutdown = true;
    hint.recovery_point = hint.high_watermark = Offset(40);
    f.open(hint);
    for (int64_t i = 0; i < 4; i++) {
      INFO(i);
      auto found = first_from(f, t0 + i * 1000);
      if (i == which || i == which + 1) CHECK(found.error().code == Errc::corrupt_message);
      else CHECK(found.value()->offset == Offset(i * records));
      auto within = first_from(f, t0 + i * 1000 + 5);
      if (i == which) CHECK(within.error().code == Errc::corrupt_message);
      else CHECK(within.value()->offset == Offset(i * records + 5));
    }
  }
}

TEST_CASE("TimeSearch: what lies below the log's start is not missed") {
  Fixture f;
  fill(f);
  take_away(f, 0, 2, true);
  std::string bytes = f.w.storage.contents(f.segment(20));
  bytes[16] ^= 1;  // no batch begins there
  f.w.storage.put(f.segment(20), bytes);
  OpenHint hint;
  hint.clean_shutdown = true;
  hint.recovery_point = hint.high_watermark = Offset(60);
  hint.log_start = Offset(30);
  f.open(hint);
  CHECK(first_from(f, t0).value()->offset == Offset(30));
  CHECK(first_from(f, t0 + 3005).value()->offset == Offset(35));
}
