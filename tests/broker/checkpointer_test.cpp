// Checkpointer: when checkpoints are written, what waits for what, and who is promised more then.
#include "broker/checkpointer.h"

#include "broker/some_replicas.h"

using namespace bobbin;
using namespace bobbin::broker;

namespace {

using Seen = std::vector<std::string>;

struct Checkpointing : test::SomeReplicas {
  explicit Checkpointing(int count = 2) : SomeReplicas(count) {}
  // The log has records on the disk.
  void append_synced(int number) {
    append(number);
    log::FlushWork work = at(number).copy().begin_flush();
    at(number).copy().flush_done(work.end, work.work());
  }
  void run(bool ends = false) { checkpointer.run(*replicas, ends); }
  Seen take() { return std::exchange(seen, {}); }
  std::string file(std::string_view name) { return w.storage.contents("/c/broker-1/" + std::string(name)); }

  Seen seen;
  Flusher flusher{w.world,
                  [this](cluster::Copy& p, Beside) {
                    seen.push_back("beside " + to_string(p.id().partition));
                    CHECK(p.checkpoint(w.clock.wall()).ok());
                  },
                  [this](const cluster::TopicPartition& which, Offset end, const Status& status) {
                    replicas->opened().find_leading(which)->copy().flush_done(end, status);
                  }};
  Checkpointer checkpointer{w.world, flusher, [this](const std::string& line) { seen.push_back(line); },
                            [this](const cluster::TopicPartition& which) {
                              if (replicas->opened().find_leading(which)->advance())
                                seen.push_back("moved " + to_string(which.partition));
                            }};
};

}  // namespace

TEST_CASE("Checkpointer: without anything to do it does nothing, at no time") {
  Checkpointing c;
  CHECK(c.checkpointer.is_idle());
  CHECK_FALSE(c.checkpointer.deadline_ms());
  c.run();
  CHECK(c.w.jobs.count() == 0);
}

TEST_CASE("Checkpointer: a young log is promised when its file is written, all that are young together") {
  Checkpointing c(3);
  for (int number : {0, 2}) {
    c.append_synced(number);
    CHECK_FALSE(c.at(number).advance());  // nobody tells of it yet
    c.checkpointer.want_young(c.id(number));
  }
  CHECK(c.checkpointer.deadline_ms() == 0);
  CHECK_FALSE(c.checkpointer.is_idle());
  c.run();
  REQUIRE(c.w.jobs.count() == 1);
  CHECK(c.take().empty());
  CHECK_FALSE(c.checkpointer.is_idle());
  CHECK_FALSE(c.checkpointer.deadline_ms());
  c.w.jobs.run_all();
  CHECK(c.take() == Seen{"moved 0", "moved 2"});
  CHECK(c.at(0).copy().is_checkpointed());
  CHECK_FALSE(c.at(1).copy().is_checkpointed());
  CHECK(c.at(2).high_watermark() == Offset(1));
  CHECK_FALSE(c.file("young-offset-checkpoint").empty());
  CHECK(c.checkpointer.is_idle());
}

TEST_CASE("Checkpointer: what becomes young while others are written waits for its own turn") {
  Checkpointing c;
  c.append_synced(0);
  c.checkpointer.want_young(c.id(0));
  c.run();
  c.append_synced(1);
  c.checkpointer.want_young(c.id(1));
  c.run();
  CHECK(c.w.jobs.count() == 1);
  c.w.jobs.run_all();
  CHECK(c.take() == Seen{"moved 0"});
  CHECK(c.checkpointer.deadline_ms() == 0);
  c.run();
  c.w.jobs.run_all();
  CHECK(c.take() == Seen{"moved 1"});
  CHECK(c.checkpointer.is_idle());
}

TEST_CASE("Checkpointer: a checkpoint that cannot be written is told, and who appended is answered all the same") {
  Checkpointing c;
  c.append_synced(0);
  c.checkpointer.want_young(c.id(0));
  c.run();
  c.w.storage.inject({.at = 1, .for_good = true, .code = Errc::disk_full, .only = {test::Call::write}});
  c.w.jobs.run_all();
  c.w.storage.heal();
  const Seen seen = c.take();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].starts_with("checkpoints are not written: "));
  CHECK(seen[1] == "moved 0");
}

