// DeleteRecords: what is read no more, who has to know before it is answered, and that nothing comes back.
#include "protocol/messages/delete_records.h"

#include <catch2/catch.hpp>

#include "broker/one_broker.h"
#include "metadata/broker_changes.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

using Request = protocol::DeleteRecordsRequest;
using Response = protocol::DeleteRecordsResponse;
using Told = Response::DeleteRecordsPartitionResult;

int16_t code(Errc e) { return static_cast<int16_t>(e); }

Request below(const std::string& topic, int64_t offset, int32_t timeout_ms = 1000, int32_t partition = 0) {
  Request request;
  request.topics.push_back({topic, {{partition, offset}}});
  request.timeout_ms = timeout_ms;
  return request;
}
Told first_of(const Response& response) { return response.topics.at(0).partitions.at(0); }

Told ask(OneBroker& b, const Request& request, int16_t version = 2) {
  return first_of(b.call<Response>(version, request));
}

int64_t earliest(OneBroker& b, const std::string& topic) {
  protocol::ListOffsetsRequest request;
  request.topics.push_back({topic, {{0, -1, -2}}});
  return b.call<protocol::ListOffsetsResponse>(7, request).topics.at(0).partitions.at(0).offset;
}

using Values = std::vector<std::string>;
Values values_from(OneBroker& b, const std::string& topic, int64_t offset) {
  return values_in(*b.fetch(topic, offset).records);
}

struct Filled {
  explicit Filled(std::map<std::string, std::string> configs = {}) {
    b.create("t", 1, std::move(configs));
    for (const char* value : {"a", "b", "c", "d", "e"}) b.produce("t", batch_of({value}));
  }
  OneBroker b;
};

}  // namespace

