// Producer, consumer and admin on a cluster of Kafka's protocol in this process.
#include <catch2/catch.hpp>
#include <map>

#include "bobbin/bobbin.h"
#include "client/fake_broker.h"

using namespace bobbin::api;
namespace fake = bobbin::fake;
using fake::FakeCluster;

namespace {

Cluster cluster_of(FakeCluster& cluster) { return {.bootstrap = cluster.bootstrap(), .timeout = milliseconds(20'000)}; }

template <class T>
T opened(Result<T> result) {
  if (!result) FAIL(result.error().message);
  return std::move(*result);
}

std::vector<std::string> values(FakeCluster& cluster, const std::string& topic, int partition) {
  std::vector<std::string> found;
  cluster.with([&](FakeCluster& c) {
    for (auto& record : c.records(topic, partition)) found.push_back(record.value);
  });
  return found;
}

// What a consumer is told, a line for each record.
std::string line_of(const Record& r) {
  std::string line = std::string(r.topic) + "-" + std::to_string(r.partition) + "@" + std::to_string(r.offset);
  line += " " + (r.key ? "'" + std::string(*r.key) + "'" : "null") + "=" +
          (r.value ? "'" + std::string(*r.value) + "'" : "null");
  std::vector<Header> headers;
  REQUIRE(r.read_headers(headers));
  for (const Header& h : headers) line += " " + std::string(h.key) + ":" + (h.value ? std::string(*h.value) : "null");
  return line;
}

std::vector<std::string> read_all(Consumer& consumer) {
  std::vector<std::string> lines;
  while (!consumer.is_done()) {
    auto taken = consumer.poll([&](const Record& record) { lines.push_back(line_of(record)); }, milliseconds(10'000));
    if (!taken) FAIL(taken.error().message);
  }
  return lines;
}

void produce_numbers(FakeCluster& cluster, const std::string& topic, int count) {
  auto producer = opened(Producer::open(cluster_of(cluster), {.topic = topic}));
  for (int i = 0; i < count; i++) {
    std::string value = std::to_string(i);
    REQUIRE(producer.send({.value = value}));
  }
  REQUIRE(producer.flush());
}

using Lines = std::vector<std::string>;

void ignore(const Record&) {}

}  // namespace

TEST_CASE("library: every record is told of once, with its offset") {
  FakeCluster cluster(2);
  cluster.add_topic("t", 3);
  std::map<uint64_t, std::pair<int32_t, int64_t>> told;  // tag -> partition and offset
  auto delivered = [&](const Delivery& delivery) {
    CHECK(delivery.error == nullptr);
    REQUIRE(delivery.first_offset);
    int64_t offset = *delivery.first_offset;
    for (uint64_t tag : delivery.tags) CHECK(told.try_emplace(tag, delivery.partition, offset++).second);
  };
  auto producer =
      opened(Producer::open(cluster_of(cluster), {.topic = "t", .batch_bytes = 200, .delivered = delivered}));
  CHECK(producer.partitions() == 3);
  for (uint64_t i = 0; i < 1000; i++) {
    std::string value = std::to_string(i);
    REQUIRE(producer.send({.key = value, .value = value, .tag = i}));
  }
  REQUIRE(producer.flush());
  CHECK(producer.sent() == 1000);
  CHECK(producer.acknowledged() == 1000);
  CHECK(producer.failed() == 0);
  CHECK_FALSE(producer.first_failure());
  CHECK(producer.is_idle());
  REQUIRE(told.size() == 1000);
  cluster.with([&](FakeCluster& c) {
    for (int p = 0; p < 3; p++)
      for (auto& record : c.records("t", p)) CHECK(told.at(std::stoull(record.value)) == std::pair(p, record.offset));
  });
}

TEST_CASE("library: a record that is too large or has no partition harms no other") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  auto producer = opened(Producer::open(cluster_of(cluster), {.topic = "t"}));
  std::string large(static_cast<size_t>(producer.max_message_bytes()), 'x');
  REQUIRE(producer.send({.value = "before"}));
  auto refused = producer.send({.value = large});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::message_too_large);
  auto astray = producer.send({.value = "x", .partition = 7});
  REQUIRE_FALSE(astray);
  CHECK(astray.error().code == Code::unknown_topic_or_partition);
  REQUIRE(producer.send({.value = "behind"}));
  REQUIRE(producer.flush());
  CHECK(producer.sent() == 2);
  CHECK_FALSE(producer.is_broken());
  CHECK(values(cluster, "t", 0) == Lines{"before", "behind"});
}

TEST_CASE("library: lines at once are records, in one or several partitions, told of or not") {
  bool told = GENERATE(false, true);
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  std::vector<uint64_t> tags;
  ProducerOptions options{.topic = "t", .batch_bytes = 300};
  if (told) options.delivered = [&](const Delivery& d) { tags.insert(tags.end(), d.tags.begin(), d.tags.end()); };
  auto producer = opened(Producer::open(cluster_of(cluster), options));
  std::string lines;
  Lines expected;
  for (int i = 0; i < 100; i++) {
    expected.push_back("line " + std::to_string(i));
    lines += expected.back() + ";";
  }
  auto taken = producer.send_lines(lines + "the rest", ';', 7);
  REQUIRE(taken);
  CHECK(*taken == lines.size());
  REQUIRE(producer.flush());
  CHECK(producer.acknowledged() == 100);
  CHECK(values(cluster, "t", 0) == expected);
  if (told) {
    CHECK(tags.size() == 100);
    CHECK(tags.front() == 7);
    CHECK(tags.back() == 106);
  }
  auto large = producer.send_lines("small;" + std::string(2'000'000, 'x') + ";behind;", ';');
  REQUIRE_FALSE(large);
  CHECK(large.error().code == Code::message_too_large);
  CHECK(producer.sent() == 101);
}

TEST_CASE("library: a refusal for good ends its partition, and each record of it is told of") {
  FakeCluster cluster;
  cluster.add_topic("t", 2);
  constexpr int16_t invalid_record = 87;
  cluster.set_script([&](const fake::Seen& seen) -> fake::Plan {
    if (seen.key == bobbin::protocol::ApiKey::produce && seen.of_kind == 0)
      return {fake::Fault::error_before, invalid_record};
    return {};
  });
  std::vector<uint64_t> failed;
  auto delivered = [&](const Delivery& delivery) {
    if (!delivery.error) return;
    CHECK(delivery.error->code == Code::invalid_record);
    failed.insert(failed.end(), delivery.tags.begin(), delivery.tags.end());
  };
  auto producer =
      opened(Producer::open(cluster_of(cluster), {.topic = "t", .batch_bytes = 100, .delivered = delivered}));
  std::string value(30, 'x');
  uint64_t taken = 0;
  for (uint64_t tag = 0; tag < 5; tag++)
    if (producer.send({.value = value, .partition = 0, .tag = tag})) taken++;
  Status flushed = producer.flush();
  REQUIRE_FALSE(flushed);
  CHECK(flushed.error().code == Code::invalid_record);
  CHECK(failed.size() == taken);
  CHECK(producer.failed() == taken);
  REQUIRE(producer.first_failure());
  CHECK(producer.first_failure()->tag == 0);
  CHECK_FALSE(producer.is_broken());
  CHECK_FALSE(producer.send({.value = value, .partition = 0}));
  REQUIRE(producer.send({.value = "other", .partition = 1}));
  CHECK_FALSE(producer.flush());  // it does not forget
  CHECK(producer.acknowledged() == 1);
  CHECK(values(cluster, "t", 0).empty());
  CHECK(values(cluster, "t", 1) == Lines{"other"});
}

TEST_CASE("library: of lines at once the first that failed is known by its number, whichever batch it is in") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  constexpr int16_t invalid_record = 87;
  const int refused = GENERATE(0, 1, 3);
  cluster.set_script([&](const fake::Seen& seen) -> fake::Plan {
    return seen.key == bobbin::protocol::ApiKey::produce && seen.of_kind >= refused
               ? fake::Plan{fake::Fault::error_before, invalid_record}
               : fake::Plan{};
  });
  auto producer = opened(Producer::open(cluster_of(cluster), {.topic = "t", .batch_bytes = 300}));
  std::string lines;
  for (int i = 0; i < 200; i++) lines += "line " + std::to_string(i) + "\n";
  (void)producer.send_lines(lines, '\n', 1000);
  CHECK_FALSE(producer.flush());
  REQUIRE(producer.first_failure());
  CHECK((producer.acknowledged() > 0) == (refused > 0));
  CHECK(producer.first_failure()->tag == 1000 + producer.acknowledged());
}

TEST_CASE("library: an answer that is lost doubles nothing and is told as it is") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  cluster.set_script([&](const fake::Seen& seen) -> fake::Plan {
    if (seen.key == bobbin::protocol::ApiKey::produce && seen.of_kind == 1) return {fake::Fault::close_after};
    return {};
  });
  std::vector<uint64_t> told;
  auto producer = opened(
      Producer::open(cluster_of(cluster), {.topic = "t", .batch_bytes = 100, .delivered = [&](const Delivery& d) {
                                             CHECK(d.error == nullptr);
                                             told.insert(told.end(), d.tags.begin(), d.tags.end());
                                           }}));
  std::vector<uint64_t> sent;
  for (uint64_t tag = 0; tag < 50; tag++) {
    REQUIRE(producer.send({.value = "twelve bytes", .tag = tag}));
    sent.push_back(tag);
  }
  REQUIRE(producer.flush());
  CHECK(told == sent);
  CHECK(values(cluster, "t", 0).size() == 50);
}

TEST_CASE("library: a callback may send") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  std::optional<Producer> producer;
  int echoes = 0;
  auto delivered = [&](const Delivery& delivery) {
    for (uint64_t tag : delivery.tags)
      if (tag == 0 && ++echoes <= 3) CHECK(producer->send({.value = "echo", .tag = 1}));
  };
  producer.emplace(opened(Producer::open(cluster_of(cluster), {.topic = "t", .delivered = delivered})));
  for (int i = 0; i < 3; i++) REQUIRE(producer->send({.value = "call"}));
  REQUIRE(producer->flush());
  REQUIRE(producer->flush());
  CHECK(values(cluster, "t", 0) == Lines{"call", "call", "call", "echo", "echo", "echo"});
}

