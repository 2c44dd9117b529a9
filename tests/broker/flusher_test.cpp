// Flusher: who is synced, how many at once, and what is written before.
#include "broker/flusher.h"

#include "broker/some_replicas.h"

using namespace bobbin;
using namespace bobbin::broker;

namespace {

using Seen = std::vector<std::string>;

struct Flushing : test::SomeReplicas {
  explicit Flushing(int count) : SomeReplicas(count) {}
  void want(int number, Beside beside = Beside::nothing) { flusher.want(id(number), beside); }
  void start() { flusher.start(*replicas); }
  void run_one() { w.jobs.run(); }
  Seen take() { return std::exchange(seen, {}); }

  Seen seen;
  Flusher flusher{
      w.world,
      [this](cluster::Copy& partition, Beside beside) {
        seen.push_back((beside == Beside::close ? "close " : "checkpoint ") + to_string(partition.id().partition));
      },
      [this](const cluster::TopicPartition& which, Offset end, const Status& status) {
        replicas->opened().find_leading(which)->copy().flush_done(end, status);
        seen.push_back("flushed " + to_string(which.partition) + " to " + to_string(end) + (status ? "" : ", badly"));
      }};
};

}  // namespace

TEST_CASE("Flusher: who is wanted is synced by a job, and told with the end that is on the disk") {
  Flushing f(2);
  CHECK(f.flusher.is_idle());
  f.append(1);
  f.append(1);
  f.want(1);
  CHECK_FALSE(f.flusher.is_idle());
  f.start();
  CHECK(f.w.jobs.count() == 1);
  CHECK(f.take().empty());
  CHECK_FALSE(f.flusher.is_idle());
  f.run_one();
  CHECK(f.take() == Seen{"flushed 1 to 2"});
  CHECK(f.flusher.is_idle());
  CHECK(f.at(1).copy().durable_end() == Offset(2));
}

TEST_CASE("Flusher: who has nothing to sync, or is not there, takes no job") {
  Flushing f(2);
  f.want(0);
  f.want(7);
  f.start();
  CHECK(f.w.jobs.count() == 0);
  CHECK(f.flusher.is_idle());
  CHECK(f.take().empty());
}

TEST_CASE("Flusher: however often a log is wanted it is synced once, and what comes meanwhile joins its next sync") {
  Flushing f(1);
  f.append(0);
  f.want(0);
  f.want(0);
  f.start();
  f.append(0);
  f.append(0);
  for (int i = 0; i < 3; i++) {
    f.want(0);
    f.start();
  }
  CHECK(f.w.jobs.count() == 1);
  f.run_one();
  CHECK(f.take() == Seen{"flushed 0 to 1"});
  CHECK_FALSE(f.flusher.is_idle());
  f.start();
  CHECK(f.w.jobs.count() == 1);
  f.run_one();
  CHECK(f.take() == Seen{"flushed 0 to 3"});
  CHECK(f.flusher.is_idle());
}

TEST_CASE("Flusher: sixteen at once, the others in the order of their numbers as places come free") {
  Flushing f(20);
  for (int number = 19; number >= 0; number--) {
    f.append(number);
    f.want(number);
  }
  f.start();
  CHECK(f.w.jobs.count() == 16);
  f.start();
  CHECK(f.w.jobs.count() == 16);
  f.w.jobs.run(3);
  CHECK(f.take() == Seen{"flushed 3 to 1"});
  f.start();
  CHECK(f.w.jobs.count() == 16);
  f.w.jobs.run(15);
  CHECK(f.take() == Seen{"flushed 16 to 1"});
  for (int round = 0; round < 20 && !f.flusher.is_idle(); round++) {
    f.start();
    f.w.jobs.run_all();
  }
  CHECK(f.flusher.is_idle());
  CHECK(f.take().size() == 18);
}

TEST_CASE("Flusher: of what shall be written beside the records the most is, when the log's turn has come") {
  Flushing f(1);
  f.append(0);
  f.want(0);
  f.start();
  f.append(0);
  f.want(0, Beside::checkpoint);
  f.want(0, Beside::close);
  f.want(0);
  f.want(0, Beside::checkpoint);
  f.start();
  CHECK(f.take().empty());  // its files would be held open, and it is being synced
  f.run_one();
  f.start();
  CHECK(f.take() == Seen{"flushed 0 to 1", "close 0"});
  f.run_one();
  CHECK(f.take() == Seen{"flushed 0 to 2"});
}

TEST_CASE("Flusher: what is written beside a log that needs no sync is written all the same") {
  Flushing f(1);
  f.want(0, Beside::checkpoint);
  f.start();
  CHECK(f.take() == Seen{"checkpoint 0"});
  CHECK(f.w.jobs.count() == 0);
  CHECK(f.flusher.is_idle());
}

TEST_CASE("Flusher: a failed sync is told once, and a log that has failed is not synced again") {
  Flushing f(1);
  f.append(0);
  f.want(0);
  f.start();
  f.w.storage.inject({.at = 1, .for_good = true, .only = {test::Call::sync}});
  f.run_one();
  f.w.storage.heal();
  CHECK(f.take() == Seen{"flushed 0 to 1, badly"});
  REQUIRE(f.at(0).copy().failed());
  f.want(0);
  f.want(0, Beside::checkpoint);
  f.start();
  CHECK(f.w.jobs.count() == 0);
  CHECK(f.take().empty());
  CHECK(f.flusher.is_idle());
}
