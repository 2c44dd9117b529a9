#include "client/producer/producer.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <random>
#include <thread>

#include "client/admin/offsets.h"
#include "client/fake_broker.h"
#include "client/session.h"

using namespace bobbin;
using namespace bobbin::client;
using fake::FakeCluster;
using fake::FakeRecord;
using fake::Fault;
using fake::Plan;
using fake::Seen;
using protocol::ApiKey;

namespace {

Target target_of(FakeCluster& cluster, int64_t timeout_ms = 20'000) {
  Target target;
  target.bootstrap = cluster.bootstrap();
  target.timeout_ms = timeout_ms;
  return target;
}

std::unique_ptr<Session> connect(FakeCluster& cluster, int64_t timeout_ms = 20'000) {
  auto session = Session::open(target_of(cluster, timeout_ms));
  if (!session) FAIL(session.error().message);
  return std::move(*session);
}

std::unique_ptr<Producer> produce_to(Session& session, const std::string& topic, ProducerOptions options = {}) {
  auto producer = Producer::open(session, topic, options);
  if (!producer) FAIL(producer.error().message);
  return std::move(*producer);
}

std::string value_of(int i) { return "record-" + std::to_string(i); }

OutRecord out(const std::string& value, uint64_t number, std::optional<PartitionId> partition = {}) {
  OutRecord record;
  record.value = Bytes(value);
  record.number = number;
  record.partition = partition;
  return record;
}

// Sends `count` records round the partitions, in batches of about `per_batch`, and waits for all.
Status send_all(Producer& producer, int count, int partitions, int per_batch) {
  for (int i = 0; i < count; i++) {
    while (producer.is_full()) BOBBIN_TRY(producer.poll({}, -1));
    BOBBIN_TRY(producer.send(out(value_of(i), static_cast<uint64_t>(i), PartitionId(i % partitions))));
    if (i % (per_batch * partitions) == 0) {
      producer.push();
      BOBBIN_TRY(producer.poll({}, 0));
    }
  }
  return producer.finish();
}

// Every record once, in the order in which it was sent.
void check_all_there(FakeCluster& cluster, const std::string& topic, int count, int partitions) {
  cluster.with([&](FakeCluster& c) {
    for (int p = 0; p < partitions; p++) {
      std::vector<std::string> expected, found;
      for (int i = p; i < count; i += partitions) expected.push_back(value_of(i));
      for (auto& r : c.records(topic, p)) found.push_back(r.value);
      CHECK(found == expected);
    }
  });
}

}  // namespace

TEST_CASE("Producer: every record arrives once and in order") {
  FakeCluster cluster(2);
  cluster.add_topic("t", 3);
  auto session = connect(cluster);
  auto producer = produce_to(*session, "t");
  REQUIRE(send_all(*producer, 5000, 3, 20).ok());
  CHECK(producer->sent() == 5000);
  CHECK(producer->acked() == 5000);
  CHECK(producer->is_idle());
  CHECK_FALSE(producer->first_failed());
  check_all_there(cluster, "t", 5000, 3);
}

TEST_CASE("Producer: lines at once arrive as records, and what is too large is left to the caller") {
  FakeCluster cluster(2);
  int32_t partitions = GENERATE(1, 3);
  cluster.add_topic("t", partitions);
  auto session = connect(cluster);
  ProducerOptions options;
  options.batch_bytes = 2000;
  auto producer = produce_to(*session, "t", options);
  std::string lines;
  for (int i = 0; i < 3000; i++) lines += std::to_string(i) + "\n";
  lines += std::string(2000000, 'x') + "\n" + "last\n" + "without its end";
  Bytes left = lines;
  uint64_t number = 1;
  for (;;) {
    while (producer->is_full()) REQUIRE(producer->poll({}, -1).ok());
    auto taken = producer->send_lines(left, '\n', number);
    REQUIRE(taken.ok());
    number += taken->count;
    left.remove_prefix(taken->bytes);
    if (taken->count > 0) continue;
    if (left[0] != 'x') break;
    size_t end = left.find('\n');
    OutRecord large;
    large.value = left.substr(0, end);
    CHECK(producer->send(large).error().code == Errc::message_too_large);
    left.remove_prefix(end + 1);
    number++;
  }
  CHECK(left == "without its end");
  CHECK(number == 3003);
  REQUIRE(producer->finish().ok());
  CHECK(producer->acked() == 3001);
  std::multiset<std::string> values;
  for (int p = 0; p < partitions; p++) {
    int before = -1;
    for (const FakeRecord& record : cluster.records("t", p)) {
      values.insert(record.value);
      if (record.value == "last") continue;
      CHECK(std::stoi(record.value) > before);
      before = std::stoi(record.value);
    }
  }
  CHECK(values.size() == 3001);
  CHECK(std::set<std::string>(values.begin(), values.end()).size() == 3001);
}

