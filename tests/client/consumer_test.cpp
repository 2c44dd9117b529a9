#include "client/consumer/consumer.h"

#include <algorithm>
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
using fake::Fault;
using fake::make_batch;
using fake::Plan;
using fake::Seen;
using protocol::ApiKey;

namespace {

std::unique_ptr<Session> connect(FakeCluster& cluster, int64_t timeout_ms = 20'000) {
  Target target;
  target.bootstrap = cluster.bootstrap();
  target.timeout_ms = timeout_ms;
  auto session = Session::open(target);
  if (!session) FAIL(session.error().message);
  return std::move(*session);
}

struct Collector final : Sink {
  std::vector<std::string> seen;  // "topic-partition@offset=value"
  size_t enough = SIZE_MAX;       // pauses when there are so many
  bool take(std::string_view topic, PartitionId p, const record::Record& r) override {
    seen.push_back(std::string(topic) + "-" + std::to_string(p.value) + "@" + std::to_string(r.offset.value) + "=" +
                   std::string(r.value.value_or("(null)")));
    return seen.size() < enough;
  }
};

ConsumerOptions reading(const std::string& topic, Start start, Stop stop) {
  ConsumerOptions options;
  options.topics = {{topic, {}}};
  options.start = start;
  options.stop = stop;
  options.fetch_wait_ms = 50;
  return options;
}

Status read_all(Consumer& consumer, Sink& sink) {
  while (!consumer.is_done()) BOBBIN_TRY(consumer.poll(sink, {}, -1));
  return {};
}

std::vector<std::string> read(FakeCluster& cluster, const ConsumerOptions& options) {
  auto session = connect(cluster);
  auto consumer = Consumer::open(*session, options);
  if (!consumer) return {"error: " + consumer.error().message};
  Collector sink;
  Status status = read_all(**consumer, sink);
  if (!status) sink.seen.push_back("error: " + status.error().message);
  return sink.seen;
}

// Ten records "v0" to "v9" in batches of three.
void fill(FakeCluster& cluster, const std::string& topic, int partition = 0) {
  cluster.with([&](FakeCluster& c) {
    for (int i = 0; i < 10; i += 3) {
      std::vector<std::string> values;
      for (int j = i; j < std::min(i + 3, 10); j++) values.push_back("v" + std::to_string(j));
      c.append(topic, partition, make_batch(values));
    }
  });
}

std::vector<std::string> values_of(int from, int to) {
  std::vector<std::string> all;
  for (int i = from; i < to; i++) all.push_back("t-0@" + std::to_string(i) + "=v" + std::to_string(i));
  return all;
}

using StartKind = Start::Kind;
using StopKind = Stop::Kind;

}  // namespace

TEST_CASE("Consumer: every start and stop means what it says") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  fill(cluster, "t");
  struct Case {
    Start start;
    Stop stop;
    int from, to;
  };
  auto c = GENERATE(
      Case{{StartKind::beginning, 0}, {StopKind::end, 0}, 0, 10}, Case{{StartKind::end, 0}, {StopKind::end, 0}, 10, 10},
      Case{{StartKind::offset, 4}, {StopKind::end, 0}, 4, 10},
      Case{{StartKind::offset, 4}, {StopKind::offset, 7}, 4, 7},
      Case{{StartKind::offset, 4}, {StopKind::offset, 70}, 4, 10},
      Case{{StartKind::offset, 7}, {StopKind::offset, 7}, 7, 7},
      Case{{StartKind::from_start, 3}, {StopKind::end, 0}, 3, 10},
      Case{{StartKind::from_start, 30}, {StopKind::end, 0}, 10, 10},
      Case{{StartKind::from_end, 4}, {StopKind::end, 0}, 6, 10},
      Case{{StartKind::from_end, 40}, {StopKind::end, 0}, 0, 10}, Case{{StartKind::time, 5}, {StopKind::time, 8}, 5, 8},
      Case{{StartKind::time, 99}, {StopKind::end, 0}, 10, 10},
      Case{{StartKind::beginning, 0}, {StopKind::time, 99}, 0, 10},
      Case{{StartKind::offset, 10}, {StopKind::end, 0}, 10, 10});
  CAPTURE(static_cast<int>(c.start.kind), c.start.value, static_cast<int>(c.stop.kind), c.stop.value);
  CHECK(read(cluster, reading("t", c.start, c.stop)) == values_of(c.from, c.to));
}

