// LentLog: a log in the hands of a job, and what it leaves to the files of the broker.
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

struct Lent : Fixture {
  Lent() {
    config.segment_bytes = 400;
    open();
    for (int i = 0; i < 10; i++) must_append(batch(2));
    REQUIRE(flush().ok());
    for (Offset at(0); at < Offset(20); at += 2) REQUIRE(readable(at));  // its files are open
    REQUIRE(files->open_count() > 1);
  }
  void lend() { lent = std::make_unique<LentLog>(std::move(log), *files); }
  void take() {
    log = lent->take();
    lent.reset();
  }
  std::unique_ptr<LentLog> lent;
};

}  // namespace

TEST_CASE("Lent log: while a job has it the broker's files have none of its") {
  Lent f;
  f.lend();
  CHECK(f.files->open_count() == 0);
  REQUIRE(f.lent->log().truncate_to(Offset(5), Offset(0)).ok());
  CHECK(f.files->open_count() == 0);
  f.take();
  CHECK(f.files->open_count() == 0);
  CHECK(f.readable(Offset(3)));
  CHECK(f.files->open_count() > 0);
}

TEST_CASE("Lent log: the files of other logs stay open") {
  Lent f;
  auto other = f.files->open("/data/other", os::Open::create);
  REQUIRE(other.ok());
  f.lend();
  CHECK(f.files->open_count() == 1);
}

TEST_CASE("Lent log: a file that is made anew under a name that was cut is the one that is written and read") {
  Lent f;
  f.lend();
  REQUIRE(f.lent->log().truncate_to(Offset(4), Offset(0)).ok());
  f.take();
  std::string all;
  for (int i = 0; i < 8; i++) {
    const std::string bytes = batch(2, t0 + 1000, {}, 30);
    const Offset at = f.must_append(bytes, 3);
    auto read = f.log->read(at, f.log->log_end(), 1 << 20, true);
    REQUIRE(read.ok());
    CHECK(record::BatchView(*read).leader_epoch() == LeaderEpoch(3));
  }
  REQUIRE(f.flush().ok());
  CHECK_FALSE(f.log->failed());
  CHECK(f.log->durable_end() == Offset(20));
  const OpenHint hint{.recovery_point = f.log->recovery_point(), .high_watermark = Offset(20)};
  f.log.reset();
  f.w.power_cut();
  f.open(hint);
  CHECK(f.report.damage.empty());
  CHECK(f.log->log_end() == Offset(20));
  CHECK(f.log->epochs().epoch_at(Offset(4)) == LeaderEpoch(3));
}

TEST_CASE(
    "Lent log: a log that comes back is flushed and closed with the broker's files, and no descriptor is left over") {
  Lent f;
  f.lend();
  REQUIRE(f.lent->log().truncate_to(Offset(9), Offset(0)).ok());
  f.take();
  CHECK(f.log->log_end() == Offset(8));
  f.must_append(batch(2));
  REQUIRE(f.flush().ok());
  REQUIRE(f.log->close().ok());
  f.log.reset();
  f.files->close_idle();
  CHECK(f.files->alive_count() == 0);
  CHECK(f.w.storage.open_handles() == 0);
}
