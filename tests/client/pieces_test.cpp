// A producer to brokers of this machine that take frames in shared memory: large batches are built in pieces of it.
#include <catch2/catch.hpp>

#include <fcntl.h>

#include <fstream>
#include <random>

#include "client/fake_broker.h"
#include "client/producer/producer.h"
#include "client/session.h"
#include "os/temp_dir.h"
#include "transport/frame_memory.h"

using namespace bobbin;
using namespace bobbin::client;
using fake::FakeCluster;
using fake::Fault;
using fake::Plan;
using fake::Seen;
using protocol::ApiKey;
using ::test::TempDir;

namespace {

constexpr size_t all_memory = transport::FrameMemory::bytes_default;

size_t mapped_memories() {
  std::ifstream maps("/proc/self/maps");
  size_t count = 0;
  for (std::string line; std::getline(maps, line);) count += line.find("memfd:bobbin-frames") != line.npos;
  return count;
}

size_t open_descriptors() {
  size_t count = 0;
  for (int fd = 0; fd < 1024; fd++) count += ::fcntl(fd, F_GETFD) >= 0;
  return count;
}

std::string value_of(int i, size_t bytes) {
  std::string value = "record-" + std::to_string(i) + ".";
  value.resize(bytes, static_cast<char>('a' + i % 26));
  return value;
}

struct Local {
  Local(int nodes, int of_topic) : cluster(nodes, temp.path()), partitions(of_topic) {
    cluster.add_topic("t", partitions);
    cluster.with([](FakeCluster& c) { c.takes_frames_in_memory = true; });
    options.batch_bytes = 100'000;
    target.dir = temp.path();
    target.autostart = false;
    target.timeout_ms = 20'000;
  }
  void open() {
    auto opened = Session::open(target);
    if (!opened) FAIL(opened.error().message);
    session = std::move(*opened);
    auto made = Producer::open(*session, "t", options);
    if (!made) FAIL(made.error().message);
    producer = std::move(*made);
  }
  // Round the partitions, and waits for all.
  Status send_all(int count, size_t bytes) {
    record_bytes = bytes;
    sent = count;
    for (int i = 0; i < count; i++) {
      while (producer->is_full()) BOBBIN_TRY(producer->poll({}, -1));
      std::string value = value_of(i, bytes);
      OutRecord record;
      record.value = Bytes(value);
      record.number = static_cast<uint64_t>(i);
      record.partition = PartitionId(i % partitions);
      BOBBIN_TRY(producer->send(record));
    }
    return producer->finish();
  }
  // Every record once, in the order in which it was sent, with every byte.
  void check_all_there() {
    CHECK(producer->acked() == static_cast<uint64_t>(sent));
    cluster.with([&](FakeCluster& c) {
      for (int p = 0; p < partitions; p++) {
        std::vector<std::string> expected, found;
        for (int i = p; i < sent; i += partitions) expected.push_back(value_of(i, record_bytes));
        for (auto& r : c.records("t", p)) found.push_back(r.value);
        REQUIRE(found.size() == expected.size());
        REQUIRE((found == expected));
      }
    });
  }
  // All pieces were given back.
  void check_memory_is_free(int broker) {
    auto all = session->take_memory(BrokerId(broker), all_memory);
    CHECK(all.has_value());
  }

  TempDir temp;
  FakeCluster cluster;
  int partitions;
  Target target;
  ProducerOptions options;
  std::unique_ptr<Session> session;
  std::unique_ptr<Producer> producer;
  size_t record_bytes = 0;
  int sent = 0;
};

}  // namespace

TEST_CASE("Producer in memory: large batches of many partitions arrive once and in order") {
  Local l(2, 7);
  l.open();
  REQUIRE(l.send_all(20000, 1000).ok());
  CHECK(mapped_memories() == 2);  // one for each broker
  l.check_all_there();
  l.check_memory_is_free(1);
  l.check_memory_is_free(2);
}