TEST_CASE("Checkpointer: all of it waits until no flush is under way") {
  Checkpointing c;
  c.append(0);
  c.flusher.want(c.id(0));
  c.flusher.start(*c.replicas);
  REQUIRE(c.w.jobs.count() == 1);
  c.checkpointer.want_all();
  CHECK_FALSE(c.checkpointer.deadline_ms());  // the flush's end makes a round
  c.run();
  CHECK(c.w.jobs.count() == 1);
  c.w.jobs.run();
  CHECK(c.checkpointer.deadline_ms() == 0);
  c.run();
  REQUIRE(c.w.jobs.count() == 1);
  CHECK_FALSE(c.checkpointer.deadline_ms());
  CHECK(c.file(log::recovery_point_file).empty());
  c.w.jobs.run();
  CHECK(c.take() == Seen{"moved 0"});
  CHECK(c.file(log::recovery_point_file) == "0\n1\nt 0 0\n");  // nothing was written beside it
  CHECK(c.file(log::high_watermark_file) == "0\n1\nt 0 1\n");
  CHECK(c.checkpointer.is_idle());
}

TEST_CASE("Checkpointer: when it is due every open log writes what lies beside it, once") {
  Checkpointing c(3);
  c.append(1);
  c.checkpointer.appended(CheckpointDue::unsynced_bytes - 1, false);
  c.run();
  CHECK(c.take().empty());
  CHECK(c.checkpointer.deadline_ms() == c.w.clock.mono_ms() + CheckpointDue::unsynced_ms);
  c.checkpointer.appended(1, false);
  c.run();
  Seen beside = c.take();
  std::sort(beside.begin(), beside.end());
  CHECK(beside == Seen{"beside 0", "beside 1", "beside 2"});
  c.run();
  CHECK(c.take().empty());
  c.w.jobs.run_all();
  c.run();
  c.w.jobs.run_all();
  CHECK(c.file(log::recovery_point_file).find("t 1 1\n") != std::string::npos);
  CHECK_FALSE(c.checkpointer.deadline_ms());
}

TEST_CASE("Checkpointer: by time it is due to the millisecond") {
  Checkpointing c;
  c.append(0);
  c.checkpointer.appended(1, true);
  c.w.clock.pass(CheckpointDue::synced_ms - 1);
  c.run();
  CHECK(c.take().empty());
  c.w.clock.pass(1);
  c.run();
  CHECK(c.take().size() == 2);
}

TEST_CASE("Checkpointer: a broker that ends has only young logs written, and does the rest itself") {
  Checkpointing c;
  c.append_synced(0);
  c.checkpointer.want_young(c.id(0));
  c.checkpointer.want_all();
  c.run(true);
  CHECK(c.w.jobs.count() == 1);
  c.w.jobs.run_all();
  CHECK(c.take() == Seen{"moved 0"});
  c.run(true);
  CHECK(c.w.jobs.count() == 0);
  CHECK(c.file(log::recovery_point_file).empty());
}

TEST_CASE("Checkpointer: where a log begins is kept when its file is written, or all of them, and not if that failed") {
  Checkpointing c;
  c.append_synced(0);
  c.append_synced(1);
  for (int number : {0, 1}) {
    c.checkpointer.want_young(c.id(number));
    c.run();
    c.w.jobs.run_all();
    REQUIRE(c.at(number).delete_below(Offset(1)).ok());
    CHECK_FALSE(is_start_kept(c.at(number).copy()));
  }
  c.w.storage.inject({1, true, Errc::disk_full, 0, {test::Call::write}});
  c.checkpointer.want_young(c.id(0));
  c.run();
  c.w.jobs.run_all();
  CHECK_FALSE(is_start_kept(c.at(0).copy()));
  c.w.storage.heal();
  c.checkpointer.want_young(c.id(0));
  c.run();
  c.w.jobs.run_all();
  CHECK(is_start_kept(c.at(0).copy()));
  CHECK(c.file("young-offset-checkpoint").ends_with(" 1\n"));
  c.checkpointer.want_all();
  c.run();
  c.w.jobs.run_all();
  CHECK(is_start_kept(c.at(1).copy()));
  CHECK(c.file("log-start-offset-checkpoint") == "0\n2\nt 0 1\nt 1 1\n");
}