TEST_CASE("Consumer: an offset outside the log is an error with the range, or a reset where that was asked for") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  fill(cluster, "t");
  auto session = connect(cluster);
  auto options = reading("t", {StartKind::offset, 11}, {});
  auto consumer = Consumer::open(*session, options);
  REQUIRE_FALSE(consumer.ok());
  CHECK(consumer.error().code == Errc::offset_out_of_range);
  CHECK(consumer.error().message.find("0 to 10") != std::string::npos);

  options.out_of_range = OutOfRange::beginning;
  auto again = Consumer::open(*session, options);
  REQUIRE(again.ok());
  CHECK((*again)->positions()[0].next == Offset(0));
}

TEST_CASE("Consumer: stops at the end that was when it began, though records go on coming") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  fill(cluster, "t");
  auto session = connect(cluster);
  auto consumer = Consumer::open(*session, reading("t", {}, {StopKind::end, 0}));
  REQUIRE(consumer.ok());
  cluster.with([](FakeCluster& c) { c.append("t", 0, make_batch({"late"})); });
  Collector sink;
  REQUIRE(read_all(**consumer, sink).ok());
  CHECK(sink.seen == values_of(0, 10));
}

TEST_CASE("Consumer: an interruption at any request loses, doubles and reorders nothing") {
  auto fault = GENERATE(Fault::close_before, Fault::close_after, Fault::error_before);
  auto at = GENERATE(range(0, 12));
  CAPTURE(static_cast<int>(fault), at);
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  fill(cluster, "t");
  cluster.set_script([&](const Seen& seen) -> Plan {
    if (seen.number != at) return {};
    if (fault == Fault::error_before && seen.key != ApiKey::fetch && seen.key != ApiKey::list_offsets) return {};
    return {fault, 6};
  });
  auto options = reading("t", {}, {StopKind::end, 0});
  options.partition_bytes_max = 100;  // a batch for each Fetch
  CHECK(read(cluster, options) == values_of(0, 10));
}

TEST_CASE("Consumer: storms of faults and moving leaders keep the order of each partition") {
  auto seed = GENERATE(range(1, 21));
  CAPTURE(seed);
  FakeCluster cluster(2);
  cluster.add_topic("t", 3);
  std::vector<std::string> expected[3];
  cluster.with([&](FakeCluster& c) {
    std::mt19937 random(static_cast<unsigned>(seed));
    for (int i = 0; i < 300; i++) {
      int p = static_cast<int>(random() % 3);
      std::vector<std::string> values(1 + random() % 4, "v" + std::to_string(i));
      for (auto& v : values)
        expected[p].push_back("t-" + std::to_string(p) + "@" + std::to_string(expected[p].size()) + "=" + v);
      c.append("t", p, make_batch(values));
    }
  });
  std::mt19937 random(static_cast<unsigned>(seed) * 7919);
  cluster.set_script([&](const Seen& seen) -> Plan {
    auto draw = random() % 100;
    if (draw < 3) {
      auto& partition = cluster.topics["t"].partitions[random() % 3];
      partition.leader = 3 - partition.leader;
    }
    if (draw < 10) return {Fault::close_before, 0};
    if (draw < 15) return {Fault::close_after, 0};
    if (draw < 20 && seen.key == ApiKey::fetch) return {Fault::error_before, 6};
    return {};
  });
  auto options = reading("t", {}, {StopKind::end, 0});
  options.partition_bytes_max = 600;
  std::vector<std::string> found[3];
  for (auto& r : read(cluster, options)) {
    REQUIRE(r.starts_with("t-"));
    found[r[2] - '0'].push_back(r);
  }
  for (int p = 0; p < 3; p++) CHECK(found[p] == expected[p]);
}

TEST_CASE("Consumer: records that come later are handed over while it follows") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  fill(cluster, "t");
  auto session = connect(cluster);
  auto consumer = Consumer::open(*session, reading("t", {StartKind::end, 0}, {}));
  REQUIRE(consumer.ok());
  Collector sink;
  for (int i = 0; i < 3; i++) REQUIRE((*consumer)->poll(sink, {}, 20).ok());
  CHECK(sink.seen.empty());
  CHECK((*consumer)->is_at_end());
  cluster.with([](FakeCluster& c) { c.append("t", 0, make_batch({"news"})); });
  for (int i = 0; i < 500 && sink.seen.empty(); i++) REQUIRE((*consumer)->poll(sink, {}, 100).ok());
  CHECK(sink.seen == std::vector<std::string>{"t-0@10=news"});
  CHECK_FALSE((*consumer)->is_done());
}

