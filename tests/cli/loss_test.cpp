#include "cmd/topic/loss.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::cmd;

namespace {

std::vector<BrokerId> ids(std::vector<int32_t> numbers) {
  std::vector<BrokerId> out;
  for (int32_t n : numbers) out.emplace_back(n);
  return out;
}

std::string lost(const std::vector<std::vector<int32_t>>& replicas, size_t min_isr, const Devices& devices = {},
                 bool flushes = true) {
  std::vector<client::PartitionView> partitions;
  for (const auto& each : replicas) partitions.push_back({.replicas = ids(each), .isr = {}, .offline = {}});
  return loss_text({partitions, min_isr, flushes}, devices);
}

const Devices one_disk{{BrokerId(1), 7}, {BrokerId(2), 7}, {BrokerId(3), 7}};
const Devices two_disks{{BrokerId(1), 7}, {BrokerId(2), 7}, {BrokerId(3), 8}};
const Devices three_disks{{BrokerId(1), 7}, {BrokerId(2), 8}, {BrokerId(3), 9}};

}  // namespace

TEST_CASE("what can be lost: the fewest disks of so many copies") {
  const auto all = ids({1, 2, 3});
  CHECK(fewest_disks(all, 3, {}) == 3);
  CHECK(fewest_disks(all, 3, one_disk) == 1);
  CHECK(fewest_disks(all, 2, two_disks) == 1);
  CHECK(fewest_disks(all, 3, two_disks) == 2);
  CHECK(fewest_disks(all, 2, three_disks) == 2);
  CHECK(fewest_disks(all, 0, one_disk) == 0);
  CHECK(fewest_disks(ids({1, 2, 4}), 3, one_disk) == 2);  // nobody knows where broker 4 is
}

TEST_CASE("what can be lost: disks count, not copies") {
  CHECK(lost({{1, 2, 3}}, 2) == "acks=all: kept while fewer than 2 disks are lost");
  CHECK(lost({{1, 2, 3}}, 2, three_disks) == "acks=all: kept while fewer than 2 disks are lost");
  CHECK(lost({{1, 2, 3}}, 9, three_disks) == "acks=all: kept while fewer than 3 disks are lost");
  CHECK(lost({{1, 2, 3}}, 2, two_disks) ==
        "acks=all: the loss of one disk may take records, as several copies lie on it");
  CHECK(lost({{1, 2, 3}}, 3, two_disks) == "acks=all: kept while fewer than 2 disks are lost");
  CHECK(
      lost({{1, 2, 3}}, 2, one_disk).starts_with("acks=all: all copies lie on one disk, whose loss takes everything"));
  CHECK(lost({{1, 2, 3}}, 1, one_disk).starts_with("acks=all: all copies lie on one disk"));
  CHECK(lost({{1, 2, 3}}, 1, two_disks) ==
        "acks=all: the loss of one disk may take records, while no other broker is in sync");
}

TEST_CASE("what can be lost: the partition that has the fewest disks counts") {
  CHECK(lost({{1, 3}, {2, 3}}, 2, two_disks) == "acks=all: kept while fewer than 2 disks are lost");
  CHECK(lost({{1, 3}, {1, 2}}, 2, two_disks).starts_with("acks=all: all copies lie on one disk"));
}

TEST_CASE("what can be lost: of one copy, and by a power cut") {
  CHECK(lost({{1}}, 1, one_disk) == "one copy: the loss of its disk takes everything");
  CHECK(lost({{1}}, 1, {}, false) ==
        "one copy: a power cut takes what was not flushed yet; the loss of its disk takes everything");
}
