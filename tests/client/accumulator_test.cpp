// Accumulator: where records go, and what is counted of them. What is sent, and when, is in producer_test.cpp.
#include "client/producer/accumulator.h"

#include "client/answering.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using fake::FakeCluster;

namespace {

struct Three {
  Three() {
    cluster.add_topic("t", 3);
    session = open_session(cluster);
    REQUIRE(session->fetch_metadata({"t"}).ok());
  }
  Accumulator& accumulator() {
    if (!made) made.emplace(Accumulator::Parts{*session, topic, options, tally, progress}, fields);
    return *made;
  }
  // Its partition; -1: there is no such one.
  int32_t add(std::string_view value, std::optional<PartitionId> partition = {}, uint64_t number = 0) {
    OutRecord record;
    record.value = value;
    record.partition = partition;
    record.number = number;
    auto queue = accumulator().queue_for(record, value.size());
    if (!queue) return -1;
    accumulator().add(**queue, record, value.size());
    return (*queue)->id().value;
  }

  FakeCluster cluster;
  std::unique_ptr<Session> session;
  const std::string topic = "t";
  ProducerOptions options;
  SealFields fields{record::Compression::none, ProducerId(1), ProducerEpoch(0), 1'000'000};
  Tally tally{{}};
  Progress progress;
  std::optional<Accumulator> made;
};

}  // namespace

TEST_CASE("Accumulator: a record goes where it says, else where all go, else where the partitioner says") {
  Three three;
  three.options.partitioner = PartitionerKind::round_robin;
  if (GENERATE(false, true)) {
    three.options.partition = PartitionId(2);
    CHECK(three.add("a") == 2);
    CHECK(three.add("a") == 2);
  } else {
    int32_t first = three.add("a");
    CHECK(three.add("a") == (first + 1) % 3);
  }
  CHECK(three.add("a", PartitionId(1)) == 1);
  CHECK(three.tally.sent() == 3);
  OutRecord elsewhere;
  elsewhere.partition = PartitionId(3);
  auto missing = three.accumulator().queue_for(elsewhere, 0);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Errc::unknown_topic_or_partition);
  CHECK(missing.error().message == "topic t has no partition 3, only 0 to 2");
}

TEST_CASE("Accumulator: what its batches take is counted, open, sealed and split") {
  Three three;
  CHECK(three.accumulator().is_idle());
  for (uint64_t i = 0; i < 4; i++) CHECK(three.add(std::string(100, 'v'), PartitionId(0), i) == 0);
  PartitionQueue& queue = *three.accumulator().queues()[0];
  CHECK_FALSE(three.accumulator().is_idle());
  CHECK(three.tally.buffered_bytes() == queue.open().bytes());
  REQUIRE(three.accumulator().seal(queue).ok());
  const OutBatch* batch = queue.take();
  REQUIRE(batch);
  size_t whole = batch->bytes().size();
  CHECK(three.tally.buffered_bytes() == whole);
  REQUIRE(three.accumulator().split(queue, batch->serial));
  CHECK(three.tally.buffered_bytes() > whole);
  for (int i = 0; i < 2; i++) three.tally.settle(queue.id(), queue.acknowledge(queue.take()->serial), nullptr);
  CHECK(three.tally.buffered_bytes() == 0);
  CHECK(three.tally.acked() == 4);

  CHECK(three.add("one", PartitionId(0)) == 0);
  REQUIRE(three.accumulator().seal(queue).ok());
  CHECK_FALSE(three.accumulator().split(queue, queue.take()->serial));
}

TEST_CASE("Accumulator: lines go into one batch as long as it has room") {
  Three three;
  three.options.batch_bytes = 200;
  three.options.partition = PartitionId(1);
  PartitionQueue& queue = **three.accumulator().queue_for({}, 0);
  std::string lines;
  for (int i = 0; i < 100; i++) lines += "line\n";
  auto taken = three.accumulator().add_lines(queue, lines, '\n', 1);
  CHECK(taken.count > 0);
  CHECK(taken.count < 100);
  CHECK(taken.bytes == static_cast<size_t>(taken.count) * 5);
  CHECK(queue.open().records() == taken.count);
  CHECK(queue.open().bytes() <= 200);
  CHECK_FALSE(three.accumulator().has_room(queue, 200));
  CHECK(three.tally.sent() == static_cast<uint64_t>(taken.count));
  CHECK(three.tally.buffered_bytes() == queue.open().bytes());
}

TEST_CASE("Accumulator: partitions that are added are used from then on") {
  Three three;
  CHECK(three.add("a", PartitionId(3)) == -1);
  three.cluster.with([](FakeCluster& c) { c.topics["t"].partitions.resize(5); });
  REQUIRE(three.session->fetch_metadata({"t"}).ok());
  three.accumulator().adopt_partitions();
  CHECK(three.add("a", PartitionId(4)) == 4);
  CHECK(three.accumulator().queues().size() == 5);
}
