// Housekeeping: when retention begins, how much of it a round does, and when files go whose delay is over.
#include "broker/housekeeping.h"

#include "broker/some_replicas.h"

using namespace bobbin;
using namespace bobbin::broker;

namespace {

constexpr int64_t interval_ms = 10'000, day_ms = 86'400'000;

enum class Logs { open, closed };

struct Filled : test::SomeReplicas {
  Filled(int count, Logs logs) : SomeReplicas(count) {
    for (int number = 0; number < count; number++) append(number);
    if (logs == Logs::closed) restart();
  }
};

struct Kept : Filled {
  explicit Kept(int count, Logs logs = Logs::open) : Filled(count, logs) {}
  // One round, without the jobs that it begins.
  void round() { housekeeping.run(); }
  // Rounds and jobs as long as it has something to do at once.
  void settle() {
    for (int rounds = 0; housekeeping.next_deadline_ms() <= w.clock.mono_ms(); rounds++) {
      REQUIRE(rounds < 100);
      round();
      w.jobs.run_all();
    }
  }
  // How many of its files are there, those that are to be removed among them or no others.
  size_t files(std::string_view suffix) {
    size_t count = 0;
    for (const std::string& path : w.storage.paths("/c/broker-1")) count += path.ends_with(suffix);
    return count;
  }

  int passes = 0;
  std::function<void()> retained = [] {};
  int64_t interval = interval_ms;
  std::vector<std::string> said;
  cluster::Retention retention{w.world, *replicas, [this](const std::string& line) { said.push_back(line); }};
  Housekeeping housekeeping{w.world, retention, [this] { return interval; },
                            [this] {
                              passes++;
                              retained();
                            }};
};

}  // namespace

TEST_CASE("Housekeeping: a pass begins in the round after it is asked for, and one more after each interval") {
  Kept k(1);
  k.housekeeping.begin();
  CHECK(k.passes == 0);
  CHECK(k.housekeeping.next_deadline_ms() == 0);  // the next round is now
  k.settle();
  CHECK(k.passes == 1);
  const int64_t next = k.w.clock.mono_ms() + interval_ms;
  CHECK(k.housekeeping.next_deadline_ms() == next);
  k.w.clock.pass(interval_ms - 1);
  k.round();
  CHECK(k.passes == 1);
  k.w.clock.pass(1);
  k.settle();
  CHECK(k.passes == 2);
  CHECK(k.housekeeping.next_deadline_ms() == next + interval_ms);
}

TEST_CASE("Housekeeping: an interval that is set anew holds from the next pass on") {
  Kept k(1);
  k.housekeeping.begin();
  k.settle();
  k.interval = 500;
  CHECK(k.housekeeping.next_deadline_ms() == k.w.clock.mono_ms() + interval_ms);
  k.w.clock.pass(interval_ms);
  k.settle();
  CHECK(k.passes == 2);
  CHECK(k.housekeeping.next_deadline_ms() == k.w.clock.mono_ms() + 500);
}

TEST_CASE("Housekeeping: a round looks at sixteen logs, and the pass is over with the last of them") {
  Kept k(40);
  k.housekeeping.begin();
  std::vector<int> passes;
  for (int i = 0; i < 3; i++) {
    CHECK(k.housekeeping.next_deadline_ms() == 0);
    k.round();
    passes.push_back(k.passes);
  }
  CHECK(passes == std::vector<int>{0, 0, 1});
  CHECK(k.housekeeping.next_deadline_ms() > 0);
}

TEST_CASE("Housekeeping: while a job opens logs for it nothing is begun, and it does not keep the broker awake") {
  Kept k(3, Logs::closed);
  k.housekeeping.begin();
  k.round();
  CHECK(k.replicas->opened().count() == 0);
  const size_t jobs = k.w.jobs.count();
  CHECK(jobs > 0);
  CHECK(k.housekeeping.next_deadline_ms() == k.w.clock.mono_ms() + interval_ms);
  k.round();
  CHECK(k.w.jobs.count() == jobs);
  CHECK(k.passes == 0);
  k.w.jobs.run_all();
  CHECK(k.passes == 1);
  CHECK(k.replicas->opened().count() == 3);
}

TEST_CASE("Housekeeping: what retention took is removed when its delay is over, and that is a deadline of its own") {
  Kept k(1);
  k.flush(0);
  k.w.clock.pass(8 * day_ms);        // retention.ms is seven
  k.retained = [&] { k.flush(0); };  // then the disk knows where the log begins, and the files may go
  k.housekeeping.begin();
  k.settle();
  REQUIRE(k.files(".deleted") > 0);
  CHECK(k.said.size() == 1);
  const int64_t due = k.w.clock.mono_ms() + 60'000;  // file.delete.delay.ms
  k.w.clock.pass(interval_ms);
  k.interval = 10 * day_ms;
  k.settle();
  CHECK(k.passes == 2);
  CHECK(k.housekeeping.next_deadline_ms() == due);
  k.w.clock.pass(due - k.w.clock.mono_ms() - 1);
  k.settle();
  CHECK(k.files(".deleted") > 0);
  k.w.clock.pass(1);
  k.settle();
  CHECK(k.files(".deleted") == 0);
  CHECK(k.passes == 2);
  CHECK(k.housekeeping.next_deadline_ms() > due);
}

TEST_CASE("Housekeeping: when the broker ends, the pass that is under way tells nobody") {
  Kept k(17);
  k.housekeeping.begin();
  k.round();
  k.housekeeping.end();
  k.round();
  k.w.jobs.run_all();
  CHECK(k.passes == 0);
}