TEST_CASE("Producer: an interruption at any request loses, doubles and reorders nothing") {
  auto fault = GENERATE(Fault::close_before, Fault::close_after, Fault::error_before, Fault::error_after);
  auto at = GENERATE(range(0, 16));
  CAPTURE(static_cast<int>(fault), at);
  FakeCluster cluster;
  cluster.add_topic("t", 2);
  cluster.set_script([&](const Seen& seen) -> Plan {
    if (seen.number != at) return {};
    // Answers that are not Produce's have no place for such an error here.
    if (seen.key != ApiKey::produce && fault != Fault::close_before && fault != Fault::close_after) return {};
    return {fault, fault == Fault::error_before ? int16_t{6} : int16_t{7}};
  });
  auto session = connect(cluster);
  auto producer = produce_to(*session, "t");
  auto status = send_all(*producer, 400, 2, 20);
  if (!status) FAIL(status.error().message);
  CHECK(producer->acked() == 400);
  check_all_there(cluster, "t", 400, 2);
}

TEST_CASE("Producer: storms of faults and moving leaders lose, double and reorder nothing") {
  auto seed = GENERATE(range(1, 25));
  CAPTURE(seed);
  FakeCluster cluster(2);
  cluster.add_topic("t", 3);
  std::mt19937 random(static_cast<unsigned>(seed));
  cluster.set_script([&](const Seen& seen) -> Plan {
    auto draw = random() % 100;
    if (draw < 3) {
      auto& partition = cluster.topics["t"].partitions[random() % 3];
      partition.leader = 3 - partition.leader;
      partition.epoch++;
    }
    if (seen.key != ApiKey::produce) return {draw >= 97 ? Fault::close_before : Fault::none, 0};
    return fake::produce_fault(draw, random);
  });
  auto session = connect(cluster);
  ProducerOptions options;
  options.batch_bytes = 500;
  options.compression = seed % 3 == 0 ? record::Compression::lz4 : record::Compression::none;
  auto producer = produce_to(*session, "t", options);
  auto status = send_all(*producer, 1500, 3, 10);
  if (!status) FAIL(status.error().message);
  CHECK(producer->acked() == 1500);
  check_all_there(cluster, "t", 1500, 3);
}

TEST_CASE("Producer: a record over the topic's limit is refused alone, to the byte, and its neighbours go on") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  cluster.with([](FakeCluster& c) { c.topics["t"].max_message_bytes = c.topics["t"].max_batch_bytes = 1000; });
  auto session = connect(cluster);
  auto producer = produce_to(*session, "t");
  CHECK(producer->max_message_bytes() == 1000);
  // 61 of the batch, then: length 2, attributes 1, time 1, offset 1, no key 1, value's length 2, headers 1.
  const std::string fits(1000 - 61 - 9, 'x');
  REQUIRE(producer->send(out("before", 1)).ok());
  auto refused = producer->send(out(fits + "x", 2));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::message_too_large);
  REQUIRE(producer->send(out(fits, 3)).ok());
  REQUIRE(producer->send(out("after", 4)).ok());
  REQUIRE(producer->finish().ok());
  CHECK(producer->acked() == 3);
  cluster.with([&](FakeCluster& c) {
    CHECK(c.records("t", 0) == std::vector<FakeRecord>{{0, "", "before"}, {1, "", fits}, {2, "", "after"}});
  });
}

TEST_CASE("Producer: batches that the leader finds too large are split, with every record's sequence kept") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  cluster.with([](FakeCluster& c) { c.topics["t"].max_batch_bytes = 300; });
  auto session = connect(cluster);
  auto producer = produce_to(*session, "t");
  REQUIRE(send_all(*producer, 500, 1, 100).ok());
  check_all_there(cluster, "t", 500, 1);

  auto status = producer->send(out(std::string(400, 'x'), 500));
  REQUIRE(status.ok());
  auto failed = producer->finish();
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code == Errc::message_too_large);
  REQUIRE(producer->first_failed());
  CHECK(producer->first_failed()->number == 500);
}