TEST_CASE("Consumer: control batches are passed over, also as the last thing before the stop") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  cluster.with([](FakeCluster& c) {
    c.append("t", 0, make_batch({"a"}));
    c.append("t", 0, make_batch({"marker"}, 0, true));
    c.append("t", 0, make_batch({"b"}));
    c.append("t", 0, make_batch({"marker"}, 0, true));
  });
  CHECK(read(cluster, reading("t", {}, {StopKind::end, 0})) == std::vector<std::string>{"t-0@0=a", "t-0@2=b"});
}

TEST_CASE("Consumer: a damaged batch is told behind the good records before it") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  fill(cluster, "t");
  cluster.with([](FakeCluster& c) {
    auto& log = c.topics["t"].partitions[0].log;
    log.back() = static_cast<char>(log.back() ^ 1);
  });
  auto session = connect(cluster);
  auto consumer = Consumer::open(*session, reading("t", {}, {StopKind::end, 0}));
  REQUIRE(consumer.ok());
  Collector sink;
  auto status = read_all(**consumer, sink);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Errc::damaged);
  CHECK(sink.seen == values_of(0, 9));
}

TEST_CASE("Consumer: what the leader says of damage on its disk is told, whatever it may hold") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  fill(cluster, "t");
  cluster.damage = "/c/broker-1/t-0: the segments from offset 0 to 9 are gone\x1b[2J";
  cluster.set_script([](const Seen& seen) {
    return seen.key == ApiKey::fetch ? Plan{Fault::error_before, static_cast<int16_t>(Errc::corrupt_message)} : Plan{};
  });
  auto session = connect(cluster);
  auto consumer = Consumer::open(*session, reading("t", {}, {StopKind::end, 0}));
  REQUIRE(consumer.ok());
  Collector sink;
  auto status = read_all(**consumer, sink);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Errc::damaged);
  CHECK(status.error().message.find("(/c/broker-1/t-0: the segments from offset 0 to 9 are gone") != std::string::npos);
  CHECK(status.error().message.find('\x1b') == std::string::npos);
}

TEST_CASE("Consumer: a sink that has enough gets no more until the next poll") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  fill(cluster, "t");
  auto session = connect(cluster);
  auto consumer = Consumer::open(*session, reading("t", {}, {StopKind::end, 0}));
  REQUIRE(consumer.ok());
  Collector sink;
  sink.enough = 4;
  while (sink.seen.size() < 4) REQUIRE((*consumer)->poll(sink, {}, -1).ok());
  CHECK(sink.seen == values_of(0, 4));
  CHECK((*consumer)->positions()[0].next == Offset(4));
  sink.enough = SIZE_MAX;
  REQUIRE(read_all(**consumer, sink).ok());
  CHECK(sink.seen == values_of(0, 10));
}

TEST_CASE("Consumer: a leader that takes an offset of its log for one outside of it is asked again") {
  for (auto start : {Start{}, Start{StartKind::offset, 4}})
    for (auto reset : {OutOfRange::fail, OutOfRange::beginning, OutOfRange::end}) {
      FakeCluster cluster;
      cluster.add_topic("t", 1);
      fill(cluster, "t");
      cluster.set_script([](const Seen& seen) -> Plan {
        return seen.key == ApiKey::fetch && seen.of_kind < 3 && seen.of_kind != 1
                   ? Plan{Fault::error_before, static_cast<int16_t>(Errc::offset_out_of_range)}
                   : Plan{};
      });
      ConsumerOptions options = reading("t", start, {StopKind::end, 0});
      options.out_of_range = reset;
      options.partition_bytes_max = 1;  // a batch at a time
      CHECK(read(cluster, options) == values_of(start.kind == StartKind::offset ? 4 : 0, 10));
    }
}

TEST_CASE("Consumer: who takes its records slowly gets all that came before it hears that nothing more comes") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  fill(cluster, "t");
  cluster.set_script([](const Seen& seen) -> Plan {
    return seen.key == ApiKey::fetch && seen.of_kind > 0 ? Plan{Fault::silent, 0} : Plan{};
  });
  auto session = connect(cluster, 300);
  ConsumerOptions options = reading("t", {}, {});
  options.timeout_ms = 300;
  auto consumer = Consumer::open(*session, options);
  REQUIRE(consumer.ok());
  Collector sink;
  sink.enough = 0;  // one record at a time
  Status status;
  for (int i = 0; i < 100 && status; i++) {
    size_t before = sink.seen.size();
    status = (*consumer)->poll(sink, {}, 50);
    if (sink.seen.size() > before) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  CHECK(sink.seen == values_of(0, 10));
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Errc::no_answer);
}

