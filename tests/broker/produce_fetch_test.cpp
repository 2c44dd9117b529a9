#include <catch2/catch.hpp>

#include "broker/one_broker.h"

using namespace bobbin;
using namespace bobbin::test;
using Values = std::vector<std::string>;

namespace {
int16_t code(Errc e) { return static_cast<int16_t>(e); }
}  // namespace

TEST_CASE("Produce: what is acknowledged is read at its offset") {
  OneBroker b;
  b.create("t");
  auto first = b.produce("t", batch_of({"a", "b"}));
  CHECK(first.error_code == 0);
  CHECK(first.base_offset == 0);
  CHECK(first.log_append_time_ms == -1);
  CHECK(b.produce("t", batch_of({"c"})).base_offset == 2);
  auto got = b.fetch("t", 0);
  CHECK(got.error_code == 0);
  CHECK(got.high_watermark == 3);
  CHECK(got.last_stable_offset == 3);
  CHECK(values_in(*got.records) == Values{"a", "b", "c"});
}

TEST_CASE("Produce: acks=all waits for the flush, acks=1 does not, and readers see only what is flushed") {
  OneBroker b;
  b.create("t");
  auto id = b.connect();
  auto fast = b.connect();
  std::string batch = batch_of({"x"});
  b.fetch("t", 0);  // its log is open
  b.ask(id, 9, b.produce_request("t", batch, -1));
  b.ask(fast, 9, b.produce_request("t", batch, 1));
  CHECK(b.waiting(id) == 0);
  CHECK(b.waiting(fast) == 1);
  auto reader = b.connect();
  b.ask(reader, 12, b.fetch_request("t", 0));
  CHECK(values_in(*b.answer<protocol::FetchResponse>(reader, 12)->responses[0].partitions[0].records).empty());
  b.settle();
  CHECK(b.waiting(id) == 1);
  b.ask(reader, 12, b.fetch_request("t", 0));
  CHECK(values_in(*b.answer<protocol::FetchResponse>(reader, 12)->responses[0].partitions[0].records) ==
        Values{"x", "x"});
}

TEST_CASE("Produce: the time-out is for replicas, and never cuts short the broker's own flush") {
  OneBroker b;
  b.create("t");
  auto id = b.connect();
  std::string batch = batch_of({"x"});
  b.fetch("t", 0);  // its log is open
  auto request = b.produce_request("t", batch, -1);
  request.timeout_ms = GENERATE(0, -1, 1);
  b.ask(id, 9, request);
  b.world.clock.pass(2);
  b.broker->run();
  CHECK(b.waiting(id) == 0);
  b.settle();
  auto told = b.answer<protocol::ProduceResponse>(id, 9);
  REQUIRE(told);
  CHECK(told->responses[0].partition_responses[0].error_code == 0);
}

TEST_CASE("Produce: under flush.policy=os nothing waits for the disk") {
  OneBroker b;
  b.create("t", 1, {{"flush.policy", "os"}});
  auto id = b.connect();
  std::string batch = batch_of({"x"});
  b.fetch("t", 0);  // its log is open
  b.ask(id, 9, b.produce_request("t", batch, -1));
  CHECK(b.waiting(id) == 1);
}

TEST_CASE("Produce: acks=0 is not answered, and closes when it fails") {
  OneBroker b;
  b.create("t");
  auto id = b.connect();
  std::string batch = batch_of({"x"});
  b.ask(id, 9, b.produce_request("t", batch, 0));
  b.settle();
  CHECK(b.waiting(id) == 0);
  CHECK_FALSE(b.is_closed(id));
  b.ask(id, 9, b.produce_request("nope", batch, 0));
  b.settle();
  CHECK(b.is_closed(id));
}

TEST_CASE("Produce: pipelined requests are applied and answered in their order") {
  OneBroker b;
  b.create("t");
  auto id = b.connect();
  for (int i = 0; i < 5; i++) {
    std::string batch = batch_of({std::to_string(i)}, {7, 0, i});
    b.ask(id, 9, b.produce_request("t", batch));
  }
  CHECK(b.waiting(id) == 0);
  b.settle();
  for (int64_t i = 0; i < 5; i++)
    CHECK(b.answer<protocol::ProduceResponse>(id, 9)->responses[0].partition_responses[0].base_offset == i);
  CHECK(std::is_sorted(b.correlations.begin(), b.correlations.end()));
}

