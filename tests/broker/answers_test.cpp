// What a broker answers where Kafka's own words are "exactly so": found by tests/clients/answers, which holds whole answers
// against a real Kafka's.
#include <catch2/catch.hpp>

#include "base/crc32c.h"
#include "broker/one_broker.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

int16_t code(Errc e) { return static_cast<int16_t>(e); }

std::string batch_at(std::vector<int64_t> times, record::BatchFields fields = {}) {
  record::BatchBuilder builder;
  for (int64_t time : times) builder.add(Timestamp(time), std::nullopt, Bytes("the same value as before, and again"));
  return *builder.seal(fields);
}

// The same with another number there, and a checksum that fits.
std::string with(std::string batch, size_t at, int32_t number) {
  store_be(&batch[at], number);
  store_be(&batch[record::crc_at], crc32c(Bytes(batch).substr(record::crc_begins_at)));
  return batch;
}

std::vector<int32_t> blamed(const protocol::ProduceResponse::PartitionProduceResponse& told) {
  std::vector<int32_t> all;
  for (const auto& each : told.record_errors) all.push_back(each.batch_index);
  return all;
}

}  // namespace

TEST_CASE("Answers: where a log begins is told with what it found wrong, and not with what it did not look at") {
  OneBroker b;
  b.create("t");
  const std::string good = batch_of({"a", "b"});
  CHECK(b.produce("t", with(good, record::records_count_at, 3)).error_code == code(Errc::invalid_record));
  CHECK(b.produce("t", with(good, record::records_count_at, 3)).log_start_offset == 0);
  CHECK(b.produce("t", batch_of({"x"}, {7, 0, 5})).error_code == 0);
  CHECK(b.produce("t", batch_of({"x"}, {7, 0, 9})).log_start_offset == 0);
  std::string flipped = good;
  flipped.back() ^= 1;
  CHECK(b.produce("t", flipped).log_start_offset == -1);
  CHECK(b.produce("t", good + good).log_start_offset == -1);
  CHECK(b.produce("t", "").log_start_offset == -1);
  CHECK(b.produce("nowhere", good).log_start_offset == -1);
}

TEST_CASE("Answers: a count that lies in a compressed batch is invalid, and bytes that are no stream are corrupt") {
  OneBroker b;
  b.create("t");
  record::BatchFields fields;
  fields.compression = record::Compression::gzip;
  const std::string good = batch_at({1, 2, 3, 4, 5, 6, 7, 8}, fields);
  REQUIRE(record::BatchView(good).compression() == record::Compression::gzip);
  const auto count = [&](int32_t records) {
    return with(with(good, record::last_offset_delta_at, records - 1), record::records_count_at, records);
  };
  CHECK(b.produce("t", count(9)).error_code == code(Errc::invalid_record));
  CHECK(b.produce("t", count(7)).error_code == code(Errc::invalid_record));
  CHECK(b.produce("t", with(good, record::batch_header_bytes, 0)).error_code == code(Errc::corrupt_message));
  CHECK(b.produce("t", count(8)).error_code == 0);
}

TEST_CASE("Answers: formats that there never were, and lengths that none has, are corrupt") {
  OneBroker b;
  b.create("t");
  for (char magic : {'\3', '\x7f', '\xff'}) {
    std::string batch = batch_of({"a"});
    batch[record::magic_at] = magic;
    CHECK(b.produce("t", batch).error_code == code(Errc::corrupt_message));
  }
  std::string short_one = batch_of({"a"});
  store_be(&short_one[record::batch_length_at], int32_t{13});
  CHECK(b.produce("t", short_one).error_code == code(Errc::corrupt_message));
  CHECK(b.produce("t", batch_of({"a"}, {7, -2, 0})).error_code == code(Errc::invalid_producer_epoch));
}

TEST_CASE("Answers: every record that is wrong is named") {
  OneBroker b;
  const int64_t now = b.world.clock.wall_ms, hour = 3'600'000;
  b.create("compacted", 1, {{"cleanup.policy", "compact"}});
  CHECK(blamed(b.produce("compacted", batch_at({now, now}))) == std::vector<int32_t>{0, 1});
  b.create("dated", 1, {{"message.timestamp.before.max.ms", std::to_string(hour)}});
  CHECK(blamed(b.produce("dated", batch_at({now, now - 2 * hour, now + 2 * hour, now, now - 3 * hour}))) ==
        std::vector<int32_t>{1, 2, 4});
  b.create("stamped", 1, {{"message.timestamp.type", "LogAppendTime"}});
  record::BatchFields fields;
  fields.timestamp_type = record::TimestampType::log_append_time;
  CHECK(blamed(b.produce("stamped", batch_at({now, now}, fields))) == std::vector<int32_t>{0, 1});
}

TEST_CASE("Answers: the time of a Produce is for replicas, and one's own flush takes as long as it takes") {
  OneBroker b;
  b.create("t");
  b.world.storage.inject({1, true, Errc::busy, 0, {Call::sync}});
  const auto id = b.connect();
  const std::string batch = batch_of({"a"});
  auto request = b.produce_request("t", batch);
  request.timeout_ms = 0;
  b.ask(id, 9, request);
  b.settle();
  b.sleep(5000);
  CHECK(b.waiting(id) == 0);
  b.world.storage.heal();
  b.sleep(2000);
  REQUIRE(b.waiting(id) == 1);
  CHECK(b.answer<protocol::ProduceResponse>(id, 9)->responses[0].partition_responses[0].error_code == 0);
}

TEST_CASE("Answers: brokers' own topics are not written by clients") {
  OneBroker b;
  protocol::FindCoordinatorRequest find;
  find.key = "g";
  b.call<protocol::FindCoordinatorResponse>(2, find);
  CHECK(b.produce("__consumer_offsets", batch_of({"a"})).error_code == code(Errc::invalid_topic_exception));
}
