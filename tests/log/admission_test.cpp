// Admission: what is refused, in which order and with which words, and what a batch is like when it is let in.
#include "log/admission.h"

#include "base/crc32c.h"
#include "log/log_fixture.h"
#include "record/control.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

constexpr int64_t hour = 3'600'000;

// The same batch with another number in its header, and a checksum that is right.
template <class T>
std::string with(std::string bytes, size_t at, T value) {
  store_be(bytes.data() + at, value);
  store_be(bytes.data() + 17, crc32c(Bytes(bytes).substr(21)));
  return bytes;
}

std::string batch_at(const std::vector<int64_t>& times) {
  record::BatchBuilder builder;
  for (int64_t time : times) builder.add(Timestamp(time), "k", "v");
  return *builder.seal({});
}

struct Judge {
  // "ok", or the error's name and words.
  std::string begin(const std::string& bytes) const { return told(Inspection::begin(bytes, rules)); }
  std::string run(const std::string& bytes) {
    auto inspection = Inspection::begin(bytes, rules);
    REQUIRE(inspection.ok());
    Status ran = inspection->run();
    blamed.clear();
    for (const RecordError& e : inspection->bad_records()) blamed.push_back(e.index);
    return told(ran);
  }
  // What is stored of it.
  std::string admit(const std::string& bytes) const {
    auto inspection = Inspection::begin(bytes, rules);
    REQUIRE(inspection.ok());
    REQUIRE(inspection->run().ok());
    Admitted admitted = std::move(*inspection).admit(rules.now);
    admitted.stamp(Offset(1000), LeaderEpoch(7));
    CHECK(admitted.bytes() == admitted.header().size() + admitted.body().size());
    return std::string(admitted.header()) + std::string(admitted.body());
  }
  template <class R>
  static std::string told(const R& result) {
    return result.ok() ? "ok" : std::string(name(result.error().code)) + ": " + result.error().message;
  }
  Rules rules{.config = {}, .now = Timestamp(t0)};
  std::vector<int32_t> blamed;
};

}  // namespace

TEST_CASE("Admission: exactly one batch, and at most a few bytes behind it") {
  Judge j;
  const std::string good = batch(2);
  CHECK(j.begin(good) == "ok");
  CHECK(j.begin("") == "INVALID_RECORD: no record batch at all");
  for (size_t size = 1; size < good.size(); size++) {
    CAPTURE(size);
    REQUIRE(j.begin(good.substr(0, size)) == "INVALID_RECORD: the record batch is cut short");
  }
  CHECK(j.begin(good + std::string(11, 'x')) == "ok");
  CHECK(j.begin(good + std::string(12, 'x')) == "CORRUPT_MESSAGE: bytes that are no batch follow the record batch");
  CHECK(j.begin(good + good) == "INVALID_RECORD: more than one record batch for one partition");
  CHECK(j.begin(good + good.substr(0, 17)) == "INVALID_RECORD: more than one record batch for one partition");
}

TEST_CASE("Admission: a header that cannot be one is told by what is wrong with it") {
  Judge j;
  const std::string good = batch(2);
  CHECK(j.begin(with(good, 16, int8_t{1})) == "INVALID_RECORD: record batches of format 1 are not supported, only 2");
  CHECK(j.begin(with(good, 16, int8_t{-1})) ==
        "CORRUPT_MESSAGE: record batches of format -1 are not supported, only 2");
  CHECK(j.begin(with(good, 16, int8_t{3})) == "CORRUPT_MESSAGE: record batches of format 3 are not supported, only 2");
  for (int32_t length : {-1, 0, 13, INT32_MIN}) {
    CAPTURE(length);
    CHECK(j.begin(with(good, 8, length)) == "CORRUPT_MESSAGE: the record batch's length is impossible");
  }
  for (int32_t length : {14, 48})
    CHECK(j.begin(with(good, 8, length)) == "INVALID_RECORD: the record batch's length is impossible");
  CHECK(j.begin(with(good, 8, INT32_MAX)) == "INVALID_RECORD: the record batch is cut short");
  CHECK(j.begin(with(good, 0, int64_t{1})) == "INVALID_RECORD: the batch's base offset is 1, not 0");
  for (auto [at, value] : {std::pair(57, 0), {57, -1}, {57, 1}, {57, 3}, {23, 0}, {23, 2}, {23, -1}, {23, INT32_MAX}}) {
    CAPTURE(at, value);
    CHECK(j.begin(with(good, static_cast<size_t>(at), int32_t{value})) ==
          "INVALID_RECORD: the batch's count of records is impossible");
  }
  for (int16_t codec : {int16_t{5}, int16_t{6}, int16_t{7}}) {
    CAPTURE(codec);
    CHECK(j.begin(with(good, 21, codec)) == "UNSUPPORTED_COMPRESSION_TYPE: a compression that nobody knows");
  }
  CHECK(j.begin(batch(2, t0, {5, 0, -1})) == "INVALID_RECORD: the batch has a producer but no sequence");
  CHECK(j.begin(batch(2, t0, {5, 0, 0})) == "ok");
}

