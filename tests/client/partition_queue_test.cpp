#include "client/producer/partition_queue.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::client;

namespace {

const SealFields fields{record::Compression::none, ProducerId(7), ProducerEpoch(0)};

void add_batch(PartitionQueue& queue, int records, uint64_t first_number) {
  queue.open().begin(first_number, 0, std::nullopt);
  for (int i = 0; i < records; i++) queue.open().builder().add(Timestamp(1), std::nullopt, Bytes("value"));
  REQUIRE(queue.seal(fields).ok());
}

// Past the first one, which goes alone.
void warm_up(PartitionQueue& queue) {
  add_batch(queue, 1, 0);
  queue.acknowledge(queue.take()->serial);
}

std::vector<int32_t> sequences(const PartitionQueue&, std::vector<const OutBatch*> batches) {
  std::vector<int32_t> all;
  for (auto* b : batches) all.push_back(record::BatchView(b->bytes()).base_sequence().value);
  return all;
}

}  // namespace

TEST_CASE("PartitionQueue: sequences count records, and the first batch goes alone") {
  PartitionQueue queue(PartitionId(0), 5);
  for (int i = 0; i < 3; i++) add_batch(queue, 10, static_cast<uint64_t>(i) * 10);
  REQUIRE(queue.may_send(0));
  auto* first = queue.take();
  CHECK_FALSE(queue.may_send(0));
  CHECK(queue.acknowledge(first->serial).acked == 10);
  auto* second = queue.take();
  REQUIRE(queue.may_send(0));
  auto* third = queue.take();
  CHECK(sequences(queue, {second, third}) == std::vector<int32_t>{10, 20});
}

TEST_CASE("PartitionQueue: nothing is more than five batches ahead of the oldest that is open") {
  PartitionQueue queue(PartitionId(0), 5);
  warm_up(queue);
  for (int i = 0; i < 8; i++) add_batch(queue, 1, static_cast<uint64_t>(i));
  std::vector<uint64_t> serials;
  while (queue.may_send(0)) serials.push_back(queue.take()->serial);
  REQUIRE(serials.size() == 5);
  for (size_t i = 1; i < 5; i++) queue.acknowledge(serials[i]);
  CHECK_FALSE(queue.may_send(0));
  queue.acknowledge(serials[0]);
  CHECK(queue.may_send(0));
}

TEST_CASE("PartitionQueue: after a failure all is awaited, then the oldest goes alone, unchanged") {
  PartitionQueue queue(PartitionId(0), 5);
  warm_up(queue);
  for (int i = 0; i < 4; i++) add_batch(queue, 2, static_cast<uint64_t>(i));
  auto* a = queue.take();
  std::string bytes(a->bytes());
  uint64_t first = a->serial;
  uint64_t second = queue.take()->serial;
  queue.retry(first, 100);
  CHECK_FALSE(queue.may_send(100'000));  // the second is not settled yet
  CHECK(queue.is_oldest(first));
  CHECK_FALSE(queue.is_oldest(second));
  queue.retry(second, 100);
  CHECK_FALSE(queue.may_send(100));  // a pause, short at first
  CHECK(queue.may_send(101));
  REQUIRE(queue.may_send(100'000));
  auto* again = queue.take();
  CHECK(again->serial == first);
  CHECK(again->bytes() == bytes);
  CHECK_FALSE(queue.may_send(100'000));
  queue.acknowledge(first);
  CHECK(queue.take()->serial == second);
  CHECK(queue.may_send(100'000));
}

TEST_CASE("PartitionQueue: one that was answered after a failure before it does not end the waiting for the others") {
  PartitionQueue queue(PartitionId(0), 5);
  warm_up(queue);
  for (int i = 0; i < 5; i++) add_batch(queue, 1, static_cast<uint64_t>(i));
  std::vector<uint64_t> serials;
  for (int i = 0; i < 3; i++) serials.push_back(queue.take()->serial);
  queue.retry(serials[0], 100);
  queue.acknowledge(serials[1]);
  CHECK_FALSE(queue.may_send(100'000));  // the third is under way
  queue.acknowledge(serials[2]);
  REQUIRE(queue.may_send(100'000));
}

TEST_CASE("PartitionQueue: a batch that is split keeps its place and its records' sequences") {
  PartitionQueue queue(PartitionId(0), 5);
  warm_up(queue);
  add_batch(queue, 5, 1);
  add_batch(queue, 1, 6);
  auto whole = queue.take()->serial;
  auto grew = queue.split(whole, fields, 0);
  REQUIRE(grew.ok());
  REQUIRE(*grew);
  CHECK(**grew > 0);
  std::vector<int32_t> found;
  while (queue.has_waiting()) {
    auto* b = queue.take();
    found.push_back(record::BatchView(b->bytes()).base_sequence().value);
    queue.acknowledge(b->serial);
  }
  CHECK(found == std::vector<int32_t>{1, 3, 6});
  CHECK(queue.is_idle());
}

TEST_CASE("PartitionQueue: numbers that are kept stay with their records, whatever becomes of a batch") {
  using Numbers = std::vector<uint64_t>;
  PartitionQueue queue(PartitionId(0), 5);
  warm_up(queue);
  for (uint64_t number = 1; number <= 7; number++) {
    if (number == 6) REQUIRE(queue.seal(fields).ok());
    if (queue.open().is_empty()) queue.open().begin(number, 0, std::nullopt);
    queue.open().builder().add(Timestamp(1), std::nullopt, Bytes("value"));
    queue.open().keep_number(number);
  }
  REQUIRE(*queue.split(queue.take()->serial, fields, 0));
  CHECK(queue.acknowledge(queue.take()->serial).numbers == Numbers{1, 2});
  CHECK(queue.fail(queue.take()->serial, error(Errc::invalid_record, "no")).numbers == Numbers{3, 4, 5, 6, 7});
  CHECK(queue.is_idle());
}

TEST_CASE("PartitionQueue: a refused batch takes what waits behind it along, not what is under way") {
  PartitionQueue queue(PartitionId(0), 5);
  warm_up(queue);
  for (int i = 0; i < 3; i++) add_batch(queue, 2, static_cast<uint64_t>(10 + i));
  auto first = queue.take()->serial;
  auto second = queue.take()->serial;
  auto failed = queue.fail(first, error(Errc::invalid_record, "no"));
  CHECK(failed.failed == 4);  // the first and the third
  CHECK(failed.first_failed == 10);
  CHECK_FALSE(queue.may_send(0));
  CHECK(queue.acknowledge(second).acked == 2);
  CHECK(queue.is_idle());
}