TEST_CASE("DeleteRecords: what lies below is read no more, and stays away however the broker ends") {
  const std::string policy = GENERATE("ack", "os");
  Filled f({{"flush.policy", policy}});
  const auto version = static_cast<int16_t>(GENERATE(0, 1, 2));
  CHECK(ask(f.b, below("t", 3), version) == Told{0, 3, 0});
  auto begins_at = [&](int64_t start) {
    CHECK(earliest(f.b, "t") == start);
    CHECK(f.b.fetch("t", start - 1).error_code == code(Errc::offset_out_of_range));
    CHECK(f.b.fetch("t", start).log_start_offset == start);
  };
  begins_at(3);
  CHECK(values_from(f.b, "t", 3) == Values{"d", "e"});
  SECTION("killed") {
    f.b.restart_after_kill();
    begins_at(3);
  }
  SECTION("by a power cut") {
    f.b.restart_after_power_cut();
    begins_at(3);
  }
  SECTION("in order") {
    f.b.stop();
    f.b.start_again();
    begins_at(3);
  }
  SECTION("again and again, with checkpoints between") {
    for (int64_t start : {4, 5}) {
      CHECK(ask(f.b, below("t", start)) == Told{0, start, 0});
      f.b.restart_after_power_cut();
      CHECK(earliest(f.b, "t") == start);
      f.b.pass(31'000);
      f.b.settle();
      f.b.restart_after_power_cut();
      CHECK(earliest(f.b, "t") == start);
    }
  }
  CHECK(f.b.produce("t", batch_of({"f"})).base_offset == 5);
}

TEST_CASE("DeleteRecords: -1 is the high watermark, and what comes after that is there") {
  Filled f;
  CHECK(ask(f.b, below("t", -1)) == Told{0, 5, 0});
  CHECK(earliest(f.b, "t") == 5);
  CHECK(ask(f.b, below("t", -1)) == Told{0, 5, 0});
  f.b.restart_after_power_cut();
  CHECK(earliest(f.b, "t") == 5);
  CHECK(f.b.produce("t", batch_of({"f"})).base_offset == 5);
  CHECK(values_from(f.b, "t", 5) == Values{"f"});
}

TEST_CASE("DeleteRecords: a log that begins later already stays as it is") {
  Filled f;
  CHECK(ask(f.b, below("t", 4)) == Told{0, 4, 0});
  for (int64_t before : {0, 3, 4}) CHECK(ask(f.b, below("t", before)) == Told{0, 4, 0});
  CHECK(earliest(f.b, "t") == 4);
  f.b.create("empty");
  for (int64_t none : {0, -1}) CHECK(ask(f.b, below("empty", none)) == Told{0, 0, 0});
}

TEST_CASE("DeleteRecords: what is not there, and what may not go; each partition alone") {
  Filled f;
  f.b.create("compacted", 1, {{"cleanup.policy", "compact"}});
  f.b.create("both", 1, {{"cleanup.policy", "compact,delete"}});
  Request request = below("t", 6);
  request.topics.push_back({"no.such", {{0, 0}, {3, 0}}});
  request.topics.push_back({"compacted", {{0, 0}}});
  request.topics.push_back({"both", {{0, 0}}});
  request.topics.push_back({"t", {{1, 0}, {-1, 0}}});
  auto told = f.b.call<Response>(2, request).topics;
  REQUIRE(told.size() == 4);
  CHECK(told[0].name == "t");
  CHECK(told[0].partitions == std::vector<Told>{{0, -1, code(Errc::offset_out_of_range)},
                                                {1, -1, code(Errc::unknown_topic_or_partition)},
                                                {-1, -1, code(Errc::unknown_topic_or_partition)}});
  CHECK(told[1].partitions == std::vector<Told>{{0, -1, code(Errc::unknown_topic_or_partition)},
                                                {3, -1, code(Errc::unknown_topic_or_partition)}});
  CHECK(told[2].partitions == std::vector<Told>{{0, -1, code(Errc::policy_violation)}});
  CHECK(told[3].partitions == std::vector<Told>{{0, 0, 0}});
  for (int64_t bad : {int64_t{-2}, INT64_MIN, int64_t{6}, INT64_MAX})
    CHECK(ask(f.b, below("t", bad)) == Told{0, -1, code(Errc::offset_out_of_range)});
  CHECK(earliest(f.b, "t") == 0);
  CHECK(f.b.call<Response>(2, Request{}).topics.empty());
}

TEST_CASE("DeleteRecords: a partition that is named twice is answered once, as it was named last") {
  Filled f;
  Request request;
  request.timeout_ms = 1000;
  request.topics.push_back({"t", {{0, 4}, {0, 99}}});
  request.topics.push_back({"t", {{0, 2}}});
  auto told = f.b.call<Response>(2, request);
  REQUIRE(told.topics.size() == 1);
  CHECK(told.topics[0].partitions == std::vector<Told>{{0, 2, 0}});
  CHECK(earliest(f.b, "t") == 2);
}

TEST_CASE("DeleteRecords: topics that brokers keep for themselves are refused") {
  OneBroker b;
  protocol::FindCoordinatorRequest coordinator;
  coordinator.coordinator_keys = {"g"};
  b.call<protocol::FindCoordinatorResponse>(4, coordinator);
  b.settle();
  REQUIRE(b.broker->image().topic("__consumer_offsets"));
  CHECK(ask(b, below("__consumer_offsets", 0)) == Told{0, -1, code(Errc::invalid_topic_exception)});
  CHECK(ask(b, below("__consumer_offsets", 0, 1000, 99)).error_code == code(Errc::unknown_topic_or_partition));
}

TEST_CASE("DeleteRecords: a topic that is made anew under the name begins at its beginning") {
  Filled f;
  CHECK(ask(f.b, below("t", 4)) == Told{0, 4, 0});
  protocol::DeleteTopicsRequest gone;
  gone.topic_names = {"t"};
  REQUIRE(f.b.call<protocol::DeleteTopicsResponse>(5, gone).responses.at(0).error_code == 0);
  f.b.settle();
  f.b.create("t");
  REQUIRE(f.b.produce("t", batch_of({"x"})).base_offset == 0);
  f.b.restart_after_power_cut();
  CHECK(earliest(f.b, "t") == 0);
  CHECK(values_from(f.b, "t", 0) == Values{"x"});
}

TEST_CASE("DeleteRecords: whole segments below go when retention looks, and the rest stays readable") {
  OneBroker b(config::ConfigMap{{"log.retention.check.interval.ms", "1000"}});
  b.create("t", 1, {{"segment.bytes", "1048576"}, {"file.delete.delay.ms", "0"}});
  for (int i = 0; i < 6; i++) REQUIRE(b.produce("t", batch_of({std::string(600'000, 'x')})).error_code == 0);
  const std::string folder = b.dir.broker_dir(BrokerId(1)) + "/t-0";
  const size_t before = b.world.storage.paths(folder).size();
  CHECK(ask(b, below("t", 4)) == Told{0, 4, 0});
  b.pass(2000);
  b.settle();
  b.pass(2000);
  b.settle();
  CHECK(b.world.storage.paths(folder).size() < before);
  CHECK(b.fetch("t", 4).error_code == 0);
  b.restart_after_power_cut();
  CHECK(earliest(b, "t") == 4);
}

// --- with a follower

namespace {

// Broker 2 is there in the metadata, and in these tests' hands: it is in sync in partition 0 of u, which broker 1 leads.
struct Replicated {
  Replicated() {
    transactions.catch_up();
    change([](const metadata::Image& image) { return metadata::register_broker(image, {BrokerId(2), {}, {}, {}}); });
    change([this](const metadata::Image& image) {
      metadata::NewTopic made;
      made.name = "u";
      made.id = os::random_uuid(b.world.world.random);
      made.assignments = {{PartitionId(0), {BrokerId(1), BrokerId(2)}}};
      return metadata::create_topic(image, made, {{BrokerId(1), BrokerId(2)}, 0}, {});
    });
    REQUIRE(b.world.storage.make_dir(b.dir.broker_dir(BrokerId(2))).ok());
    held = *b.world.storage.try_lock(b.dir.broker_lock(BrokerId(2)));
    b.broker->on_metadata_changed();
    b.settle();
    link = b.connect(true);
    const std::string batch = batch_of({"a", "b", "c"});
    b.call<protocol::ProduceResponse>(9, b.produce_request("u", batch, 1));
    follow(0, 0);
    follow(3, 0);
    b.settle();
    REQUIRE(b.fetch("u", 0).high_watermark == 3);
    asker = b.connect();
  }
  void change(metadata::Change how) {
    transactions.submit(std::move(how), [](Result<Offset> result) { REQUIRE(result.ok()); });
    while (b.world.jobs.count() > 0) b.world.jobs.run();
  }
  // It asks from there on, its log beginning at `start`, of which `kept` outlives it.
  void follow(int64_t from, int64_t start, int64_t kept = -1, int32_t wait_ms = 0) {
    const metadata::Image& image = b.broker->image();
    protocol::FetchRequest request;
    request.replica_state = {2, image.broker(BrokerId(2))->epoch.value};
    request.max_wait_ms = wait_ms;
    request.min_bytes = 1;
    request.max_bytes = 1 << 20;
    protocol::FetchRequest::FetchPartition part;
    part.partition = 0;
    part.current_leader_epoch = image.topic("u")->partitions[0].leader_epoch.value;
    part.fetch_offset = from;
    part.log_start_offset = start;
    part.kept_start = kept;
    part.partition_max_bytes = 1 << 20;
    request.topics.push_back({{}, image.topic("u")->id, {part}});
    b.ask(link, 17, request);
    b.settle();
  }
  std::optional<int64_t> told_start() {
    std::optional<int64_t> start;
    while (auto told = b.answer<protocol::FetchResponse>(link, 17))
      start = told->responses.at(0).partitions.at(0).log_start_offset;
    return start;
  }
  void ask_for(int64_t offset, int32_t timeout_ms = 1000) {
    b.ask(asker, 2, below("u", offset, timeout_ms));
    b.settle();
  }
  std::optional<Told> answered() {
    auto told = b.answer<Response>(asker, 2);
    if (!told) return std::nullopt;
    return first_of(*told);
  }

  OneBroker b;
  metadata::Transactions transactions{b.world.world, b.dir, {[](const metadata::Delta&) {}}};
  std::unique_ptr<os::Lock> held;
  transport::ConnectionId link{}, asker{};
};

}  // namespace

TEST_CASE("DeleteRecords: it is answered when the followers begin there, too, and for good") {
  Replicated r;
  r.told_start();
  r.ask_for(2);
  CHECK_FALSE(r.answered());
  CHECK(earliest(r.b, "u") == 2);  // here it is done
  r.follow(3, 0);
  CHECK(r.told_start() == 2);
  CHECK_FALSE(r.answered());
  r.follow(3, 2, 0);  // it knows, and would forget if it died
  CHECK_FALSE(r.answered());
  r.follow(3, 2, 1);
  CHECK_FALSE(r.answered());
  r.follow(3, 2);
  CHECK(r.answered() == Told{0, 2, 0});
  // What it keeps already is answered at once.
  r.ask_for(1);
  CHECK(r.answered() == Told{0, 2, 0});
}

TEST_CASE("DeleteRecords: a follower that waits for records is told at once where its leader begins") {
  Replicated r;
  r.told_start();
  r.follow(3, 0, -1, 500);
  CHECK_FALSE(r.told_start());
  r.ask_for(2);
  CHECK(r.told_start() == 2);
  // Who knows waits as before.
  r.follow(3, 2, 0, 500);
  CHECK_FALSE(r.told_start());
}

TEST_CASE("DeleteRecords: the leader's own disk is waited for whatever the time-out says") {
  Filled f;
  CHECK(ask(f.b, below("t", 3, GENERATE(0, -1))) == Told{0, 3, 0});
}

TEST_CASE("DeleteRecords: who is not heard of in time is told of as a time-out, and what was deleted stays so") {
  Replicated r;
  const int32_t timeout_ms = GENERATE(0, -1, 200);
  r.ask_for(2, timeout_ms);
  CHECK_FALSE(r.answered());
  r.b.pass(201);  // the leader's own disk has it by then
  r.b.settle();
  CHECK(r.answered() == Told{0, 0, code(Errc::request_timed_out)});
  CHECK(earliest(r.b, "u") == 2);
}

TEST_CASE("DeleteRecords: nobody waits for a follower that is dead and not in sync") {
  Replicated r;
  r.held.reset();
  r.change([](const metadata::Image& image) {
    return metadata::fence_broker(image, BrokerId(2), image.broker(BrokerId(2))->epoch);
  });
  r.b.broker->on_metadata_changed();
  r.b.settle();
  r.ask_for(2);
  CHECK(r.answered() == Told{0, 2, 0});
}