TEST_CASE("Admission: as large as max.message.bytes, and not a byte larger; that is seen before the checksum") {
  Judge j;
  std::string good = batch(2);
  j.rules.config.max_message_bytes = static_cast<int64_t>(good.size());
  CHECK(j.begin(good) == "ok");
  j.rules.config.max_message_bytes--;
  const std::string size = std::to_string(good.size()), limit = std::to_string(good.size() - 1);
  const std::string too_large =
      "MESSAGE_TOO_LARGE: a batch of " + size + " bytes is larger than max.message.bytes (" + limit + ")";
  CHECK(j.begin(good) == too_large);
  good.back() ^= 1;
  CHECK(j.begin(good) == too_large);
  j.rules.config.max_message_bytes++;
  CHECK(j.begin(good) == "CORRUPT_MESSAGE: the batch's checksum is wrong");
}

TEST_CASE("Admission: control batches and offsets are our own brokers' alone") {
  Judge j;
  auto control = record::control_batch(record::ControlType::commit, record::end_transaction_value(1), Timestamp(5),
                                       {.producer_id = ProducerId(3), .producer_epoch = ProducerEpoch(0)});
  REQUIRE(control.ok());
  CHECK(j.begin(*control) == "INVALID_RECORD: clients do not write control batches");
  j.rules.internal = true;
  CHECK(j.run(*control) == "ok");
  CHECK(j.begin(with(batch(2), 0, int64_t{77})) == "ok");
  j.rules.config.timestamp_type = record::TimestampType::log_append_time;
  CHECK(record::BatchView(j.admit(*control)).max_timestamp() == Timestamp(5));  // stays as it is
}

TEST_CASE("Admission: times lie within what the topic allows, to the millisecond, and the record is named") {
  Judge j;
  j.rules.config.timestamp_before_max_ms = 1000;
  j.rules.config.timestamp_after_max_ms = hour;
  CHECK(j.run(batch_at({t0 - 1000, t0 + hour})) == "ok");
  const std::string words =
      " is too far from now (" + std::to_string(t0) + "): see message.timestamp.before.max.ms and .after.max.ms";
  CHECK(j.run(batch_at({t0, t0, t0 - 1001})) == "INVALID_TIMESTAMP: timestamp " + std::to_string(t0 - 1001) + words);
  CHECK(j.blamed == std::vector<int32_t>{2});
  CHECK(j.run(batch_at({t0, t0 + hour + 1, t0})) ==
        "INVALID_TIMESTAMP: timestamp " + std::to_string(t0 + hour + 1) + words);
  CHECK(j.blamed == std::vector<int32_t>{1});
  CHECK(j.run(batch_at({-1, t0})) == "ok");  // a record without a time
  CHECK(j.blamed.empty());
  j.rules.internal = true;
  CHECK(j.run(batch_at({5})) == "ok");
}

TEST_CASE("Admission: without limits every time is let in") {
  Judge j;
  j.rules.config.timestamp_before_max_ms = INT64_MAX;
  j.rules.config.timestamp_after_max_ms = INT64_MAX;
  for (int64_t time : {INT64_MIN, int64_t{-2}, int64_t{0}, INT64_MAX}) {
    CAPTURE(time);
    CHECK(j.run(batch_at({time})) == "ok");
  }
}

TEST_CASE("Admission: under LogAppendTime a client's times do not matter, but it must not claim ours") {
  Judge j;
  j.rules.config.timestamp_type = record::TimestampType::log_append_time;
  j.rules.config.timestamp_before_max_ms = 0;
  const std::string old = batch_at({5, 6});
  CHECK(j.run(old) == "ok");
  const std::string stored = j.admit(old);
  record::BatchView view(stored);
  CHECK(view.timestamp_type() == record::TimestampType::log_append_time);
  CHECK(view.max_timestamp() == Timestamp(t0));
  CHECK(view.crc_is_valid());
  CHECK(j.run(with(old, 21, int16_t{8})) ==
        "INVALID_TIMESTAMP: a client's batch must not claim to have the time of its appending");
}

