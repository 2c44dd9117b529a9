// How a broker ends and what the next one may believe: clean stops, kills between any two steps, failed syncs.
#include <catch2/catch.hpp>

#include "broker/one_broker.h"
#include "log/checkpoints.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

using Values = std::vector<std::string>;

bool said(const OneBroker& b, const std::string& word) {
  return std::any_of(b.said.begin(), b.said.end(),
                     [&](const std::string& line) { return line.find(word) != std::string::npos; });
}

std::string file(const OneBroker& b, std::string_view name) {
  return b.dir.broker_dir(b.self) + "/" + std::string(name);
}

std::string segment_of(const OneBroker& b, const std::string& partition) {
  return file(b, partition) + "/00000000000000000000.log";
}

void delete_topic(OneBroker& b, const std::string& name) {
  protocol::DeleteTopicsRequest remove;
  remove.topic_names.push_back(name);
  CHECK(b.call<protocol::DeleteTopicsResponse>(5, remove).responses.at(0).error_code == 0);
}

// Appended, and neither flushed nor answered yet.
void append_only(OneBroker& b, const std::string& topic, const std::vector<std::string>& batches) {
  auto id = b.connect();
  for (const std::string& batch : batches) b.ask(id, 9, b.produce_request(topic, batch));
}

}  // namespace