TEST_CASE("Consumer: while one partition has no room for more, no broker holds the answer for the others") {
  FakeCluster cluster;
  cluster.add_topic("t", 2);
  fill(cluster, "t", 0);
  fill(cluster, "t", 0);
  auto session = connect(cluster);
  ConsumerOptions options = reading("t", {}, {});
  options.partition_bytes_max = 1;  // a batch at a time
  auto consumer = Consumer::open(*session, options);
  REQUIRE(consumer.ok());
  Collector sink;
  sink.enough = 0;  // one record at a time
  // An answer that comes late finds room everywhere: there are records for another try.
  size_t of_one = 0, filled = 20;
  for (int64_t end = session->now_ms() + 30'000; of_one == 0 || sink.seen.size() < filled;) {
    REQUIRE(session->now_ms() < end);
    REQUIRE((*consumer)->poll(sink, {}, 50).ok());
    cluster.with([&](FakeCluster& c) {
      of_one = static_cast<size_t>(
          std::count_if(c.fetches.begin(), c.fetches.end(), [](const auto& fetch) { return fetch.partitions == 1; }));
    });
    if (of_one > 0 || sink.seen.size() < filled) continue;
    fill(cluster, "t", 0);
    fill(cluster, "t", 0);
    filled += 20;
  }
  cluster.with([](FakeCluster& c) {
    for (const auto& fetch : c.fetches) CHECK(fetch.max_wait_ms == (fetch.partitions == 2 ? 50 : 0));
  });
}

TEST_CASE("Consumer: a missing topic is an error, or is waited for and read from its first record") {
  FakeCluster cluster;
  auto session = connect(cluster);
  auto options = reading("t", {StartKind::end, 0}, {});
  auto refused = Consumer::open(*session, options);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::unknown_topic_or_partition);

  options.wait_for_topics = true;
  auto consumer = Consumer::open(*session, options);
  REQUIRE(consumer.ok());
  Collector sink;
  REQUIRE((*consumer)->poll(sink, {}, 10).ok());
  CHECK((*consumer)->awaited().find("topic t") != std::string::npos);
  CHECK_FALSE((*consumer)->is_done());
  cluster.add_topic("t", 1);
  fill(cluster, "t");
  for (int i = 0; i < 500 && sink.seen.size() < 10; i++) REQUIRE((*consumer)->poll(sink, {}, 100).ok());
  CHECK(sink.seen == values_of(0, 10));
}

TEST_CASE("Consumer: a topic made anew under its name is not taken for the old one") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  fill(cluster, "t");
  auto session = connect(cluster);
  auto consumer = Consumer::open(*session, reading("t", {}, {}));
  REQUIRE(consumer.ok());
  Collector sink;
  while (sink.seen.size() < 10) REQUIRE((*consumer)->poll(sink, {}, -1).ok());
  cluster.remove_topic("t");
  cluster.add_topic("t", 1);
  fill(cluster, "t");
  Status status;
  for (int i = 0; i < 500 && status; i++) status = (*consumer)->poll(sink, {}, 100);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Errc::inconsistent_topic_id);
  CHECK(sink.seen.size() == 10);
}

TEST_CASE("Consumer: a leader that does not answer is given up after the time-out") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  fill(cluster, "t");
  cluster.set_script([](const Seen& seen) -> Plan {
    return seen.key == ApiKey::fetch ? Plan{Fault::silent, 0} : Plan{};
  });
  auto session = connect(cluster);
  auto options = reading("t", {}, {StopKind::end, 0});
  options.timeout_ms = 300;
  auto consumer = Consumer::open(*session, options);
  REQUIRE(consumer.ok());
  Collector sink;
  auto status = read_all(**consumer, sink);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Errc::no_answer);
}

TEST_CASE("Consumer: partitions that are added are read from their beginning, older brokers in older versions") {
  FakeCluster cluster;
  cluster.with([](FakeCluster& c) {
    c.fetch_max = 11;
    c.metadata_max = 8;
  });
  cluster.add_topic("t", 1);
  auto session = connect(cluster);
  auto consumer = Consumer::open(*session, reading("t", {StartKind::end, 0}, {}));
  REQUIRE(consumer.ok());
  Collector sink;
  REQUIRE((*consumer)->poll(sink, {}, 10).ok());
  cluster.with([](FakeCluster& c) {
    c.topics["t"].partitions.emplace_back();
    c.append("t", 1, make_batch({"new"}));
  });
  session->refresh_metadata();
  for (int i = 0; i < 500 && sink.seen.empty(); i++) REQUIRE((*consumer)->poll(sink, {}, 100).ok());
  CHECK(sink.seen == std::vector<std::string>{"t-1@0=new"});
}