TEST_CASE("Producer: a batch that is refused for good ends its partition only") {
  FakeCluster cluster;
  cluster.add_topic("t", 2);
  cluster.set_script([](const Seen& seen) -> Plan {
    return seen.key == ApiKey::produce && seen.of_kind == 1 ? Plan{Fault::error_before, 32} : Plan{};
  });
  auto session = connect(cluster);
  auto producer = produce_to(*session, "t");
  auto send_one = [&](int number, int partition) {
    auto status = producer->send(out(value_of(number), static_cast<uint64_t>(number), PartitionId(partition)));
    producer->push();
    while (status && !producer->is_idle()) REQUIRE(producer->poll({}, -1).ok());
    return status;
  };
  CHECK(send_one(1, 0).ok());
  CHECK(send_one(2, 1).ok());  // refused later, by the cluster
  REQUIRE(producer->first_failed());
  CHECK(producer->first_failed()->number == 2);
  CHECK(producer->first_failed()->error.code == Errc::invalid_timestamp);
  CHECK_FALSE(send_one(3, 1).ok());
  CHECK(send_one(4, 0).ok());
  CHECK_FALSE(producer->finish().ok());
  CHECK(producer->sent() == 3);
  CHECK(producer->acked() == 2);
  CHECK(producer->failed() == 1);
}

TEST_CASE("Producer: damage on the leader's disk ends its partition at once, in the leader's words") {
  for (bool is_damage : {true, false}) {
    FakeCluster cluster;
    cluster.add_topic("t", 1);
    if (is_damage) cluster.damage = "/c/broker-1/t-0: is a FIFO, where a folder belongs";
    cluster.set_script([](const Seen& seen) -> Plan {
      // Which a broker whose disk was full for a moment says as well.
      return seen.key == ApiKey::produce && seen.of_kind == 0
                 ? Plan{Fault::error_before, static_cast<int16_t>(Errc::kafka_storage_error)}
                 : Plan{};
    });
    auto session = connect(cluster);
    auto producer = produce_to(*session, "t");
    REQUIRE(producer->send(out("value", 1)).ok());
    auto status = producer->finish();
    CHECK(status.ok() == !is_damage);
    if (status) continue;
    CHECK(status.error().code == Errc::damaged);
    CHECK(status.error().message == "t-0: /c/broker-1/t-0: is a FIFO, where a folder belongs");
    CHECK(producer->failed() == 1);
    cluster.with([](FakeCluster& c) { CHECK(c.requests[static_cast<int>(ApiKey::produce)] == 1); });
  }
}

TEST_CASE("Producer: a refusal that is read while a batch is sealed takes no record with it") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  cluster.set_script([](const Seen& seen) -> Plan {
    return seen.key == ApiKey::produce ? Plan{Fault::error_before, 87} : Plan{};
  });
  auto session = connect(cluster);
  ProducerOptions options;
  options.batch_bytes = 100;
  auto producer = produce_to(*session, "t", options);
  Status sent;
  uint64_t taken = 0;
  for (int i = 0; i < 200 && sent; i++) {
    // The answer to what went before lies in the socket, unread, when this batch is sealed.
    std::this_thread::sleep_for(std::chrono::milliseconds(i));
    sent = producer->send(out(value_of(i), static_cast<uint64_t>(i), PartitionId(0)));
    if (sent) taken++;
  }
  CHECK(sent.error().code == Errc::invalid_record);
  CHECK(producer->finish().error().code == Errc::invalid_record);
  CHECK(producer->is_idle());
  CHECK(producer->failed() == taken);
}

TEST_CASE("Producer: without any answer it gives up after its time, and tells how many are open") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  cluster.set_script([](const Seen& seen) -> Plan {
    return seen.key == ApiKey::produce && seen.of_kind >= 1 ? Plan{Fault::silent, 0} : Plan{};
  });
  auto session = connect(cluster, 500);
  ProducerOptions options;
  options.timeout_ms = 300;
  auto producer = produce_to(*session, "t", options);
  REQUIRE(producer->send(out("first", 1)).ok());
  REQUIRE(producer->finish().ok());
  REQUIRE(producer->send(out("second", 2)).ok());
  auto status = producer->finish();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Errc::no_answer);
  CHECK(producer->acked() == 1);
  CHECK(producer->failed() == 1);
  CHECK(producer->first_failed()->number == 2);
}

