// The largest offset at which a log ends: what tells of a larger one, and what would be appended behind it.
#include "base/crc32c.h"
#include "log/checkpoints.h"
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;
using record::log_end_max;

namespace {

// A log of ten records that was closed, beside which a file has this name.
void close_beside(Fixture& f, Offset offset, const char* suffix, const std::string& bytes = {}) {
  f.open();
  f.must_append(batch(10));
  REQUIRE(f.log->close().ok());
  f.log.reset();
  f.w.storage.put(f.segment(offset.value, suffix), bytes);
}

std::string stamped(Offset base, int count) {
  std::string bytes = batch(count);
  record::stamp(bytes.data(), base, LeaderEpoch(0));
  return bytes;
}

constexpr OpenHint clean{.clean_shutdown = true, .recovery_point = Offset(10), .high_watermark = Offset(10)};

}  // namespace

TEST_CASE("Log: a file whose name is an offset that no log has is damage, and is named") {
  const Offset named = GENERATE(log_end_max + 1, Offset(INT64_MAX - 7), Offset(INT64_MAX - 1), Offset(INT64_MAX));
  const char* suffix = GENERATE(".log", ".index", ".timeindex", ".snapshot");
  const OpenHint hint = GENERATE(OpenHint{}, clean, OpenHint{.same_boot = true});
  CAPTURE(named.value, suffix, hint.clean_shutdown, hint.same_boot);
  Fixture f;
  close_beside(f, named, suffix);
  auto opened = f.try_open(hint);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == Errc::damaged);
  CHECK(opened.error().message.find(f.segment(named.value, suffix)) != std::string::npos);
  // Somebody moves it away: all is as it was.
  f.w.storage.erase(f.segment(named.value, suffix));
  f.open(hint);
  CHECK(f.report.damage.empty());
  CHECK(f.log->log_end() == Offset(10));
  CHECK(f.readable(Offset(9)));
  CHECK(f.must_append(batch(1)) == Offset(10));
}

TEST_CASE("Log: what would be appended behind the largest end is refused for good, and what lies before it is read") {
  Fixture f;
  close_beside(f, log_end_max - 5, ".log");
  f.open(clean);
  CHECK(f.report.damage.size() == 1);
  CHECK(f.log->log_end() == log_end_max - 5);
  CHECK(f.must_append(batch(3)) == log_end_max - 5);
  auto refused = f.append(batch(3));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::damaged);
  CHECK(refused.error().message.find(f.dir + ": ") == 0);
  CHECK(refused.error().message.find(" " + to_string(log_end_max - 2) + ":") != std::string::npos);
  CHECK(f.log->log_end() == log_end_max - 2);
  CHECK_FALSE(f.log->failed());
  CHECK(f.must_append(batch(2)) == log_end_max - 2);
  CHECK(f.log->log_end() == log_end_max);
  for (int again = 0; again < 2; again++) CHECK(f.append_code(batch(1)) == Errc::damaged);
  REQUIRE(f.log->close().ok());

  OpenHint hint{.clean_shutdown = true, .recovery_point = log_end_max, .high_watermark = log_end_max};
  hint.clean_shutdown = GENERATE(true, false);
  f.open(hint);
  CHECK(f.report.cuts.empty());
  CHECK(f.log->log_end() == log_end_max);
  for (int i = 1; i <= 5; i++) CHECK(f.readable(log_end_max - i));
  CHECK(f.readable(Offset(9)));
  CHECK(f.append_code(batch(1)) == Errc::damaged);
}

TEST_CASE("Log: a leader's batch that reaches behind the largest end is not taken") {
  Fixture f;
  f.open();
  for (const std::string& beyond : {stamped(log_end_max - 2, 3), stamped(log_end_max, 1)}) {
    auto taken = f.log->append(beyond, LeaderEpoch(0), AppendOrigin::replication);
    REQUIRE_FALSE(taken.ok());
    CHECK(taken.error().code == Errc::damaged);
    CHECK(f.log->log_end() == Offset(0));
  }
  REQUIRE(f.log->append(stamped(log_end_max - 3, 3), LeaderEpoch(0), AppendOrigin::replication).ok());
  CHECK(f.log->log_end() == log_end_max);
  CHECK(f.log->append(stamped(log_end_max, 1), LeaderEpoch(0), AppendOrigin::replication).error().code ==
        Errc::damaged);
  CHECK(f.readable(log_end_max - 1));
}

TEST_CASE("Log: a batch in a segment that reaches behind the largest end is none") {
  OpenHint hint = GENERATE(OpenHint{}, clean, OpenHint{.same_boot = true});
  hint.is_vouched_for = true;
  CAPTURE(hint.clean_shutdown, hint.same_boot);
  Fixture f;
  const std::string good = stamped(log_end_max - 5, 4);
  const std::string beyond = stamped(log_end_max - 1, 3);
  f.w.storage.put(f.segment((log_end_max - 5).value), good + beyond);
  f.open(hint);
  CHECK(f.log->log_end() == log_end_max - 1);
  CHECK(f.readable(log_end_max - 2));
  CHECK(f.append_code(batch(2)) == Errc::damaged);
  CHECK(f.must_append(batch(1)) == log_end_max - 1);
}

TEST_CASE("Checkpoints: an offset at which no log ends is damage") {
  const std::string most = to_string(log_end_max);
  CHECK(parse_checkpoint("0\n1\nt 0 " + most + "\n")->at({"t", PartitionId(0)}) == log_end_max);
  CHECK(Epochs::parse("0\n1\n0 " + most + "\n")->latest() == LeaderEpoch(0));
  for (Offset bad : {log_end_max + 1, Offset(INT64_MAX - 1), Offset(INT64_MAX)}) {
    CHECK(parse_checkpoint("0\n1\nt 0 " + to_string(bad) + "\n").error().code == Errc::damaged);
    CHECK(Epochs::parse("0\n1\n0 " + to_string(bad) + "\n").error().code == Errc::malformed);
  }
}