TEST_CASE("Produce: what Kafka refuses is refused by its codes") {
  OneBroker b;
  b.create("t");
  std::string good = batch_of({"x"});
  CHECK(b.produce("nope", good).error_code == code(Errc::unknown_topic_or_partition));
  CHECK(b.produce("t", "").error_code == code(Errc::invalid_record));
  std::string flipped = good;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  CHECK(b.produce("t", flipped).error_code == code(Errc::corrupt_message));
  CHECK(b.produce("t", batch_of({std::string(2 << 20, 'x')})).error_code == code(Errc::message_too_large));
  auto bad_acks = b.produce_request("t", good, 2);
  auto told = b.call<protocol::ProduceResponse>(9, bad_acks);
  CHECK(told.responses[0].partition_responses[0].error_code == code(Errc::invalid_required_acks));
  record::BatchBuilder builder;
  builder.add(Timestamp(1700000000000), std::nullopt, Bytes("x"));
  record::BatchFields fields;
  fields.compression = record::Compression::zstd;
  std::string zstd = *builder.seal(fields);
  CHECK(b.produce("t", zstd, 6).error_code == code(Errc::unsupported_compression_type));
  CHECK(b.produce("t", zstd, 7).error_code == 0);
  builder.add(Timestamp(1700000000000), std::nullopt, Bytes("x"));
  fields = {};
  fields.transactional = true;
  fields.producer_id = ProducerId(1);
  fields.producer_epoch = ProducerEpoch(0);
  fields.base_sequence = Sequence(0);
  std::string transactional = *builder.seal(fields);
  CHECK(b.produce("t", transactional, 9).error_code == code(Errc::invalid_txn_state));
  CHECK(b.produce("t", transactional, 11).error_code == code(Errc::transaction_abortable));
}

TEST_CASE("Produce: the records that made a batch invalid are named, and zstd needs the version that knows it") {
  OneBroker b;
  b.create("t", 1, {{"cleanup.policy", "compact"}});
  record::BatchBuilder builder;
  builder.add(Timestamp(b.world.clock.wall_ms), "key", "value");
  builder.add(Timestamp(b.world.clock.wall_ms), std::nullopt, "value");
  auto told = b.produce("t", *builder.seal({}));
  CHECK(told.error_code == code(Errc::invalid_record));
  REQUIRE(told.record_errors.size() == 1);
  CHECK(told.record_errors[0].batch_index == 1);
  CHECK_FALSE(told.record_errors[0].batch_index_error_message.value_or("").empty());

  b.create("u");
  for (int i = 0; i < 20; i++) builder.add(Timestamp(b.world.clock.wall_ms), "key", "the same value");
  const std::string batch = *builder.seal({.compression = record::Compression::zstd});
  REQUIRE(record::BatchView(batch).compression() == record::Compression::zstd);
  CHECK(b.produce("u", batch, 6).error_code == code(Errc::unsupported_compression_type));
  CHECK(b.produce("u", batch, 7).error_code == 0);
}

TEST_CASE(
    "Produce: a repeated idempotent batch has its first offset, also after a kill; gaps and old epochs are refused") {
  OneBroker b;
  b.create("t");
  std::string first = batch_of({"a"}, {7, 0, 0});
  CHECK(b.produce("t", first).base_offset == 0);
  CHECK(b.produce("t", batch_of({"b"}, {7, 0, 1})).base_offset == 1);
  CHECK(b.produce("t", first).base_offset == 0);
  b.restart_after_kill();
  CHECK(b.produce("t", batch_of({"b"}, {7, 0, 1})).base_offset == 1);
  CHECK(b.produce("t", batch_of({"d"}, {7, 0, 3})).error_code == code(Errc::out_of_order_sequence_number));
  CHECK(b.produce("t", batch_of({"c"}, {7, 1, 0})).base_offset == 2);
  CHECK(b.produce("t", batch_of({"z"}, {7, 0, 2})).error_code == code(Errc::invalid_producer_epoch));
  CHECK(values_in(*b.fetch("t", 0).records) == Values{"a", "b", "c"});
}

