// What is missing of a log, as clients are told: by Fetch, ListOffsets and Produce.
#include <catch2/catch.hpp>

#include "broker/one_broker.h"
#include "log/checkpoints.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

constexpr auto corrupt = static_cast<int16_t>(Errc::corrupt_message);
constexpr auto storage_error = static_cast<int16_t>(Errc::kafka_storage_error);
constexpr int64_t t0 = 1'700'000'000'000;

bool said(const OneBroker& b, const std::string& word) {
  return std::any_of(b.said.begin(), b.said.end(),
                     [&](const std::string& line) { return line.find(word) != std::string::npos; });
}

std::string folder_of(const OneBroker& b, const std::string& name) { return b.dir.broker_dir(b.self) + "/" + name; }

void remove_folder(OneBroker& b, const std::string& name) {
  for (const std::string& path : b.world.storage.paths(folder_of(b, name))) b.world.storage.erase(path);
}

protocol::ListOffsetsResponse::ListOffsetsPartitionResponse offset_at(OneBroker& b, int64_t timestamp,
                                                                      int16_t version = 11) {
  protocol::ListOffsetsRequest request;
  request.topics.push_back({"t", {{0, -1, timestamp}}});
  return b.call<protocol::ListOffsetsResponse>(version, request).topics.at(0).partitions.at(0);
}

std::string at(int64_t ms) { return batch_of({"v"}, {-1, -1, -1, t0 + ms}); }

}  // namespace

TEST_CASE("Missing: a log that is missed is missed by the next life as well, whatever other logs begin meanwhile") {
  OneBroker b;
  b.boot = "this one";
  b.create("t");
  b.create("u");
  b.produce("t", at(0));
  b.restart_after_kill();
  b.produce("u", at(0));
  b.restart_after_kill();
  remove_folder(b, "t-0");
  remove_folder(b, "u-0");
  b.restart_after_kill();
  for (const char* name : {"t", "u"}) CHECK(b.fetch(name, 0).error_code == corrupt);
}

TEST_CASE("Missing: a topic that is made anew is not missed for the one before") {
  OneBroker b;
  b.boot = "this one";
  b.create("t");
  b.produce("t", at(0));
  protocol::DeleteTopicsRequest remove;
  remove.topic_names.push_back("t");
  CHECK(b.call<protocol::DeleteTopicsResponse>(5, remove).responses.at(0).error_code == 0);
  b.create("t");
  b.restart_after_kill();
  CHECK_FALSE(said(b, "DAMAGED"));
  CHECK(b.fetch("t", 0).high_watermark == 0);
  CHECK(b.produce("t", at(0)).base_offset == 0);
}