TEST_CASE("Ends: a clean stop looks at retention once more") {
  OneBroker b;
  b.create("t", 1, {{"retention.ms", "60000"}});
  b.produce("t", batch_of({"a"}, {-1, -1, -1, b.world.clock.wall_ms}));
  b.world.clock.pass(61'000);
  b.stop();
  CHECK_FALSE(b.world.storage.exists(segment_of(b, "t-0")));
  b.start_again();
  CHECK(b.fetch("t", 1).log_start_offset == 1);
  CHECK(b.produce("t", batch_of({"b"})).base_offset == 1);
}

TEST_CASE("Ends: what was appended when the stop came is flushed, answered and clean") {
  OneBroker b;
  b.create("t");
  auto id = b.connect();
  b.ask(id, 9, b.produce_request("t", batch_of({"a"})));
  CHECK(b.waiting(id) == 0);
  b.stop();
  auto told = b.answer<protocol::ProduceResponse>(id, 9);
  REQUIRE(told);
  CHECK(told->responses[0].partition_responses[0].base_offset == 0);
  CHECK(b.is_closed(id));
  CHECK(b.world.storage.exists(file(b, log::clean_shutdown_file)));
  CHECK(log::read_checkpoint(b.world.storage, file(b, log::recovery_point_file)).value() ==
        log::Checkpoint{{{"t", PartitionId(0)}, Offset(1)}});
  b.world.power_cut();
  b.start_again();
  CHECK_FALSE(b.world.storage.exists(file(b, log::clean_shutdown_file)));
  CHECK(values_in(*b.fetch("t", 0).records) == Values{"a"});
}

TEST_CASE("Ends: a log that could not be opened in this life is not called clean by its stop") {
  int told_and_lost = 0;
  for (uint64_t seed = 0; seed < 10; seed++) {
    OneBroker b;
    b.create("t");
    b.produce("t", batch_of({"a"}));
    append_only(b, "t", {batch_of({std::string(2000, 'b')})});
    b.restart_after_kill(false);
    b.world.storage.inject({1, true, Errc::io_error, 0, {Call::list}});
    b.stop();
    CHECK(b.world.storage.hits() > 0);
    b.world.storage.heal();
    b.start_again();
    // What is shown now must outlive the machine, though its appender never flushed it.
    REQUIRE(b.fetch("t", 0).high_watermark == 2);
    for (uint64_t i = 0; i < seed; i++) b.world.random.next();
    b.restart_after_power_cut();
    told_and_lost += b.fetch("t", 0).high_watermark != 2 || values_in(*b.fetch("t", 0).records).size() != 2;
  }
  CHECK(told_and_lost == 0);
}

TEST_CASE(
    "Ends: offsets of a topic that was deleted are not those of its successor, wherever the checkpoint is "
    "interrupted") {
  bool reached_the_end = false;
  for (uint64_t n = 1; !reached_the_end; n++) {
    INFO("call " << n << " of the checkpoint and all later ones fail");
    REQUIRE(n < 200);
    OneBroker b;
    b.create("t");
    for (const char* value : {"a", "b", "c"}) b.produce("t", batch_of({value}));
    b.sleep(120'000);
    REQUIRE(log::read_checkpoint(b.world.storage, file(b, log::recovery_point_file)).value().size() == 1);
    delete_topic(b, "t");
    b.create("t");
    b.produce("t", batch_of({"new"}));
    b.world.storage.inject({n, true, Errc::io_error, 0, {}});
    b.sleep(120'000);
    reached_the_end = b.world.storage.hits() == 0;
    b.said.clear();
    b.restart_after_kill();
    CHECK_FALSE(said(b, "DAMAGED"));
    CHECK(b.fetch("t", 0).high_watermark == 1);
    CHECK(values_in(*b.fetch("t", 0).records) == Values{"new"});
    CHECK(b.produce("t", batch_of({"next"})).base_offset == 1);
  }
}

TEST_CASE("Ends: in the boot of a failed sync nothing that it may have lost is called damage") {
  for (uint64_t seed = 0; seed < 10; seed++) {
    INFO(seed);
    OneBroker b;
    b.boot = "this one";
    b.create("t");
    b.produce("t", batch_of({"a"}));
    b.restart_after_kill();
    REQUIRE(b.world.storage.contents(file(b, log::boot_id_file)) == "this one");
    b.world.storage.inject({1, true, Errc::io_error, 0, {Call::sync}, true});
    std::vector<std::string> batches;
    for (int i = 0; i < 20; i++) batches.push_back(batch_of({std::string(400, static_cast<char>(97 + i))}));
    append_only(b, "t", batches);
    b.settle();
    REQUIRE(said(b, "OFFLINE"));
    b.world.storage.heal();
    for (uint64_t i = 0; i < seed; i++) b.world.random.next();
    b.world.storage.evict_lost(b.world.random);
    b.said.clear();
    b.restart_after_kill();
    CHECK_FALSE(said(b, "DAMAGED"));
    int64_t end = b.fetch("t", 0).high_watermark;
    CHECK(end >= 1);
    CHECK(b.produce("t", batch_of({"next"})).base_offset == end);
  }
}

TEST_CASE("Ends: the folder of a topic that was deleted is removed by the next life, not put aside") {
  OneBroker b;
  b.create("t");
  b.create("stays");
  b.produce("t", batch_of({"a"}));
  b.produce("stays", batch_of({"b"}));
  b.world.storage.inject({1, true, Errc::io_error, 0, {Call::rename}});
  delete_topic(b, "t");
  REQUIRE(b.world.storage.exists(segment_of(b, "t-0")));
  b.restart_after_kill();
  for (const std::string& path : b.world.storage.paths(b.dir.broker_dir(b.self) + "/t-")) FAIL_CHECK(path);
  CHECK(values_in(*b.fetch("stays", 0).records) == Values{"b"});
}

TEST_CASE("Ends: a topic made anew does not begin where the deleted one's log began") {
  OneBroker b;
  b.create("t", 1, {{"retention.ms", "60000"}});
  for (int i = 0; i < 3; i++) b.produce("t", batch_of({"old"}, {-1, -1, -1, b.world.clock.wall_ms}));
  b.world.clock.pass(100'000);
  b.stop();
  b.start_again();
  REQUIRE(b.fetch("t", 3).log_start_offset == 3);
  delete_topic(b, "t");
  b.create("t");
  b.produce("t", batch_of({"new"}));
  const bool clean = GENERATE(true, false);
  b.sleep(120'000);
  if (clean) {
    b.stop();
    b.start_again();
  } else {
    b.restart_after_kill();
  }
  auto got = b.fetch("t", 0);
  CHECK(got.log_start_offset == 0);
  CHECK(values_in(*got.records) == Values{"new"});
}

TEST_CASE("Ends: a boot in which a log was never opened is none that the next life may count on for it") {
  for (uint64_t seed = 0; seed < 10; seed++) {
    INFO(seed);
    OneBroker b;
    b.boot = "first";
    b.create("t");
    b.produce("t", batch_of({"a"}));
    std::vector<std::string> batches;
    for (int i = 0; i < 20; i++) batches.push_back(batch_of({std::string(400, static_cast<char>(97 + i))}));
    append_only(b, "t", batches);  // and never flushed
    for (uint64_t i = 0; i < seed; i++) b.world.random.next();
    b.broker.reset();
    b.world.power_cut();
    b.boot = "second";
    b.restart_after_kill(false);
    b.world.storage.inject({1, true, Errc::io_error, 0, {Call::list}});
    b.settle();
    CHECK(b.world.storage.hits() > 0);
    b.said.clear();
    b.restart_after_kill();
    CHECK_FALSE(said(b, "DAMAGED"));
    CHECK(b.fetch("t", 0).high_watermark >= 1);
  }
}