TEST_CASE("Produce: acknowledged records outlive a power cut") {
  OneBroker b;
  b.create("t");
  for (int i = 0; i < 20; i++) CHECK(b.produce("t", batch_of({std::to_string(i)})).base_offset == i);
  b.restart_after_power_cut();
  CHECK(values_in(*b.fetch("t", 0).records).size() == 20);
  CHECK(b.produce("t", batch_of({"after"})).base_offset == 20);
}

TEST_CASE("Produce: a full disk is a retriable error, and the log goes on when there is room") {
  OneBroker b;
  b.create("t");
  CHECK(b.produce("t", batch_of({"a"})).base_offset == 0);
  b.world.storage.set_room(b.world.storage.used() + 10);
  auto full = b.produce("t", batch_of({"b"}));
  CHECK(full.error_code == code(Errc::kafka_storage_error));
  CHECK(full.error_message->find("full") != std::string::npos);
  b.world.storage.set_room(std::nullopt);
  CHECK(b.produce("t", batch_of({"c"})).base_offset == 1);
  CHECK(values_in(*b.fetch("t", 0).records) == Values{"a", "c"});
}

TEST_CASE("A broker that starts on a full disk serves what is there, and is registered when there is room") {
  OneBroker b;
  b.create("t");
  REQUIRE(b.produce("t", batch_of({"a", "b"})).error_code == 0);
  b.settle();
  const BrokerEpoch before = b.broker->epoch();
  b.world.storage.set_room(b.world.storage.used());
  b.restart_after_kill();
  CHECK(b.broker->epoch() == before);
  CHECK(values_in(*b.fetch("t", 0).records) == Values{"a", "b"});
  b.world.storage.set_room(std::nullopt);
  b.sleep(1000);
  b.settle();
  CHECK(b.broker->epoch() > before);
  CHECK(b.produce("t", batch_of({"c"})).base_offset == 2);
}

TEST_CASE("Produce: a refused batch that came by another way holds up nothing behind it, where its producer is known") {
  OneBroker b;
  b.create("t");
  b.create("fresh");
  transport::ConnectionId id = b.connect();
  auto produce_there = [&](const std::string& topic, Sequence sequence) {
    b.ask(id, 9, b.produce_request(topic, batch_of({"x"}, {7, 0, sequence.value})));
    b.settle();
    return b.answer<protocol::ProduceResponse>(id, 9)->responses[0].partition_responses[0].error_code;
  };
  CHECK(produce_there("t", Sequence(0)) == 0);
  b.world.storage.set_room(b.world.storage.used());
  for (const char* topic : {"t", "fresh"}) CHECK(produce_there(topic, Sequence(1)) == code(Errc::kafka_storage_error));
  b.world.storage.set_room(std::nullopt);
  for (const char* topic : {"t", "fresh"})
    CHECK(produce_there(topic, Sequence(2)) == code(Errc::out_of_order_sequence_number));
  CHECK(b.produce("t", batch_of({"x"}, {7, 0, 1})).base_offset == 1);
  CHECK(produce_there("t", Sequence(2)) == 0);
  CHECK(produce_there("t", Sequence(4)) == code(Errc::out_of_order_sequence_number));
}

TEST_CASE("Produce: what refuses a write has its own sentence in the answer and in the log") {
  struct Case {
    Errc code;
    std::string words;
  };
  Case c = GENERATE(Case{Errc::disk_full, "the disk of broker 1 is full"},
                    Case{Errc::quota_exceeded, "the disk quota of the user of broker 1 is used up"},
                    Case{Errc::file_too_large, "broker 1 may not write larger files"},
                    Case{Errc::read_only, "the file system of broker 1 is read-only"},
                    Case{Errc::permission_denied, "broker 1 may not write its files"});
  INFO(c.words);
  OneBroker b;
  b.create("t");
  b.world.storage.inject({1, true, c.code, 0, {Call::write, Call::truncate}});
  auto refused = b.produce("t", batch_of({"a"}));
  CHECK(refused.error_code == code(Errc::kafka_storage_error));
  REQUIRE(refused.error_message);
  CHECK(refused.error_message->starts_with(c.words + ": nothing was appended"));
  CHECK(std::any_of(b.said.begin(), b.said.end(), [](const auto& line) { return line.starts_with("t-0: "); }));
  b.world.storage.heal();
  CHECK(b.produce("t", batch_of({"b"})).base_offset == 0);
  CHECK(values_in(*b.fetch("t", 0).records) == Values{"b"});
}