TEST_CASE(
    "Missing: a folder that is removed behind the first acknowledgement is missed, however often its broker dies") {
  for (const char* policy : {"ack", "os"}) {
    INFO(policy);
    OneBroker b;
    b.boot = "this one";
    b.create("t", 1, {{"flush.policy", policy}});
    CHECK(b.produce("t", at(0)).base_offset == 0);
    if (policy == std::string("os")) b.sleep(31'000);  // which asked for no sync
    b.restart_after_kill();
    remove_folder(b, "t-0");
    for (int64_t life = 0; life < 3; life++) {
      b.said.clear();
      b.restart_after_kill();
      CHECK(said(b, "t-0: DAMAGED: "));
      CHECK(said(b, "the segments are gone: offset 0 cannot be read"));
      CHECK(b.fetch("t", 0).error_code == corrupt);
      CHECK(b.produce("t", at(1)).base_offset == 1 + life);
      CHECK(values_in(*b.fetch("t", 1).records).size() == static_cast<size_t>(1 + life));
    }
  }
}

TEST_CASE("Missing: nobody is answered before a checkpoint tells of the log, and then whatever came of it") {
  for (bool can_write : {true, false}) {
    INFO(can_write);
    OneBroker b;
    b.create("t");
    const std::string young = folder_of(b, std::string(cluster::young_logs_file));
    auto id = b.connect();
    // Behind what its first append writes beside the records.
    if (!can_write) b.world.storage.inject({3, true, Errc::disk_full, 0, {Call::truncate}});
    b.ask(id, 9, b.produce_request("t", at(0)));
    while (b.waiting(id) == 0 && b.world.jobs.count() > 0) {
      CHECK_FALSE(b.world.storage.exists(young));
      b.world.jobs.run();
      b.broker->run();
    }
    auto told = b.answer<protocol::ProduceResponse>(id, 9);
    REQUIRE(told);
    CHECK(told->responses[0].partition_responses[0].error_code == 0);
    CHECK((b.world.storage.contents(young).find("t-0 1 ") != std::string::npos) == can_write);
    CHECK(said(b, "checkpoints are not written") != can_write);
    b.world.storage.heal();
    b.stop();
    CHECK_FALSE(b.world.storage.exists(young));
  }
}

TEST_CASE("Missing: a time in what is missing is an error for any client, with a reason for ours") {
  OneBroker b;
  b.create("t");
  for (int64_t i = 0; i < 4; i++) b.produce("t", at(1000 * i));
  CHECK(offset_at(b, t0 + 2000).offset == 2);
  b.stop();
  b.world.storage.put(folder_of(b, "t-0/00000000000000000000.log"), "");
  b.start_again();
  for (int64_t time : {int64_t{0}, t0, t0 + 2000, t0 + 9000, int64_t{-3}})
    for (int16_t version : {int16_t{7}, int16_t{11}}) {
      INFO(time << " " << version);
      auto told = offset_at(b, time, version);
      CHECK(told.error_code == corrupt);
      CHECK(told.offset == -1);
      CHECK(told.timestamp == -1);
      CHECK(told.damage.value_or("").find("from offset 0 on are missing or damaged") != std::string::npos);
    }
  CHECK(said(b, "from offset 0 on are missing or damaged"));
  CHECK_FALSE(offset_at(b, t0, 5).damage);  // which has no place for it
  CHECK(offset_at(b, t0, 5).error_code == corrupt);
  CHECK(offset_at(b, -1).offset == 4);
  CHECK(offset_at(b, -2).offset == 0);
  CHECK(b.produce("t", at(10'000)).base_offset == 4);
  CHECK(offset_at(b, t0 + 9000).error_code == corrupt);
  CHECK(offset_at(b, -3).offset == 4);
}

TEST_CASE("Missing: a log that cannot be opened because it is damaged is told to who appends, and does not pass") {
  OneBroker b;
  b.create("t");
  b.produce("t", at(0));
  b.stop();
  b.world.storage.erase(folder_of(b, "t-0/partition.metadata"));
  b.world.storage.erase(folder_of(b, std::string(log::topic_ids_file)));
  b.start_again();
  for (int16_t version : {int16_t{8}, int16_t{9}, int16_t{12}}) {
    INFO(version);
    auto told = b.produce("t", at(1), version);
    CHECK(told.error_code == storage_error);  // corrupt_message would be said of the producer's own bytes
    CHECK(told.is_damaged == (version >= 9));
    CHECK(told.error_message.value_or("").find("partition.metadata: is missing") != std::string::npos);
  }
  auto fetched = b.fetch("t", 0);
  CHECK(fetched.error_code == corrupt);
  CHECK(fetched.damage.value_or("").find("partition.metadata: is missing") != std::string::npos);
  CHECK(offset_at(b, -1).error_code == corrupt);
}

TEST_CASE("Missing: a segment that is taken away under a writer is damage to who appends") {
  OneBroker b;
  b.create("t");
  b.produce("t", at(0));
  b.world.storage.erase(folder_of(b, "t-0/00000000000000000000.log"));
  for (int i = 0; i < 2; i++) {
    auto told = b.produce("t", at(1));
    CHECK(told.error_code == storage_error);
    CHECK(told.is_damaged);
  }
}
