// What a broker answers where Kafka's own words are "exactly so": found by tests/clients/answers, which holds whole answers
// against a real Kafka's.
#include <catch2/catch.hpp>

#include "base/crc32c.h"
#include "broker/one_broker.h"
#include "protocol/messages/describe_cluster.h"

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

protocol::CreateTopicsRequest to_create(const std::string& name, int32_t partitions) {
  protocol::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = 1;
  return request;
}

std::string value_of(const protocol::CreateTopicsResponse::CreatableTopicResult& told, const std::string& name) {
  for (const auto& each : told.configs.value())
    if (each.name == name) return each.value.value_or("(null)");
  return "(none)";
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

TEST_CASE("Answers: of what is not there, a Fetch has an empty list of what was aborted") {
  OneBroker b;
  b.create("t");
  CHECK(b.fetch("nowhere", 0).aborted_transactions.has_value());
  CHECK_FALSE(b.fetch("t", 0).aborted_transactions.has_value());
  CHECK_FALSE(b.fetch("t", 7).aborted_transactions.has_value());
  auto request = b.fetch_request("t", 7);
  request.isolation_level = 1;
  CHECK_FALSE(b.call<protocol::FetchResponse>(12, request).responses[0].partitions[0].aborted_transactions);
  request.topics[0].partitions[0].fetch_offset = 0;
  CHECK(b.call<protocol::FetchResponse>(12, request).responses[0].partitions[0].aborted_transactions.has_value());
}

TEST_CASE("Answers: a Fetch of an unknown isolation level, a negative limit or a reign to come is refused") {
  OneBroker b;
  b.create("t");
  const auto error_of = [&](auto change) {
    auto request = b.fetch_request("t", 0);
    change(request, request.topics[0].partitions[0]);
    return b.call<protocol::FetchResponse>(12, request).responses[0].partitions[0].error_code;
  };
  CHECK(error_of([](auto&, auto&) {}) == 0);
  CHECK(error_of([](auto& r, auto&) { r.isolation_level = 2; }) == code(Errc::invalid_request));
  CHECK(error_of([](auto& r, auto&) { r.isolation_level = -1; }) == code(Errc::invalid_request));
  CHECK(error_of([](auto& r, auto&) { r.max_bytes = -1; }) == code(Errc::invalid_request));
  CHECK(error_of([](auto&, auto& p) { p.partition_max_bytes = -1; }) == code(Errc::invalid_request));
  CHECK(error_of([](auto&, auto& p) { p.last_fetched_epoch = 1000; }) == code(Errc::offset_out_of_range));
}

TEST_CASE("Answers: ListOffsets tells of each partition once, and of a topic in one place") {
  OneBroker b;
  b.create("t", 3);
  protocol::ListOffsetsRequest request;
  request.topics.push_back({"t", {{0, -1, -1}, {1, -1, -1}}});
  request.topics.push_back({"t", {{2, -1, -1}, {1, -1, -2}}});
  request.topics.push_back({"none asked", {}});
  const auto told = b.call<protocol::ListOffsetsResponse>(7, request);
  REQUIRE(told.topics.size() == 1);
  std::vector<std::pair<int32_t, int16_t>> parts;
  for (const auto& p : told.topics[0].partitions) parts.emplace_back(p.partition_index, p.error_code);
  CHECK(parts == std::vector<std::pair<int32_t, int16_t>>{{0, 0}, {1, code(Errc::invalid_request)}, {2, 0}});

  request.topics = {{"t", {{0, -2, -1}}}};
  CHECK(b.call<protocol::ListOffsetsResponse>(7, request).topics[0].partitions[0].error_code ==
        code(Errc::fenced_leader_epoch));
  request.topics = {{"t", {{0, -1, -1}}}};
  request.isolation_level = 2;
  CHECK(b.call<protocol::ListOffsetsResponse>(7, request).topics[0].partitions[0].error_code ==
        code(Errc::invalid_request));
}

TEST_CASE("Answers: InitProducerId takes an id and its epoch together, or neither") {
  OneBroker b;
  protocol::InitProducerIdRequest request;
  request.producer_id = 5;
  CHECK(b.call<protocol::InitProducerIdResponse>(4, request).error_code == code(Errc::invalid_request));
  request.producer_epoch = 3;
  CHECK(b.call<protocol::InitProducerIdResponse>(4, request).error_code == 0);
  request.producer_id = -1;
  CHECK(b.call<protocol::InitProducerIdResponse>(4, request).error_code == code(Errc::invalid_request));
}

TEST_CASE("Answers: a topic that is only validated is told of as if it were made, and an error has no configs") {
  OneBroker b;
  auto request = to_create("t", 3);
  request.validate_only = true;
  request.topics[0].configs = {{"retention.ms", "1000"}, {"retention.ms", "2000"}};
  const auto told = b.call<protocol::CreateTopicsResponse>(7, request).topics.at(0);
  CHECK(told.error_code == 0);
  CHECK_FALSE(told.topic_id.is_zero());
  CHECK(told.num_partitions == 3);
  CHECK(told.replication_factor == 1);
  CHECK(value_of(told, "retention.ms") == "2000");
  CHECK(value_of(told, "cleanup.policy") == "delete");
  CHECK(b.broker->image().topic("t") == nullptr);

  const auto wrong = b.call<protocol::CreateTopicsResponse>(7, to_create("a/b", 1)).topics.at(0);
  CHECK(wrong.error_code == code(Errc::invalid_topic_exception));
  REQUIRE(wrong.configs.has_value());
  CHECK(wrong.configs->empty());
}

TEST_CASE("Answers: a topic is not deleted that is named by its id and by its name") {
  OneBroker b;
  const TopicId id = b.create("t");
  protocol::DeleteTopicsRequest request;
  request.topics = {{std::nullopt, id}, {"t", {}}};
  auto told = b.call<protocol::DeleteTopicsResponse>(6, request);
  REQUIRE(told.responses.size() == 1);
  CHECK(told.responses[0].error_code == code(Errc::invalid_request));
  CHECK(told.responses[0].name == "t");
  CHECK(told.responses[0].topic_id == id);
  request.topics = {{std::nullopt, id}, {std::nullopt, id}};
  told = b.call<protocol::DeleteTopicsResponse>(6, request);
  REQUIRE(told.responses.size() == 1);
  CHECK_FALSE(told.responses[0].name);
  request.topics = {{std::nullopt, {}}};
  CHECK(b.call<protocol::DeleteTopicsResponse>(6, request).responses[0].error_code == code(Errc::invalid_request));
  CHECK(b.broker->image().topic("t"));
}

TEST_CASE("Answers: an empty list of assignments is none at all") {
  OneBroker b;
  b.create("t");
  protocol::CreatePartitionsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  topic.count = 2;
  topic.assignments.emplace();
  CHECK(b.call<protocol::CreatePartitionsResponse>(3, request).results[0].error_code ==
        code(Errc::invalid_replica_assignment));
  topic.assignments.reset();
  CHECK(b.call<protocol::CreatePartitionsResponse>(3, request).results[0].error_code == 0);
}

TEST_CASE("Answers: whom ApiVersions refuses it tells of no APIs and no features") {
  OneBroker b;
  protocol::ApiVersionsRequest request;
  request.client_software_name = "a b";
  request.client_software_version = "1";
  const auto told = b.call<protocol::ApiVersionsResponse>(3, request);
  CHECK(told.error_code == code(Errc::invalid_request));
  CHECK(told.api_keys.empty());
  CHECK(told.supported_features.empty());
  CHECK(told.finalized_features_epoch == -1);
}

TEST_CASE("Answers: DescribeCluster tells of brokers, whatever it is asked for") {
  OneBroker b;
  protocol::DescribeClusterRequest request;
  for (const auto& [kind, error] :
       {std::pair(1, Errc::none), std::pair(2, Errc::mismatched_endpoint_type),
        std::pair(0, Errc::unsupported_endpoint_type), std::pair(3, Errc::unsupported_endpoint_type)}) {
    request.endpoint_type = static_cast<int8_t>(kind);
    const auto told = b.call<protocol::DescribeClusterResponse>(2, request);
    CHECK(told.error_code == code(error));
    CHECK(told.endpoint_type == 1);
  }
}

TEST_CASE("Answers: no keys are all keys, and of all brokers together only what was set is told") {
  OneBroker b;
  b.create("t");
  const auto ask = [&](int8_t type, const std::string& name) {
    protocol::DescribeConfigsRequest request;
    request.resources.push_back({type, name, std::vector<std::string>()});
    return b.call<protocol::DescribeConfigsResponse>(4, request).results.at(0);
  };
  CHECK(ask(2, "t").configs.size() > 10);
  CHECK(ask(2, "").error_code == code(Errc::invalid_topic_exception));
  CHECK(ask(2, "a/b").error_code == code(Errc::invalid_topic_exception));
  CHECK(ask(2, "nowhere").error_code == code(Errc::unknown_topic_or_partition));
  CHECK(ask(4, "").configs.empty());
  protocol::IncrementalAlterConfigsRequest alter;
  alter.resources.push_back({4, "", {{"num.partitions", 0, "3"}}});
  CHECK(b.call<protocol::IncrementalAlterConfigsResponse>(1, alter).responses.at(0).error_code == 0);
  REQUIRE(ask(4, "").configs.size() == 1);
  CHECK(ask(4, "").configs[0].value == "3");
}