TEST_CASE(
    "library: what comes of a record that a callback sent is told behind what was being told, before the call "
    "returns") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  std::optional<Producer> producer;
  std::vector<uint64_t> told;
  bool inside = false;
  auto delivered = [&](const Delivery& delivery) {
    CHECK_FALSE(inside);  // one after the other
    inside = true;
    told.insert(told.end(), delivery.tags.begin(), delivery.tags.end());
    if (told.size() == 1) {
      CHECK(producer->send({.value = "echo", .tag = 2}));
      for (int i = 0; i < 1000 && producer->acknowledged() < 2; i++) CHECK(producer->poll(milliseconds(20)));
    }
    inside = false;
  };
  producer.emplace(opened(Producer::open(cluster_of(cluster), {.topic = "t", .delivered = delivered})));
  REQUIRE(producer->send({.value = "call", .tag = 1}));
  REQUIRE(producer->flush());
  CHECK(producer->acknowledged() == 2);
  CHECK(told == std::vector<uint64_t>{1, 2});
}

TEST_CASE("library: when nobody can be reached any more, everything that waits is told of and the producer is broken") {
  std::optional<FakeCluster> cluster(std::in_place);
  cluster->add_topic("t", 1);
  std::vector<uint64_t> failed;
  auto producer = opened(Producer::open(
      cluster_of(*cluster), {.topic = "t", .timeout = milliseconds(300), .delivered = [&](const Delivery& d) {
                               REQUIRE(d.error);
                               failed.insert(failed.end(), d.tags.begin(), d.tags.end());
                             }}));
  cluster.reset();
  for (uint64_t tag = 1; tag <= 3; tag++) REQUIRE(producer.send({.value = "x", .tag = tag}));
  Status flushed = producer.flush();
  REQUIRE_FALSE(flushed);
  CHECK(flushed.error().may_pass);
  CHECK(producer.is_broken());
  CHECK(failed == std::vector<uint64_t>{1, 2, 3});
  CHECK_FALSE(producer.send({.value = "x"}));
  CHECK(producer.sent() == producer.acknowledged() + producer.failed());
}

