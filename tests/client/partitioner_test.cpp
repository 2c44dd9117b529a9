// The vectors are those of Kafka's UtilsTest and of librdkafka, and what a function computes that agrees with both.
#include "client/producer/partitioner.h"

#include <catch2/catch.hpp>
#include <set>

using namespace bobbin;
using namespace bobbin::client;

namespace {

struct Vector {
  std::string key;
  int32_t murmur;
  int java_of_3, java_of_10, java_of_12;
  uint32_t crc;
  int crc_of_3, crc_of_10, crc_of_12;  // -1: at random
};

std::string all_bytes() {
  std::string bytes;
  for (int i = 0; i < 256; i++) bytes.push_back(static_cast<char>(i));
  return bytes;
}

const std::vector<Vector> vectors = {
    {"", 275646681, 0, 1, 9, 0x00000000, -1, -1, -1},
    {"a", -1563381124, 1, 4, 4, 0xe8b7be43, 0, 7, 3},
    {"abc", 479470107, 0, 7, 3, 0x352441c2, 0, 8, 6},
    {"21", -973932308, 0, 0, 0, 0xfd7746b4, 1, 2, 4},
    {"foobar", -790332482, 0, 6, 6, 0x9ef61f95, 2, 9, 5},
    {"kafka", -798503068, 1, 0, 4, 0x5bbc7517, 2, 9, 11},
    {"key-1", 193331640, 0, 0, 0, 0x0eecbf7a, 2, 8, 2},
    {"user-42", 1459644460, 1, 0, 4, 0x7d06b873, 1, 5, 7},
    {"a-little-bit-long-string", -985981536, 2, 2, 8, 0xee71cd62, 0, 4, 6},
    {std::string(4, '\0'), 850957120, 1, 0, 4, 0x2144df1c, 1, 2, 4},
    {all_bytes(), -1948347274, 1, 4, 10, 0x29058c73, 1, 1, 7},
};

int chosen(PartitionerKind kind, int32_t partitions, const std::string& key) {
  return Partitioner(kind, partitions, 1).choose(Bytes(key), 100).value;
}

}  // namespace

TEST_CASE("Partitioner: murmur2 places keys as Kafka's Java client does") {
  for (const auto& v : vectors) {
    CAPTURE(v.key);
    CHECK(static_cast<int32_t>(murmur2(v.key)) == v.murmur);
    CHECK(chosen(PartitionerKind::murmur2, 3, v.key) == v.java_of_3);
    CHECK(chosen(PartitionerKind::murmur2, 10, v.key) == v.java_of_10);
    CHECK(chosen(PartitionerKind::murmur2, 12, v.key) == v.java_of_12);
  }
  CHECK(static_cast<int32_t>(murmur2("a-little-bit-longer-string")) == -1486304829);
  CHECK(static_cast<int32_t>(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")) == -58897971);
}

TEST_CASE("Partitioner: crc32 places keys as librdkafka's consistent partitioner does") {
  for (const auto& v : vectors) {
    CAPTURE(v.key);
    CHECK(crc32(v.key) == v.crc);
    if (v.crc_of_3 < 0) continue;
    CHECK(chosen(PartitionerKind::crc32, 3, v.key) == v.crc_of_3);
    CHECK(chosen(PartitionerKind::crc32, 10, v.key) == v.crc_of_10);
    CHECK(chosen(PartitionerKind::crc32, 12, v.key) == v.crc_of_12);
  }
}

TEST_CASE("Partitioner: without keys, about a batch goes to one partition and the next to another") {
  Partitioner partitioner(PartitionerKind::murmur2, 4, 7, 1000);
  std::set<int> seen;
  int last = -1;
  for (int run = 0; run < 50; run++) {
    int at = partitioner.choose(std::nullopt, 100).value;
    CHECK(at != last);
    for (int i = 1; i < 10; i++) CHECK(partitioner.choose(std::nullopt, 100).value == at);
    last = at;
    seen.insert(at);
  }
  CHECK(seen.size() == 4);
}

TEST_CASE("Partitioner: round-robin goes round, random reaches all, and one partition needs no choice") {
  Partitioner round(PartitionerKind::round_robin, 3, 1);
  std::vector<int> order;
  for (int i = 0; i < 6; i++) order.push_back(round.choose(Bytes("same key"), 1).value);
  CHECK(order == std::vector<int>{0, 1, 2, 0, 1, 2});

  Partitioner random(PartitionerKind::random, 5, 1);
  std::set<int> seen;
  for (int i = 0; i < 200; i++) seen.insert(random.choose(Bytes("k"), 1).value);
  CHECK(seen.size() == 5);

  for (auto kind :
       {PartitionerKind::murmur2, PartitionerKind::crc32, PartitionerKind::sticky, PartitionerKind::round_robin})
    CHECK(chosen(kind, 1, "any") == 0);
}

TEST_CASE("Partitioner: names lead to kinds and back") {
  for (auto name : {"murmur2", "crc32", "sticky", "round-robin", "random"}) {
    auto kind = parse_partitioner(name);
    REQUIRE(kind);
    CHECK(to_string(*kind) == name);
  }
  CHECK_FALSE(parse_partitioner("murmur3"));
}