TEST_CASE("Producer in memory: batches of any size, large and small by turns") {
  Local l(1, 3);
  unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  l.open();
  std::vector<std::string> expected[3];
  for (int i = 0; i < 600; i++) {
    size_t p = random() % 3;
    std::string value = value_of(i, random() % 6 == 0 ? random() % 700'000 : random() % 3000);
    expected[p].push_back(value);
    while (l.producer->is_full()) REQUIRE(l.producer->poll({}, -1).ok());
    OutRecord record;
    record.value = Bytes(value);
    record.partition = PartitionId(static_cast<int32_t>(p));
    REQUIRE(l.producer->send(record).ok());
    if (random() % 20 == 0) l.producer->push();
    if (random() % 10 == 0) REQUIRE(l.producer->poll({}, 0).ok());
  }
  REQUIRE(l.producer->finish().ok());
  l.cluster.with([&](FakeCluster& c) {
    for (size_t p = 0; p < 3; p++) {
      std::vector<std::string> found;
      for (auto& r : c.records("t", static_cast<int>(p))) found.push_back(r.value);
      CHECK((found == expected[p]));
    }
  });
  l.check_memory_is_free(1);
}

TEST_CASE("Producer in memory: lines at once, built where they are sent from") {
  Local l(1, 1);
  l.open();
  std::string lines;
  for (int i = 0; i < 60000; i++) lines += value_of(i, 60) + "\n";
  Bytes left = lines;
  for (uint64_t number = 0; !left.empty();) {
    while (l.producer->is_full()) REQUIRE(l.producer->poll({}, -1).ok());
    auto taken = l.producer->send_lines(left, '\n', number);
    REQUIRE(taken.ok());
    number += taken->count;
    left.remove_prefix(taken->bytes);
  }
  REQUIRE(l.producer->finish().ok());
  l.record_bytes = 60;
  l.sent = 60000;
  l.check_all_there();
  l.check_memory_is_free(1);
}

TEST_CASE("Producer in memory: an interruption at any request loses, doubles and reorders nothing") {
  auto fault = GENERATE(Fault::close_before, Fault::close_after, Fault::error_before, Fault::error_after);
  auto at = GENERATE(range(0, 12));
  CAPTURE(static_cast<int>(fault), at);
  Local l(1, 2);
  l.cluster.set_script([&](const Seen& seen) -> Plan {
    if (seen.key != ApiKey::produce || seen.of_kind != at) return {};
    return {fault, fault == Fault::error_before ? int16_t{6} : int16_t{7}};
  });
  l.open();
  auto status = l.send_all(2000, 1000);
  if (!status) FAIL(status.error().message);
  l.check_all_there();
  l.check_memory_is_free(1);
}

TEST_CASE("Producer in memory: storms of faults and moving leaders lose, double and reorder nothing") {
  auto seed = GENERATE(range(1, 13));
  CAPTURE(seed);
  Local l(2, 4);
  std::mt19937 random(static_cast<unsigned>(seed));
  l.cluster.set_script([&](const Seen& seen) -> Plan {
    auto draw = random() % 100;
    if (draw < 4) {
      auto& partition = l.cluster.topics["t"].partitions[random() % 4];
      partition.leader = 3 - partition.leader;
      partition.epoch++;
    }
    if (seen.key != ApiKey::produce) return {};
    return fake::produce_fault(draw, random);
  });
  l.open();
  auto status = l.send_all(4000, 1000);
  if (!status) FAIL(status.error().message);
  l.check_all_there();
  CHECK(mapped_memories() <= 2);  // those of lost connections have gone
}

TEST_CASE("Producer in memory: a batch that the leader finds too large is split") {
  Local l(1, 2);
  l.cluster.with([](FakeCluster& c) { c.topics["t"].max_batch_bytes = 30'000; });
  l.open();
  REQUIRE(l.send_all(1500, 1000).ok());
  l.check_all_there();
  l.check_memory_is_free(1);
}

TEST_CASE("Producer in memory: where there is no more of it, batches go through the socket") {
  // 12 partitions with an open batch and five under way, of 900 KB each, are more than there is memory.
  Local l(1, 12);
  l.options.batch_bytes = 900'000;
  l.options.buffer_bytes_max = 64 << 20;
  bool taken_away = GENERATE(false, true);
  l.open();
  std::optional<transport::FrameMemory::Piece> all;
  if (taken_away) all = l.session->take_memory(BrokerId(1), all_memory);
  if (taken_away) REQUIRE(all);
  REQUIRE(l.send_all(7000, 9000).ok());
  l.check_all_there();
  all.reset();
  l.check_memory_is_free(1);
}

TEST_CASE("Producer in memory: a partition that failed, and one that was given up, keep nothing") {
  Local l(1, 2);
  bool gone = GENERATE(false, true);
  l.cluster.set_script([&](const Seen& seen) -> Plan {
    return seen.key == ApiKey::produce && seen.of_kind == 5 ? Plan{Fault::error_before, 32} : Plan{};
  });
  l.open();
  CHECK_FALSE(l.send_all(3000, 1000).ok());
  REQUIRE(l.producer->first_failed());
  CHECK(l.producer->first_failed()->error.code == Errc::invalid_timestamp);
  if (gone) l.producer.reset();
  // What is still under way is awaited.
  for (int i = 0; i < 200 && !gone && !l.producer->is_idle(); i++)
    if (!l.producer->poll({}, 20).ok()) break;
  for (int i = 0; i < 500 && !l.session->take_memory(BrokerId(1), all_memory); i++)
    REQUIRE(l.session->wait({}, 20).ok());
  l.check_memory_is_free(1);
}

TEST_CASE("Producer in memory: compressed batches, and those that nobody answers, are sent all the same") {
  Local l(1, 2);
  SECTION("compressed") { l.options.compression = record::Compression::lz4; }
  SECTION("acks 0") { l.options.acks = Acks::none; }
  SECTION("acks 1") { l.options.acks = Acks::leader; }
  SECTION("not idempotent") { l.options.idempotent = false; }
  SECTION("a broker that takes no frames in memory") {
    l.cluster.with([](FakeCluster& c) { c.takes_frames_in_memory = false; });
  }
  l.open();
  REQUIRE(l.send_all(2000, 1000).ok());
  for (bool there = false; !there;) {  // acks 0 says nothing
    l.cluster.with(
        [&](FakeCluster& c) { there = c.topics["t"].partitions[0].end + c.topics["t"].partitions[1].end >= 2000; });
    if (!there) REQUIRE(l.session->wait({}, 5).ok());
  }
  l.check_all_there();
}

TEST_CASE("Producer in memory: a lost connection's memory goes with what lay in it") {
  size_t before = open_descriptors();
  REQUIRE(mapped_memories() == 0);
  {
    Local l(1, 3);
    l.cluster.set_script([&](const Seen& seen) -> Plan {
      return seen.key == ApiKey::produce && seen.of_kind % 7 == 6 ? Plan{Fault::close_after, 0} : Plan{};
    });
    l.open();
    REQUIRE(l.send_all(5000, 1000).ok());
    l.check_all_there();
    CHECK(mapped_memories() <= 1);
  }
  CHECK(mapped_memories() == 0);
  CHECK(open_descriptors() == before);
}