TEST_CASE("Produce: after a failed sync the folder is offline until the broker starts anew") {
  OneBroker b;
  b.create("t");
  CHECK(b.produce("t", batch_of({"a"})).base_offset == 0);
  b.world.storage.inject({1, true, Errc::io_error, 0, {Call::sync}});
  CHECK(b.produce("t", batch_of({"b"})).error_code == code(Errc::kafka_storage_error));
  b.world.storage.heal();
  CHECK(b.produce("t", batch_of({"c"})).error_code == code(Errc::kafka_storage_error));
  CHECK(
      std::any_of(b.said.begin(), b.said.end(), [](const auto& s) { return s.find("OFFLINE") != std::string::npos; }));
  b.restart_after_kill();
  CHECK(b.produce("t", batch_of({"d"})).error_code == 0);
}

TEST_CASE("Produce: a flush that finds no free descriptor is tried again, and nothing goes offline") {
  OneBroker b;
  b.create("t");
  b.world.storage.inject({1, true, Errc::busy, 0, {Call::sync_dir}});
  auto id = b.connect();
  b.ask(id, 9, b.produce_request("t", batch_of({"a"})));
  b.settle();
  CHECK(b.waiting(id) == 0);
  b.pass(150);
  CHECK(b.waiting(id) == 0);
  b.world.storage.heal();
  b.pass(150);
  CHECK(b.waiting(id) == 1);
  b.restart_after_power_cut();
  CHECK(values_in(*b.fetch("t", 0).records) == Values{"a"});
}

TEST_CASE("ListOffsets: after a kill, whatever may vanish with the machine is told only when it is flushed again") {
  for (int64_t asked : {int64_t{-1}, int64_t{-2}, int64_t{-3}, int64_t{-4}, int64_t{0}, int64_t{1500}, int64_t{5000}}) {
    INFO(asked);
    OneBroker b;
    b.create("t");
    for (int64_t i : {1, 2, 3}) CHECK(b.produce("t", batch_of({"v"}, {-1, -1, -1, i * 1000})).base_offset == i - 1);
    b.restart_after_kill(false);
    protocol::ListOffsetsRequest request;
    request.topics.push_back({"t", {{0, -1, asked}}});
    auto id = b.connect();
    b.ask(id, 8, request);
    b.finish_openings();
    bool is_start = asked == -2 || asked == -4;  // cannot vanish
    CHECK(b.waiting(id) == (is_start ? 1u : 0u));
    b.settle();
    auto told = b.answer<protocol::ListOffsetsResponse>(id, 8);
    REQUIRE(told);
    const std::map<int64_t, int64_t> right{{-1, 3}, {-2, 0}, {-3, 2}, {-4, 0}, {0, 0}, {1500, 1}, {5000, -1}};
    CHECK(told->topics[0].partitions[0].offset == right.at(asked));
  }
}

TEST_CASE("ListOffsets, Fetch: after a kill nobody is told an end that is not flushed again") {
  OneBroker b;
  b.create("t");
  CHECK(b.produce("t", batch_of({"a"})).base_offset == 0);
  CHECK(b.produce("t", batch_of({"b"})).base_offset == 1);  // behind what a checkpoint tells of
  b.restart_after_kill(false);
  protocol::ListOffsetsRequest ends;
  ends.topics.push_back({"t", {{0, -1, -1}}});
  auto asking = b.connect(), reading = b.connect();
  b.ask(asking, 7, ends);
  b.ask(reading, 12, b.fetch_request("t", 2));
  b.finish_openings();
  CHECK(b.waiting(asking) == 0);
  auto early = b.answer<protocol::FetchResponse>(reading, 12);
  REQUIRE(early);
  CHECK(early->responses[0].partitions[0].error_code == code(Errc::offset_not_available));
  b.settle();
  auto told = b.answer<protocol::ListOffsetsResponse>(asking, 7);
  REQUIRE(told);
  CHECK(told->topics[0].partitions[0].offset == 2);
  CHECK(b.fetch("t", 2).high_watermark == 2);
}

