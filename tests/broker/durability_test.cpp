// Durability: what is appended gets onto the disk and is promised then, or it is told why not.
#include "broker/durability.h"

#include "broker/some_replicas.h"

using namespace bobbin;
using namespace bobbin::broker;

namespace {

struct Lasting : test::SomeReplicas {
  explicit Lasting(int count) : SomeReplicas(count) {
    durability.start_flushes();
    w.jobs.run_all();
  }
  void append(int number) {
    test::SomeReplicas::append(number);
    durability.appended(at(number), 100);
  }
  void round() {
    durability.start_flushes();
    durability.write_checkpoints(false);
    w.jobs.run_all();
  }

  std::vector<std::string> said;
  Purgatory purgatory;
  ClientLog client_log{w.clock, [this](const std::string& line) { said.push_back(line); }};
  Durability durability{
      w.world,     *replicas, purgatory, client_log, [this](const std::string& line) { said.push_back(line); },
      size_t{512}, {}};
};

}  // namespace

TEST_CASE("Durability: what is appended is promised when it is flushed, and a checkpoint tells of the log") {
  Lasting l(2);
  l.append(1);
  CHECK(l.at(1).high_watermark() == Offset(0));
  CHECK_FALSE(l.durability.is_idle());
  l.round();  // the flush
  CHECK(l.at(1).copy().durable_end() == Offset(1));
  CHECK(l.at(1).high_watermark() == Offset(0));
  CHECK(l.durability.next_deadline_ms() == 0);
  l.round();  // young-offset-checkpoint
  CHECK(l.at(1).high_watermark() == Offset(1));
  CHECK(l.durability.is_idle());
  l.append(1);
  l.round();  // a log that checkpoints tell of needs the flush alone
  CHECK(l.at(1).high_watermark() == Offset(2));
  CHECK(l.said.empty());
}

TEST_CASE("Durability: who waits for a partition is asked when more of it is promised") {
  Lasting l(2);
  int times = 0;
  l.purgatory.park(INT64_MAX, {l.id(0)}, [&](const Purgatory::Moved& moved, bool) {
    times += static_cast<int>(moved.partitions.size());
    return false;
  });
  l.append(0);
  l.append(1);
  for (int i = 0; i < 2; i++) l.round();
  l.purgatory.run(l.w.clock.mono_ms());
  CHECK(times == 1);
}

TEST_CASE("Durability: after a failed sync the folder is offline, and everybody who waits is told") {
  Lasting l(2);
  bool any = false;
  l.purgatory.park(INT64_MAX, {l.id(1)}, [&](const Purgatory::Moved& moved, bool) {
    any = moved.any;
    return true;
  });
  l.append(0);
  l.w.storage.inject({.at = 1, .for_good = true, .only = {test::Call::sync}});
  l.round();
  l.w.storage.heal();
  CHECK(l.replicas->folder().is_offline());
  l.purgatory.run(l.w.clock.mono_ms());
  CHECK(any);
  CHECK(l.at(0).high_watermark() == Offset(0));
}

TEST_CASE("Durability: a flush for which there is no descriptor is tried again, and told once") {
  Lasting l(1);
  l.append(0);
  l.w.storage.inject({.at = 1, .for_good = true, .code = Errc::busy, .only = {test::Call::sync}});
  l.round();
  CHECK(l.said.size() == 1);
  REQUIRE(l.durability.next_deadline_ms());
  CHECK(*l.durability.next_deadline_ms() == l.w.clock.mono_ms() + 100);
  l.round();  // not yet
  CHECK(l.durability.next_deadline_ms());
  l.w.clock.pass(100);
  l.round();
  CHECK(l.said.size() == 1);
  l.w.storage.heal();
  l.w.clock.pass(100);
  l.round();
  CHECK(l.at(0).copy().durable_end() == Offset(1));
  CHECK_FALSE(l.at(0).copy().failed());
}

TEST_CASE("Durability: at the end every log is flushed, and what lies beside its records is written") {
  Lasting l(2);
  l.append(0);
  l.durability.flush_to_close();
  l.durability.start_flushes();
  l.w.jobs.run_all();
  CHECK_FALSE(l.at(0).copy().is_dirty());
  CHECK(l.at(0).copy().recovery_point() == Offset(1));
}