TEST_CASE("library: a consumer gets records as they are") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  auto producer = opened(Producer::open(cluster_of(cluster), {.topic = "t", .compression = Compression::lz4}));
  Header headers[] = {{"a", "1"}, {"b", std::nullopt}, {"", ""}};
  REQUIRE(producer.send({.key = "k", .value = "v", .timestamp = Timestamp(milliseconds(7))}));
  REQUIRE(producer.send({.headers = headers}));
  REQUIRE(producer.send({.key = "", .value = "", .timestamp = no_timestamp}));
  REQUIRE(producer.send({.timestamp = Timestamp(milliseconds(-1500))}));
  REQUIRE(producer.flush());
  auto consumer = opened(Consumer::open(cluster_of(cluster), {.topics = {{"t"}}, .stop = Stop::end()}));
  std::vector<Timestamp> times;
  Lines lines;
  while (!consumer.is_done()) {
    auto taken = consumer.poll([&](const Record& r) { lines.push_back(line_of(r)), times.push_back(r.timestamp); },
                               milliseconds(10'000));
    REQUIRE(taken);
  }
  CHECK(lines == Lines{"t-0@0 'k'='v'", "t-0@1 null=null a:1 b:null :", "t-0@2 ''=''", "t-0@3 null=null"});
  CHECK(times[0] == Timestamp(milliseconds(7)));
  CHECK(times[1] > times[0]);
  CHECK(times[2] == no_timestamp);
  CHECK(times[3] == Timestamp(milliseconds(-1500)));
}

TEST_CASE("library: a consumer stops where it is told and goes on where its positions are kept") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  produce_numbers(cluster, "t", 10);
  ConsumerOptions options{.topics = {{"t"}}, .start = Start::offset(2), .stop = Stop::offset(5)};
  auto first = opened(Consumer::open(cluster_of(cluster), options));
  CHECK(read_all(first) == Lines{"t-0@2 null='2'", "t-0@3 null='3'", "t-0@4 null='4'"});
  auto positions = first.positions();
  REQUIRE(positions.size() == 1);
  CHECK(positions[0].next == 5);
  CHECK(positions[0].stop == 5);
  CHECK(positions[0].high_watermark == 10);

  options.topics[0].starts = {{positions[0].partition, positions[0].next + 3}};
  options.start = {};
  options.stop = Stop::end();
  auto second = opened(Consumer::open(cluster_of(cluster), options));
  CHECK(read_all(second) == Lines{"t-0@8 null='8'", "t-0@9 null='9'"});

  options.topics[0].starts = {{0, 10}};
  CHECK(Consumer::open(cluster_of(cluster), options));  // at the end: nothing to read
  // Behind it: whoever kept that position read records that are not there any more.
  options.topics[0].starts = {{0, 11}};
  for (const Stop& stop : {Stop::end(), Stop()}) {
    options.stop = stop;
    auto beyond = Consumer::open(cluster_of(cluster), options);
    REQUIRE_FALSE(beyond);
    CHECK(beyond.error().code == Code::offset_out_of_range);
  }
  options.stop = Stop::offset(20);  // a stretch of every partition, also of those that end before it
  CHECK(Consumer::open(cluster_of(cluster), options));
}