TEST_CASE("Admission: under CreateTime the type and the largest time become what the records say") {
  Judge j;
  const std::string good = batch_at({t0, t0 + 5, t0 + 2});
  for (const std::string& sent : {good, with(good, 35, int64_t{12}), with(good, 21, int16_t{8})}) {
    const std::string stored = j.admit(sent);
    record::BatchView view(stored);
    CHECK(view.timestamp_type() == record::TimestampType::create_time);
    CHECK(view.max_timestamp() == Timestamp(t0 + 5));
    CHECK(view.crc_is_valid());
    CHECK(view.base_offset() == Offset(1000));
    CHECK(view.leader_epoch() == LeaderEpoch(7));
    CHECK(Bytes(stored).substr(21) == Bytes(good).substr(21));
  }
}

TEST_CASE("Admission: a compacted topic takes no record without a key, and all such ones are named") {
  Judge j;
  record::BatchBuilder builder;
  builder.add(Timestamp(t0), "k", "v");
  builder.add(Timestamp(t0), "", "v");  // an empty key is one
  builder.add(Timestamp(t0), std::nullopt, "v");
  builder.add(Timestamp(t0), std::nullopt, "v");
  const std::string bytes = *builder.seal({});
  CHECK(j.run(bytes) == "ok");
  j.rules.config.compact_policy = true;
  CHECK(j.run(bytes) == "INVALID_RECORD: a compacted topic takes no record without a key");
  CHECK(j.blamed == std::vector<int32_t>{2, 3});
}

TEST_CASE("Admission: records that do not parse are invalid, compressed ones corrupt") {
  Judge j;
  std::string plain = batch(2);
  plain[61] = static_cast<char>(0x7f);  // the first record's length
  CHECK(j.run(with(plain, 57, int32_t{2})).starts_with("INVALID_RECORD: "));
  std::string packed = batch(2, t0, {}, 2000, record::Compression::zstd);
  packed[61] ^= 1;  // zstd's own magic
  CHECK(j.run(with(packed, 57, int32_t{2})).starts_with("CORRUPT_MESSAGE: "));
}

TEST_CASE("Admission: what is compressed, or shall be, is long; the topic's codec is what is stored") {
  Judge j;
  const std::string plain = batch(50, t0, {9, 0, 3});
  const std::string packed = batch(50, t0, {9, 0, 3}, 20, record::Compression::gzip);
  auto is_long = [&](const std::string& bytes) { return Inspection::begin(bytes, j.rules)->is_long(); };
  auto stored_as = [&](const std::string& bytes) {
    const std::string stored = j.admit(bytes);
    record::BatchView view(stored);
    CHECK(view.crc_is_valid());
    CHECK(view.records_count() == 50);
    CHECK(view.base_sequence() == Sequence(3));
    return view.compression();
  };
  CHECK_FALSE(is_long(plain));  // as the producer sent it
  CHECK(is_long(packed));
  CHECK(stored_as(packed) == record::Compression::gzip);
  j.rules.config.compression = record::Compression::lz4;
  CHECK(is_long(plain));
  CHECK(stored_as(plain) == record::Compression::lz4);
  CHECK(stored_as(packed) == record::Compression::lz4);
  j.rules.config.compression = record::Compression::none;
  CHECK_FALSE(is_long(plain));
  CHECK(is_long(packed));
  CHECK(stored_as(packed) == record::Compression::none);
}

TEST_CASE(
    "Admission: records that would become more than allowed are too large, and may be looked at with other limits") {
  Judge j;
  const std::string packed = batch(10, t0, {}, 10'000, record::Compression::zstd);
  auto inspection = Inspection::begin(packed, j.rules);
  REQUIRE(inspection.ok());
  CHECK(inspection->run({.out_bytes_max = 50'000}).error().code == Errc::message_too_large);
  CHECK(inspection->run().ok());
  CHECK(inspection->decompressed_bytes() > 100'000);
  CHECK(inspection->held_bytes() == 0);  // it is stored as it is
  j.rules.config.compression = record::Compression::none;
  auto unpacked = Inspection::begin(packed, j.rules);
  REQUIRE(unpacked->run().ok());
  CHECK(unpacked->held_bytes() > 100'000);
}
