// Fetch that may be answered with a place in the leader's files.
#include <catch2/catch.hpp>

#include "broker/one_broker.h"

using namespace bobbin;
using namespace bobbin::test;
using Values = std::vector<std::string>;
using Place = protocol::FetchResponse::Place;
using PartitionData = protocol::FetchResponse::PartitionData;

namespace {

constexpr size_t least = 32 << 10;  // of what is told by its place

// One batch of so many bytes, from 17 thousand on.
std::string batch_of_bytes(size_t bytes) {
  constexpr size_t guess = 20000;
  size_t around = batch_of({std::string(guess, 'x')}).size() - guess;
  std::string batch = batch_of({std::string(bytes - around, 'x')});
  REQUIRE(batch.size() == bytes);
  return batch;
}

struct InPlace {
  OneBroker b;
  TopicId id = b.create("t");
  bool unix = true;
  bool asked = true;

  std::string segment() const { return b.dir.broker_dir(BrokerId(1)) + "/t-0/00000000000000000000.log"; }
  int64_t file_bytes() const { return static_cast<int64_t>(b.world.storage.contents(segment()).size()); }
  PartitionData fetch(int64_t offset, int16_t version = 18) {
    auto request = b.fetch_request("t", offset);
    if (version >= 13) request.topics[0].topic = "";
    request.topics[0].topic_id = id;
    request.topics[0].partitions[0].read_in_place = asked;
    auto connection = b.connect(unix);
    b.ask(connection, version, request);
    auto got = b.answer<protocol::FetchResponse>(connection, version);
    REQUIRE(got);
    b.disconnect(connection);
    return got->responses.at(0).partitions.at(0);
  }
};

}  // namespace

TEST_CASE("Fetch in place: over the unix socket the answer is where the batches lie") {
  InPlace t;
  t.b.produce("t", batch_of_bytes(least));
  auto version = GENERATE(int16_t{13}, int16_t{15}, int16_t{18});
  auto got = t.fetch(0, version);
  CHECK(got.error_code == 0);
  CHECK(got.high_watermark == 1);
  CHECK(got.records == Bytes());
  CHECK(got.place == Place{0, 0, t.file_bytes(), 1, 1 << 30});
  t.b.produce("t", batch_of_bytes(least + 1));
  t.b.produce("t", batch_of_bytes(20000));
  CHECK(t.fetch(0, version).place == Place{0, 0, t.file_bytes(), 3, 1 << 30});
  CHECK(t.fetch(1, version).place == Place{0, least, t.file_bytes(), 3, 1 << 30});
}

TEST_CASE("Fetch in place: who did not ask, came over TCP, or speaks an older version gets the records themselves") {
  InPlace t;
  t.b.produce("t", batch_of_bytes(least));
  int16_t version = 18;
  SECTION("not asked") { t.asked = false; }
  SECTION("over TCP") { t.unix = false; }
  SECTION("version 12") { version = 12; }
  SECTION("version 4") { version = 4; }
  auto got = t.fetch(0, version);
  CHECK(got.place == Place{});
  CHECK(values_in(*got.records).size() == 1);
}

TEST_CASE("Fetch in place: what is less than 32 KiB comes inline") {
  InPlace t;
  t.b.produce("t", batch_of_bytes(least - 1));
  auto small = t.fetch(0);
  CHECK(small.place == Place{});
  CHECK(values_in(*small.records).size() == 1);
  t.b.produce("t", batch_of({"tail"}));
  CHECK(t.fetch(0).place.next_offset == 2);
  auto rest = t.fetch(1);
  CHECK(rest.place == Place{});
  CHECK(values_in(*rest.records) == Values{"tail"});
  CHECK(t.fetch(2).place == Place{});
  CHECK(t.fetch(2).records == Bytes());
}

TEST_CASE("Fetch in place: never beyond the high watermark") {
  InPlace t;
  t.b.produce("t", batch_of_bytes(least));
  auto writer = t.b.connect();
  std::string late = batch_of_bytes(least);
  t.b.ask(writer, 9, t.b.produce_request("t", late, 1));
  REQUIRE(t.file_bytes() == least * 2);
  CHECK(t.fetch(0).place == Place{0, 0, least, 1, 1 << 30});
  auto beyond = t.fetch(1);
  CHECK(beyond.place == Place{});
  CHECK(beyond.records == Bytes());
  t.b.settle();
  CHECK(t.fetch(0).place == Place{0, 0, least * 2, 2, 1 << 30});
}

TEST_CASE("Fetch in place: a place ends with its segment, and says how long that may become") {
  OneBroker b;
  TopicId id = b.create("t", 1, {{"segment.bytes", "1048576"}});
  for (int i = 0; i < 30; i++) b.produce("t", batch_of_bytes(50000));
  auto request = b.fetch_request("", 0);
  request.topics[0].topic_id = id;
  request.topics[0].partitions[0].read_in_place = true;
  int64_t next = 0;
  std::vector<int64_t> segments;
  while (next < 30) {
    request.topics[0].partitions[0].fetch_offset = next;
    auto connection = b.connect(true);
    b.ask(connection, 13, request);
    auto place = b.answer<protocol::FetchResponse>(connection, 13)->responses.at(0).partitions.at(0).place;
    REQUIRE(place.segment == next);
    CHECK(place.position == 0);
    CHECK(place.end == (place.next_offset - next) * 50000);
    CHECK(place.capacity == 1 << 20);
    segments.push_back(place.segment);
    next = place.next_offset;
  }
  CHECK(segments == std::vector<int64_t>{0, 20});
}

TEST_CASE("Fetch in place: a place counts as bytes for a Fetch that waits for some") {
  InPlace t;
  auto request = t.b.fetch_request("", 0, 500);
  request.min_bytes = 40000;
  request.topics[0].topic_id = t.id;
  request.topics[0].partitions[0].read_in_place = true;
  auto connection = t.b.connect(true);
  t.b.ask(connection, 18, request);
  t.b.produce("t", batch_of_bytes(least));
  CHECK(t.b.waiting(connection) == 0);
  t.b.produce("t", batch_of_bytes(least));
  REQUIRE(t.b.waiting(connection) == 1);
  CHECK(t.b.answer<protocol::FetchResponse>(connection, 18)->responses[0].partitions[0].place.next_offset == 2);
}

TEST_CASE("Fetch in place: damage is Kafka's code, and the broker names the file") {
  InPlace t;
  t.b.produce("t", batch_of_bytes(least));
  t.b.produce("t", batch_of_bytes(least));
  auto file = t.b.world.storage.open(t.segment(), os::Open::write);
  REQUIRE((*file)->write(Bytes("\t"), least + 16).ok());  // the magic of the second batch
  t.b.said.clear();
  CHECK(t.fetch(1).error_code == static_cast<int16_t>(Errc::corrupt_message));
  REQUIRE_FALSE(t.b.said.empty());
  CHECK(t.b.said.back().find(t.segment()) != std::string::npos);
}
