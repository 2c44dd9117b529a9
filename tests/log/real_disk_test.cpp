// Logs on a real disk, with helper threads: what a job does with one while the deciding thread works on others.
#include <poll.h>

#include "log/log_fixture.h"
#include "os/posix/world.h"
#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

struct Broker {
  Broker() {
    config.segment_bytes = 4000;
    config.index_interval_bytes = 500;
  }
  std::string dir(int n) const { return folder / ("t-" + std::to_string(n)); }
  std::unique_ptr<Log> open(int n, const OpenHint& hint = {}) {
    RecoveryReport report;
    auto log = open_log(world->world(), files, dir(n), topic_id, config, hint, report);
    if (!log) FAIL(log.error().message);
    return std::move(*log);
  }
  void append(Log& log, int count) {
    for (int i = 0; i < count; i++) {
      std::string bytes = batch(3, t0, {1, 0, next_sequence});
      next_sequence += 3;
      auto done = log.append(bytes, LeaderEpoch(0), AppendOrigin::client);
      if (!done) FAIL(done.error().message);
    }
  }
  // At most ten seconds: until `done`.
  void work_on(Log& log, const bool& done) {
    for (int turns = 0; !done; turns++) {
      REQUIRE(turns < 10'000);
      append(log, 1);
      REQUIRE(Fixture::flush(log).ok());
      pollfd fd{world->jobs().fd(), POLLIN, 0};
      poll(&fd, 1, 1);
      world->jobs().run_completed();
    }
  }

  ::test::TempDir folder;
  std::unique_ptr<os::PosixWorld> world = os::PosixWorld::create().value();
  Files files{world->world().storage, 8};
  LogConfig config;
  int32_t next_sequence = 0;
};

}  // namespace

TEST_CASE("Log on a real disk: a job opens one after a crash while another is written to") {
  Broker b;
  auto other = b.open(1);
  {
    auto log = b.open(0);
    b.append(*log, 200);
    b.next_sequence = 0;
  }  // neither flushed nor closed, as if the process had died
  auto opening = std::make_shared<OpenWork>(b.world->world(), b.files, ToOpen{b.dir(0), topic_id, b.config, {}});
  std::unique_ptr<Log> log;
  bool done = false;
  b.world->world().jobs.submit([opening] { opening->run(); },
                               [&, opening] {
                                 auto taken = opening->take();
                                 REQUIRE(taken.ok());
                                 log = std::move(*taken);
                                 done = true;
                               });
  b.work_on(*other, done);
  CHECK(log->log_end() == Offset(600));
  CHECK(opening->report().damage.empty());
  CHECK(opening->report().scanned_bytes > 0);
  b.next_sequence = 600;
  b.append(*log, 50);
  REQUIRE(log->close().ok());
  CHECK(log->read(Offset(700), log->log_end(), 1 << 20, true).ok());
}

TEST_CASE("Log on a real disk: a job cuts one that was handed to it while another is written to") {
  Broker b;
  auto other = b.open(1);
  auto log = b.open(0);
  b.append(*log, 200);
  REQUIRE(Fixture::flush(*log).ok());
  REQUIRE(log->read(Offset(300), log->log_end(), 1 << 20, true).ok());  // its files are open here
  auto lent = std::make_shared<LentLog>(std::move(log), b.files);
  auto cut = std::make_shared<Status>();
  bool done = false;
  b.world->world().jobs.submit([lent, cut] { *cut = lent->log().truncate_to(Offset(150), Offset(90)); },
                               [&, lent] {
                                 log = lent->take();
                                 done = true;
                               });
  b.next_sequence = 0;
  b.work_on(*other, done);
  REQUIRE(cut->ok());
  CHECK(log->log_end() == Offset(150));
  b.next_sequence = 150;  // what it knows of its producer is cut, too
  b.append(*log, 100);
  CHECK(log->log_end() == Offset(450));
  REQUIRE(log->close().ok());
  log.reset();
  OpenHint hint;
  hint.clean_shutdown = true;
  hint.recovery_point = Offset(450);
  log = b.open(0, hint);
  CHECK(log->log_end() == Offset(450));
  for (Offset at(0); at < Offset(450); at += 3) {
    auto bytes = log->read(at, log->log_end(), 1, true);
    REQUIRE(bytes.ok());
    CHECK(record::BatchView(*bytes).base_sequence().value == at.value);
  }
}