TEST_CASE("Fetch: waits for bytes, and no longer than it was told") {
  OneBroker b;
  b.create("t");
  auto id = b.connect();
  b.ask(id, 12, b.fetch_request("t", 0, 500));
  b.settle();
  CHECK(b.waiting(id) == 0);
  CHECK(b.produce("t", batch_of({"a"})).error_code == 0);
  CHECK(values_in(*b.answer<protocol::FetchResponse>(id, 12)->responses[0].partitions[0].records) == Values{"a"});
  b.ask(id, 12, b.fetch_request("t", 1, 500));
  b.pass(499);
  CHECK(b.waiting(id) == 0);
  b.pass(1);
  auto empty = b.answer<protocol::FetchResponse>(id, 12);
  REQUIRE(empty);
  CHECK(empty->responses[0].partitions[0].records == Bytes(""));
  CHECK(empty->responses[0].partitions[0].high_watermark == 1);
}

TEST_CASE("Fetch, Produce: who waits is told at once when the topic is deleted") {
  OneBroker b;
  b.create("t");
  b.produce("t", batch_of({"a"}));
  auto reading = b.connect(), writing = b.connect();
  b.ask(reading, 12, b.fetch_request("t", 1, 60'000));
  b.world.storage.inject({1, true, Errc::busy, 0, {Call::sync}});  // for want of descriptors it is not flushed
  const std::string batch = batch_of({"b"});
  auto produce = b.produce_request("t", batch);
  produce.timeout_ms = 60'000;
  b.ask(writing, 9, produce);
  b.settle();
  CHECK(b.waiting(reading) + b.waiting(writing) == 0);
  b.world.storage.heal();
  auto deleting = b.connect();
  protocol::DeleteTopicsRequest remove;
  remove.topic_names.push_back("t");
  b.ask(deleting, 5, remove);
  b.settle();
  REQUIRE(b.waiting(reading) == 1);
  REQUIRE(b.waiting(writing) == 1);
  CHECK(b.answer<protocol::FetchResponse>(reading, 12)->responses[0].partitions[0].error_code ==
        code(Errc::unknown_topic_or_partition));
  CHECK(b.answer<protocol::ProduceResponse>(writing, 9)->responses[0].partition_responses[0].error_code ==
        code(Errc::unknown_topic_or_partition));
}

TEST_CASE("Fetch: an error that may pass meanwhile is waited with, any other is told at once") {
  OneBroker b;
  b.create("t", 2);
  b.produce("t", batch_of({"a"}));
  auto with = [&](const std::string& topic, int64_t offset, int32_t partition = 0) {
    auto request = b.fetch_request("t", 1, 700);  // at its end
    request.topics.push_back(b.fetch_request(topic, offset).topics[0]);
    request.topics.back().partitions[0].partition = partition;
    auto id = b.connect();
    b.ask(id, 12, request);
    b.settle();
    bool at_once = b.waiting(id) == 1;
    b.pass(700);
    auto told = b.answer<protocol::FetchResponse>(id, 12);
    REQUIRE(told);
    return std::pair(at_once, told->responses[1].partitions[0].error_code);
  };
  CHECK(with("nope", 0) == std::pair(false, code(Errc::unknown_topic_or_partition)));
  CHECK(with("t", 0, 9) == std::pair(false, code(Errc::unknown_topic_or_partition)));
  CHECK(with("t", 5, 1) == std::pair(true, code(Errc::offset_out_of_range)));
}

TEST_CASE("Fetch: a follower of another reign is told where its log and ours part") {
  OneBroker b;
  b.create("t");
  b.produce("t", batch_of({"a", "b"}));
  auto first = b.fetch("t", 0);
  int32_t epoch = record::BatchView(*first.records).leader_epoch().value;
  b.restart_after_kill();
  b.produce("t", batch_of({"c", "d"}));
  auto at = [&](int64_t offset, int32_t last_epoch) {
    auto request = b.fetch_request("t", offset);
    request.topics[0].partitions[0].last_fetched_epoch = last_epoch;
    auto data = b.call<protocol::FetchResponse>(12, request).responses[0].partitions[0];
    CHECK(data.error_code == 0);
    return std::pair(data.diverging_epoch.epoch, data.diverging_epoch.end_offset);
  };
  using Parts = std::pair<int32_t, int64_t>;
  CHECK(at(1, epoch) == Parts{-1, -1});
  CHECK(at(2, epoch) == Parts{-1, -1});
  CHECK(at(3, epoch) == Parts{epoch, 2});
  CHECK(at(4, epoch) == Parts{epoch, 2});
  CHECK(at(4, epoch + 1) == Parts{-1, -1});
  CHECK(at(4, -1) == Parts{-1, -1});
}

TEST_CASE("Fetch: positions outside the log, epochs of other reigns, unknown topics") {
  OneBroker b;
  TopicId id = b.create("t");
  b.produce("t", batch_of({"a"}));
  auto beyond = b.fetch("t", 5);
  CHECK(beyond.error_code == code(Errc::offset_out_of_range));
  CHECK(beyond.high_watermark == -1);
  CHECK(beyond.log_start_offset == -1);
  CHECK(b.fetch("nope", 0).error_code == code(Errc::unknown_topic_or_partition));
  auto request = b.fetch_request("t", 0);
  request.topics[0].partitions[0].current_leader_epoch = 99;
  CHECK(b.call<protocol::FetchResponse>(12, request).responses[0].partitions[0].error_code ==
        code(Errc::unknown_leader_epoch));
  request = b.fetch_request("", 0);
  request.topics[0].topic_id = id;
  CHECK(values_in(*b.call<protocol::FetchResponse>(13, request).responses[0].partitions[0].records) == Values{"a"});
  request.topics[0].topic_id.bytes[3] ^= 1;
  CHECK(b.call<protocol::FetchResponse>(13, request).responses[0].partitions[0].error_code ==
        code(Errc::unknown_topic_id));
  request = b.fetch_request("t", 0);
  request.session_id = 5;
  request.session_epoch = 3;
  CHECK(b.call<protocol::FetchResponse>(12, request).error_code == code(Errc::fetch_session_id_not_found));
}

TEST_CASE("Fetch: the first batch may be larger than every limit, later ones not") {
  OneBroker b;
  b.create("t");
  b.produce("t", batch_of({std::string(5000, 'x')}));
  b.produce("t", batch_of({std::string(5000, 'y')}));
  auto request = b.fetch_request("t", 0);
  request.max_bytes = 100;
  auto got = b.call<protocol::FetchResponse>(12, request).responses[0].partitions[0];
  CHECK(values_in(*got.records).size() == 1);
  CHECK(got.records->size() < 6000);
}

TEST_CASE(
    "Fetch: all partitions of a request share its limit, each has its own, and the first batch comes whatever they "
    "are") {
  OneBroker b;
  b.create("t", 3);
  b.create("u", 1);
  const std::string batch = batch_of({std::string(1000, 'x')});
  const auto size = static_cast<int32_t>(batch.size());
  for (int i = 0; i < 4; i++) {
    protocol::ProduceRequest request = b.produce_request("t", batch);
    request.topic_data[0].partition_data = {{0, batch}, {1, batch}, {2, batch}};
    request.topic_data.push_back({"u", {}, {{0, batch}}});
    REQUIRE(b.call<protocol::ProduceResponse>(9, request).responses.size() == 2);
  }
  // How many batches of each of the four partitions come, in their order.
  auto batches = [&](int32_t in_all, int32_t of_each) {
    protocol::FetchRequest request = b.fetch_request("t", 0);
    request.max_bytes = in_all;
    request.topics[0].partitions[0].partition_max_bytes = of_each;
    request.topics.push_back(request.topics[0]);
    request.topics[1].topic = "u";
    for (int32_t p : {1, 2}) {
      request.topics[0].partitions.push_back(request.topics[0].partitions[0]);
      request.topics[0].partitions.back().partition = p;
    }
    std::vector<size_t> counts;
    for (const auto& topic : b.call<protocol::FetchResponse>(12, request).responses)
      for (const auto& partition : topic.partitions) {
        CHECK(partition.error_code == 0);
        CHECK(partition.high_watermark == 4);
        counts.push_back(values_in(partition.records.value_or(Bytes())).size());
      }
    return counts;
  };
  using Counts = std::vector<size_t>;
  CHECK(batches(100 * size, 100 * size) == Counts{4, 4, 4, 4});
  CHECK(batches(100 * size, 2 * size) == Counts{2, 2, 2, 2});
  CHECK(batches(5 * size, 100 * size) == Counts{4, 1, 0, 0});
  CHECK(batches(5 * size, 2 * size) == Counts{2, 2, 1, 0});
  CHECK(batches(8 * size, 3 * size) == Counts{3, 3, 2, 0});
  CHECK(batches(6 * size - 1, 2 * size) == Counts{2, 2, 1, 0});
  CHECK(batches(size - 1, size - 1) == Counts{1, 0, 0, 0});
  CHECK(batches(0, 0) == Counts{1, 0, 0, 0});
}

TEST_CASE("ListOffsets: ends, times, and special times that a version does not know") {
  OneBroker b;
  b.create("t");
  for (int i = 0; i < 3; i++) b.produce("t", batch_of({"v"}, {-1, -1, -1, 1000 + i * 10}));
  auto look = [&](int64_t at, int16_t version) {
    protocol::ListOffsetsRequest request;
    request.topics.push_back({"t", {{0, -1, at}}});
    return b.call<protocol::ListOffsetsResponse>(version, request).topics[0].partitions[0];
  };
  CHECK(look(-1, 7).offset == 3);
  CHECK(look(-2, 7).offset == 0);
  CHECK(look(1005, 7).offset == 1);
  CHECK(look(1005, 7).timestamp == 1010);
  CHECK(look(5000, 7).offset == -1);
  CHECK(look(-3, 7).offset == 2);
  CHECK(look(-3, 6).error_code == code(Errc::unsupported_version));
  CHECK(look(-4, 8).offset == 0);
  protocol::ListOffsetsRequest twice;
  twice.topics.push_back({"t", {{0, -1, -1}, {0, -1, -1}}});
  CHECK(b.call<protocol::ListOffsetsResponse>(7, twice).topics[0].partitions.at(0).error_code ==
        code(Errc::invalid_request));
}

TEST_CASE("Opening: a log that takes long holds up its own requests, and nobody else's") {
  OneBroker b;
  b.create("slow");
  b.create("t");
  CHECK(b.produce("slow", batch_of({"a"})).base_offset == 0);
  CHECK(b.produce("t", batch_of({"a"})).base_offset == 0);
  b.restart_after_kill();
  b.create("new");
  b.fetch("t", 0);
  auto slow = b.connect(), other = b.connect();
  std::string one = batch_of({"b"}), two = batch_of({"c"});
  // Retention has opened what has files: a topic without any is the one that is closed.
  b.ask(slow, 9, b.produce_request("new", one, 1));
  b.ask(slow, 9, b.produce_request("t", two, 1));
  CHECK(b.waiting(slow) == 0);
  b.ask(other, 9, b.produce_request("t", one, 1));
  CHECK(b.waiting(other) == 1);
  b.settle();
  CHECK(b.answer<protocol::ProduceResponse>(slow, 9)->responses[0].partition_responses[0].base_offset == 0);
  CHECK(b.answer<protocol::ProduceResponse>(slow, 9)->responses[0].partition_responses[0].base_offset == 2);
}

TEST_CASE("Opening: a Fetch that waits is answered by a topic that came meanwhile") {
  OneBroker b;
  b.create("t");
  auto reader = b.connect();
  auto request = b.fetch_request("t", 0, 500);
  request.topics.push_back(b.fetch_request("late", 0).topics[0]);
  b.ask(reader, 12, request);
  b.settle();
  CHECK(b.waiting(reader) == 0);
  b.create("late");
  CHECK(b.produce("late", batch_of({"a"})).base_offset == 0);
  b.settle();
  CHECK(values_in(*b.answer<protocol::FetchResponse>(reader, 12)->responses[1].partitions[0].records) == Values{"a"});
}

TEST_CASE("Opening: acks=0 and gone, and what it sent is there") {
  OneBroker b;
  b.create("t");
  auto id = b.connect();
  std::string one = batch_of({"a"}), two = batch_of({"b"});
  b.ask(id, 9, b.produce_request("t", one, 0));
  b.ask(id, 9, b.produce_request("t", two, 0));
  CHECK(b.broker->connections().is_away(id));
  b.settle();
  CHECK(values_in(*b.fetch("t", 0).records) == Values{"a", "b"});
}