TEST_CASE("library: a callback that has enough is asked again with the next poll") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  produce_numbers(cluster, "t", 5);
  auto consumer = opened(Consumer::open(cluster_of(cluster), {.topics = {{"t"}}, .stop = Stop::end()}));
  std::vector<size_t> counts;
  Lines lines;
  while (!consumer.is_done()) {
    auto taken = consumer.poll(
        [&](const Record& record) {
          lines.emplace_back(*record.value);
          return lines.size() % 2 != 0;
        },
        milliseconds(10'000));
    REQUIRE(taken);
    if (*taken > 0) counts.push_back(*taken);
  }
  CHECK(lines == Lines{"0", "1", "2", "3", "4"});
  CHECK(counts == std::vector<size_t>{2, 2, 1});
}

TEST_CASE("library: nothing new is no error, and a topic that is missing is one unless it is waited for") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  auto nothing = [](const Record&) { FAIL("there is no record"); };
  auto consumer = opened(Consumer::open(cluster_of(cluster), {.topics = {{"t"}}, .start = Start::end()}));
  auto taken = consumer.poll(nothing, milliseconds(20));
  REQUIRE(taken);
  CHECK(*taken == 0);
  auto missing = Consumer::open(cluster_of(cluster), {.topics = {{"missing"}}});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Code::unknown_topic_or_partition);
  auto waiting = opened(Consumer::open(cluster_of(cluster), {.topics = {{"missing"}}, .wait_for_topics = true}));
  CHECK(waiting.poll(nothing, milliseconds(20)));
  CHECK(waiting.poll(ignore, milliseconds(0)));
  CHECK(waiting.awaited().find("missing") != std::string::npos);
}

TEST_CASE("library: an admin makes topics, describes them and tells their offsets") {
  FakeCluster cluster;
  cluster.add_topic("t", 2);
  produce_numbers(cluster, "t", 4);
  auto admin = opened(Admin::open(cluster_of(cluster)));
  auto topics = admin.describe_topics({"t", "missing"});
  REQUIRE(topics);
  REQUIRE(topics->size() == 2);
  CHECK((*topics)[0].status);
  CHECK((*topics)[0].id.size() == 22);
  REQUIRE((*topics)[0].partitions.size() == 2);
  CHECK((*topics)[0].partitions[1].partition == 1);
  CHECK((*topics)[0].partitions[1].leader == 1);
  REQUIRE_FALSE((*topics)[1].status);
  CHECK((*topics)[1].status.error().code == Code::unknown_topic_or_partition);
  auto ends = admin.offsets("t", At::latest());
  REQUIRE(ends);
  REQUIRE(ends->size() == 2);
  CHECK(*(*ends)[0].offset + *(*ends)[1].offset == 4);
  CHECK(admin.create_topic({.name = "new", .partitions = 1}));
  auto again = admin.create_topic({.name = "new", .partitions = 1});
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Code::topic_already_exists);
}