TEST_CASE("Producer: a disk that was full and is not any more is no reason for what fails later") {
  for (bool is_full_again : {false, true}) {
    FakeCluster cluster;
    cluster.add_topic("t", 1);
    cluster.set_script([=](const Seen& seen) -> Plan {
      if (seen.key != ApiKey::produce) return {};
      if (seen.of_kind == 1) return {Fault::error_before, static_cast<int16_t>(Errc::kafka_storage_error)};
      if (seen.of_kind < 3) return {};
      return is_full_again ? Plan{Fault::error_before, static_cast<int16_t>(Errc::kafka_storage_error)}
                           : Plan{Fault::silent, 0};
    });
    auto session = connect(cluster);
    ProducerOptions options;
    options.timeout_ms = 300;
    auto producer = produce_to(*session, "t", options);
    for (uint64_t i = 0; i < 2; i++) {
      REQUIRE(producer->send(out("stored", i)).ok());
      REQUIRE(producer->finish().ok());
    }
    REQUIRE(producer->send(out("not stored", 2)).ok());
    auto status = producer->finish();
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code == (is_full_again ? Errc::kafka_storage_error : Errc::no_answer));
    CHECK(producer->acked() == 2);
  }
}

TEST_CASE("Producer: a disk that refused once and is slow then is waited for") {
  for (bool goes_on_refusing : {false, true}) {
    FakeCluster cluster;
    cluster.add_topic("t", 1);
    ProducerOptions options;
    options.storage_refusals_ms_max = 300;
    cluster.set_script([=](const Seen& seen) -> Plan {
      if (seen.key != ApiKey::produce) return {};
      if (seen.of_kind == 0 || goes_on_refusing)
        return {Fault::error_before, static_cast<int16_t>(Errc::kafka_storage_error)};
      std::this_thread::sleep_for(std::chrono::milliseconds(600));
      return {};
    });
    auto session = connect(cluster);
    auto producer = produce_to(*session, "t", options);
    REQUIRE(producer->send(out("value", 1)).ok());
    auto status = producer->finish();
    CHECK(status.ok() != goes_on_refusing);
    if (!status) CHECK(status.error().code == Errc::kafka_storage_error);
  }
}

TEST_CASE("Producer: acks=0 counts what the socket took") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  auto session = connect(cluster);
  ProducerOptions options;
  options.acks = Acks::none;
  auto producer = produce_to(*session, "t", options);
  REQUIRE(send_all(*producer, 300, 1, 50).ok());
  CHECK(producer->acked() == 300);
  // Whatever follows on the connection is answered after they were taken.
  REQUIRE(list_offsets(*session, "t", {}).ok());
  check_all_there(cluster, "t", 300, 1);
}

TEST_CASE("Producer: a topic that is deleted or made anew ends the work with a sentence") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  auto session = connect(cluster);
  auto producer = produce_to(*session, "t");
  REQUIRE(producer->send(out("one", 1)).ok());
  REQUIRE(producer->finish().ok());
  cluster.remove_topic("t");
  cluster.add_topic("t", 1);
  REQUIRE(producer->send(out("two", 2)).ok());
  auto status = producer->finish();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Errc::inconsistent_topic_id);
  cluster.with([](FakeCluster& c) { CHECK(c.records("t", 0).empty()); });
}

TEST_CASE("Producer: a missing topic and a missing partition are told at once") {
  FakeCluster cluster;
  cluster.add_topic("t", 2);
  auto session = connect(cluster);
  auto missing = Producer::open(*session, "nope", {});
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Errc::unknown_topic_or_partition);
  auto producer = produce_to(*session, "t");
  auto status = producer->send(out("x", 1, PartitionId(2)));
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Errc::unknown_topic_or_partition);
  CHECK(producer->sent() == 0);
}

TEST_CASE("Producer: brokers that know only older versions are spoken to in those") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  cluster.with([](FakeCluster& c) {
    c.api_versions_max = 2;
    c.produce_max = 7;
    c.metadata_max = 4;
  });
  auto session = connect(cluster);
  auto producer = produce_to(*session, "t");
  REQUIRE(send_all(*producer, 100, 1, 10).ok());
  check_all_there(cluster, "t", 100, 1);
}

TEST_CASE("Producer: memory stays bounded while nothing is acknowledged") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  std::atomic<bool> answer{false};
  cluster.set_script([&](const Seen& seen) -> Plan {
    return seen.key == ApiKey::produce && !answer ? Plan{Fault::error_before, 7} : Plan{};
  });
  auto session = connect(cluster);
  ProducerOptions options;
  options.buffer_bytes_max = 100'000;
  options.batch_bytes = 10'000;
  auto producer = produce_to(*session, "t", options);
  const std::string value(1000, 'v');
  int taken = 0;
  while (!producer->is_full()) {
    REQUIRE(producer->send(out(value, 0)).ok());
    taken++;
    REQUIRE(taken < 200);
  }
  answer = true;
  REQUIRE(producer->finish().ok());
  CHECK(producer->acked() == static_cast<uint64_t>(taken));
  CHECK_FALSE(producer->is_full());
}
