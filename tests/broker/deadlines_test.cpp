// A broker's process sleeps until the next deadline that its broker told. Each kind of work that becomes due is done by a
// process that does nothing else: what is left out of next_deadline_ms() would be done when somebody happens to ask.
#include <catch2/catch.hpp>

#include "broker/one_broker.h"
#include "log/checkpoints.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

std::vector<std::string> files_of(OneBroker& b, const std::string& ending) {
  std::vector<std::string> found;
  for (const std::string& path : b.world.storage.paths(b.dir.broker_dir(b.self)))
    if (path.ends_with(ending)) found.push_back(path);
  return found;
}

}  // namespace

TEST_CASE("Deadlines: a flush that found no descriptor is tried again") {
  OneBroker b;
  b.create("t");
  b.world.storage.inject({1, true, Errc::busy, 0, {Call::sync_dir}});
  auto id = b.connect();
  const std::string batch = batch_of({"a"});
  auto request = b.produce_request("t", batch);
  request.timeout_ms = 60'000;
  b.ask(id, 9, request);
  b.settle();
  b.sleep(1000);
  CHECK(b.waiting(id) == 0);
  CHECK(b.world.storage.hits() == 11);  // at once, and every 100 ms
  b.world.storage.heal();
  b.sleep(200);
  CHECK(b.waiting(id) == 1);
}

TEST_CASE("Deadlines: a Fetch that waits is answered when its time is up") {
  OneBroker b;
  b.create("t");
  auto id = b.connect();
  b.ask(id, 12, b.fetch_request("t", 0, 700));
  b.settle();
  b.sleep(699);
  CHECK(b.waiting(id) == 0);
  b.sleep(1);
  CHECK(b.waiting(id) == 1);
}

TEST_CASE("Deadlines: who waits for an end that is not flushed again is told to ask again") {
  OneBroker b;
  b.create("t");
  b.produce("t", batch_of({"a"}));
  b.produce("t", batch_of({"b"}));  // behind what a checkpoint tells of
  b.restart_after_kill(false);
  b.world.storage.inject({1, true, Errc::busy, 0, {Call::sync}});
  protocol::ListOffsetsRequest ends;
  ends.topics.push_back({"t", {{0, -1, -1}}});
  auto id = b.connect();
  b.ask(id, 7, ends);
  b.settle();
  b.sleep(4900);
  CHECK(b.waiting(id) == 0);
  b.sleep(200);
  auto told = b.answer<protocol::ListOffsetsResponse>(id, 7);
  REQUIRE(told);
  CHECK(told->topics[0].partitions[0].error_code == static_cast<int16_t>(Errc::offset_not_available));
}

TEST_CASE("Deadlines: checkpoints are written some time after an append") {
  OneBroker b;
  b.create("t");
  b.produce("t", batch_of({"a"}));
  const std::string points = b.dir.broker_dir(b.self) + "/" + std::string(log::recovery_point_file);
  REQUIRE_FALSE(b.world.storage.exists(points));
  b.sleep(120'000);
  auto written = log::read_checkpoint(b.world.storage, points);
  REQUIRE(written.ok());
  CHECK(*written == log::Checkpoint{{{"t", PartitionId(0)}, Offset(1)}});
}

TEST_CASE("Deadlines: retention comes round, and the files go after their delay") {
  OneBroker b(config::ConfigMap{{"log.retention.check.interval.ms", "10000"}});
  b.create("t", 1, {{"retention.ms", "60000"}, {"file.delete.delay.ms", "30000"}});
  b.produce("t", batch_of({"a"}, {-1, -1, -1, b.world.clock.wall_ms}));
  b.sleep(50'000);
  CHECK(files_of(b, "0000.log").size() == 1);
  b.sleep(20'000);
  CHECK(files_of(b, ".deleted").size() >= 1);
  CHECK(b.fetch("t", 1).log_start_offset == 1);
  b.sleep(25'000);
  CHECK(files_of(b, ".deleted").size() >= 1);
  b.sleep(10'000);
  CHECK(files_of(b, ".deleted").empty());
}

TEST_CASE("Deadlines: a place where it could not listen is tried again, less and less often") {
  OneBroker b(config::ConfigMap{{"listeners", "PLAINTEXT://127.0.0.1:9092"}});
  b.listens = [](const std::string&) {
    return Result<std::optional<metadata::Endpoint>>(error(Errc::busy, "is taken"));
  };
  b.restart_after_kill();
  const int64_t began = b.world.clock.mono;
  b.listened.clear();
  b.said.clear();
  b.sleep(120'000);
  std::vector<int64_t> after;
  for (const auto& [where, at] : b.listened) after.push_back(at - began);
  CHECK(after == std::vector<int64_t>{1000, 3000, 7000, 15'000, 31'000, 61'000, 91'000});
  CHECK(b.said.empty());  // it was said when it began

  b.listens = [](const std::string&) {
    return Result<std::optional<metadata::Endpoint>>(metadata::Endpoint{"PLAINTEXT", "127.0.0.1", 9092, 0});
  };
  b.sleep(2000);
  REQUIRE(b.broker->image().broker(b.self)->endpoints.size() == 1);
  size_t so_often = b.listened.size();
  b.sleep(120'000);
  CHECK(b.listened.size() == so_often);
}

TEST_CASE("Deadlines: nobody uses it since the last client has gone, not since its start") {
  OneBroker b;
  // Who started it has time to come.
  CHECK(b.broker->idle_since_ms() == b.world.clock.mono + 5000);
  auto first = b.connect(), second = b.connect();
  CHECK_FALSE(b.broker->idle_since_ms());
  b.pass(50'000);
  b.disconnect(first);
  CHECK_FALSE(b.broker->idle_since_ms());
  b.pass(1000);
  b.disconnect(second);
  CHECK(b.broker->idle_since_ms() == b.world.clock.mono);
  b.pass(7000);
  CHECK(b.broker->idle_since_ms() == b.world.clock.mono - 7000);
}
