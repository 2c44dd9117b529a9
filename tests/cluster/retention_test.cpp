// Retention: how a pass goes through the logs of a broker, and what it leaves. When a segment may go is in
// tests/log/retention_test.cpp, when a pass begins in tests/broker/housekeeping_test.cpp.
#include "cluster/retention.h"

#include "broker/some_replicas.h"

using namespace bobbin;
using cluster::Retention;

namespace {

constexpr int64_t day_ms = 86'400'000;

// A topic's partitions with a record each, which is older than its retention.ms of seven days.
struct Aged : test::SomeReplicas {
  explicit Aged(int count) : SomeReplicas(count) {
    for (int number = 0; number < count; number++) append(number);
    w.clock.pass(8 * day_ms);
  }
  // As after a clean end of the broker.
  void close() {
    restart();
    retention.emplace(w.world, *replicas, [this](const std::string& line) { said.push_back(line); });
  }
  bool step(size_t logs_max) {
    std::optional<bool> complete;
    retention->step(logs_max, [&](bool c) { complete = c; });
    w.jobs.run_all();
    REQUIRE(complete);
    return *complete;
  }
  // Of each partition; -1: it is not open.
  std::vector<int64_t> starts(int count) {
    std::vector<int64_t> all;
    for (int number = 0; number < count; number++) {
      cluster::Leading* leading = replicas->opened().find_leading(id(number));
      all.push_back(leading ? leading->copy().log_start().value : -1);
    }
    return all;
  }

  std::vector<std::string> said;
  std::optional<Retention> retention{std::in_place, w.world, *replicas,
                                     [this](const std::string& line) { said.push_back(line); }};
};

using Starts = std::vector<int64_t>;

}  // namespace

TEST_CASE("Retention: a pass opens what is closed, some at a time, and the next one begins at the first again") {
  Aged a(5);
  a.close();
  CHECK(a.starts(5) == Starts(5, -1));
  bool told = false;
  a.retention->step(2, [&](bool) { told = true; });
  CHECK_FALSE(told);  // a job opens them
  a.w.jobs.run_all();
  CHECK(told);
  CHECK(a.starts(5) == Starts{1, 1, -1, -1, -1});
  CHECK_FALSE(a.step(2));
  CHECK(a.starts(5) == Starts{1, 1, 1, 1, -1});
  CHECK(a.step(2));
  CHECK(a.starts(5) == Starts(5, 1));
  CHECK_FALSE(a.step(4));
  CHECK(a.step(1));
  CHECK(a.said.size() == 5);
}

TEST_CASE("Retention: what is too old goes without being asked for, and nothing that was not promised") {
  Aged a(2);
  a.flush(0);
  CHECK(a.step(16));
  CHECK(a.starts(2) == Starts{1, 0});
  CHECK(a.said == std::vector<std::string>{"t-0: retention removed 1 segments; the log starts at offset 1"});
  a.flush(1);
  CHECK(a.step(16));
  CHECK(a.starts(2) == Starts{1, 1});
}

TEST_CASE("Retention: while the clock is in doubt one segment of a partition goes for its age in a minute") {
  Aged a(2);
  for (int i = 0; i < 2; i++) {
    REQUIRE(a.at(0).copy().roll_if_due(a.w.clock.wall()).ok());
    a.append(0);
    a.w.clock.pass(8 * day_ms);
  }
  auto pass = [&] {
    for (int number : {0, 1}) a.flush(number);
    a.w.jobs.run_all();  // files that went before
    CHECK(a.step(16));
    return a.starts(2);
  };
  a.retention->seen_before(Timestamp(a.w.clock.wall_ms - day_ms));
  CHECK(pass() == Starts{1, 1});
  CHECK(a.said.front().starts_with("the wall clock is 1440 minutes ahead of what it was"));
  a.w.clock.pass(59'999);
  CHECK(pass() == Starts{1, 1});
  a.w.clock.pass(1);
  CHECK(pass() == Starts{2, 1});
  a.w.clock.pass(day_ms);
  CHECK(pass() == Starts{3, 1});
  CHECK(a.said.size() == 5);
}

TEST_CASE("Retention: who does not decide removes what lies before the log's start, and nothing for its age") {
  Aged a(1);
  REQUIRE(a.at(0).copy().roll_if_due(a.w.clock.wall()).ok());
  a.append(0);
  a.w.clock.pass(8 * day_ms);
  a.flush(0);
  cluster::Copy& copy = a.at(0).copy();
  const log::RetentionLimits limits{.below_start_only = true};
  CHECK(copy.retention(a.w.clock.wall(), Offset(2), Offset(0), limits).value() == 0);
  CHECK(copy.retention(a.w.clock.wall(), Offset(2), Offset(1), limits).value() == 1);
  a.flush(0);
  a.w.jobs.run_all();
  CHECK(copy.retention(a.w.clock.wall(), Offset(2), Offset(0), {}).value() == 1);
}

TEST_CASE("Retention: a log that fails is told, and the others have their turn") {
  Aged a(2);
  for (int number : {0, 1}) a.flush(number);
  a.w.storage.inject({1, false, Errc::io_error, 0, {test::Call::open}});  // of the segment that the first one begins
  CHECK(a.step(16));
  CHECK(a.w.storage.hits() == 1);
  CHECK(a.starts(2) == Starts{0, 1});
  CHECK(a.at(0).copy().failed());
  CHECK_FALSE(a.at(1).copy().failed());
  CHECK(a.said.size() == 3);  // not rolled, retention failed; the other's
}

TEST_CASE("Retention: at the end of a broker all of it is done at once, with the logs that are closed") {
  Aged a(3);
  a.close();
  a.retention->all_now();
  CHECK(a.starts(3) == Starts(3, 1));
  CHECK(a.said.size() == 3);
}

TEST_CASE("Retention: a boot is named once every log of the folder was opened in it") {
  Aged a(2);
  a.close();
  const std::string mark = "/c/broker-1/" + std::string(log::boot_id_file);
  a.retention->note_boot();
  CHECK_FALSE(a.step(1));
  a.retention->note_boot();
  CHECK_FALSE(a.w.storage.exists(mark));
  CHECK(a.step(1));
  a.retention->note_boot();
  CHECK(a.w.storage.contents(mark) == "boot");
}

TEST_CASE("Retention: files whose delay is over are removed, and the next to go says when") {
  Aged a(2);
  CHECK_FALSE(a.retention->remove_due_files(a.w.clock.mono_ms()));
  std::vector<int64_t> due;
  for (int number : {1, 0}) {
    a.flush(number);
    CHECK(a.step(16));
    a.flush(number);  // the disk knows where the log begins
    a.w.jobs.run_all();
    due.push_back(a.w.clock.mono_ms() + 60'000);  // file.delete.delay.ms
    a.w.clock.pass(1000);
  }
  auto files = [&](const std::string& folder) {
    const auto paths = a.w.storage.paths("/c/broker-1/" + folder);
    return std::count_if(paths.begin(), paths.end(), [](const auto& path) { return path.ends_with(".deleted"); });
  };
  CHECK(a.retention->remove_due_files(due[0] - 1) == due[0]);
  CHECK(a.retention->remove_due_files(due[0]) == due[1]);
  a.w.jobs.run_all();
  CHECK(files("t-1") == 0);
  CHECK(files("t-0") > 0);
  CHECK_FALSE(a.retention->remove_due_files(due[1]));
  a.w.jobs.run_all();
  CHECK(files("t-0") == 0);
}

TEST_CASE("Retention: a folder that was removed is told by the first pass, before anybody reads") {
  Aged a(1);
  a.close();
  for (const std::string& path : a.w.storage.paths("/c/broker-1/t-0")) a.w.storage.erase(path);
  a.close();
  CHECK(a.step(16));
  CHECK(std::any_of(a.told.begin(), a.told.end(),
                    [](const std::string& line) { return line.find("DAMAGED") != std::string::npos; }));
}
