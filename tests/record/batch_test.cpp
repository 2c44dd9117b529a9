// Batches that are built and read: round trips, what the builder promises, stamps, validation, control records.
#include <catch2/catch.hpp>

#include "record/compression.h"
#include "record/control.h"
#include "record/line_ends.h"
#include "record/record_layout.h"
#include "record/validate.h"
#include "records.h"

using namespace bobbin;
using namespace bobbin::record;
using namespace bobbin::record::test;

TEST_CASE("Random records come back from a batch of every codec as they were") {
  Random random;
  CAPTURE(random.seed());
  for (int round = 0; round < 40; round++) {
    std::vector<Made> records = random.records(60);
    for (Compression codec : codecs) {
      INFO(to_string(codec) << ", round " << round);
      std::string batch = batch_of(records, {.compression = codec});
      auto view = BatchView::parse(batch);
      REQUIRE(view);
      REQUIRE(view->crc_is_valid());
      REQUIRE(view->compression() == codec);
      REQUIRE(view->last_offset_delta() + 1 == view->records_count());
      auto back = read(*view);
      REQUIRE(back);
      REQUIRE(*back == records);
    }
  }
}

TEST_CASE("The first record's place is told by the first bytes of an uncompressed batch") {
  Random random;
  CAPTURE(random.seed());
  for (int round = 0; round < 40; round++) {
    std::vector<Made> records = random.records(60);
    for (Compression codec : codecs) {
      std::string batch = batch_of(records, {.compression = codec});
      RecordReader reader;
      REQUIRE(reader.open(BatchView(batch), any_size));
      Record record;
      REQUIRE(reader.next(record).value());
      auto first = first_record(Bytes(batch).substr(0, batch_header_bytes + first_record_bytes_max));
      REQUIRE(first.has_value() == (codec == Compression::none));
      if (!first) continue;
      CHECK(first->offset == record.offset);
      CHECK(first->timestamp == record.timestamp);
      for (size_t bytes = 0; bytes <= batch_header_bytes + first_record_bytes_max; bytes++) {
        std::string cut = batch.substr(0, bytes);  // of its own: a byte too many is seen
        if (auto found = first_record(cut)) CHECK(found->offset == record.offset);
      }
    }
  }
}

TEST_CASE("The first record's place is not told where it cannot be one of its batch") {
  // length, attributes, timestamp delta, offset delta, no key, value "v", no headers
  auto batch_with = [](int64_t offset_delta, int32_t count) {
    std::string body(1, '\0');
    append_varint(body, 0);
    append_varint(body, offset_delta);
    body += std::string("\x01\x02v\x00", 4);
    std::string record;
    append_varint(record, static_cast<int64_t>(body.size()));
    return batch_around(record + body, count);
  };
  for (int32_t count : {1, 2, 10})
    for (int64_t delta : {int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{9}, int64_t{10}, int64_t{INT32_MAX}}) {
      CAPTURE(count, delta);
      auto first = first_record(batch_with(delta, count));
      REQUIRE(first.has_value() == (delta >= 0 && delta < count));
      if (first) CHECK(first->offset == Offset(delta));
    }
}

TEST_CASE("One reader reads many batches, whatever the one before was") {
  RecordReader reader;
  std::vector<std::string> batches;
  for (Compression codec : codecs)
    batches.push_back(batch_of({{1, "a", std::string(5000, 'v'), {}}}, {.compression = codec}));
  batches.push_back(batch_around("junk", 1));
  batches.push_back(batches.front());
  size_t good = 0;
  for (const std::string& batch : batches) {
    Record record;
    if (!reader.open(BatchView(batch), any_size)) continue;
    CHECK(reader.next(record).value());
    CHECK(record.value == Bytes(std::string(5000, 'v')));
    CHECK_FALSE(reader.next(record).value());
    CHECK_FALSE(reader.next(record).value());
    good++;
  }
  CHECK(good == 6);
}

TEST_CASE("An uncompressed batch is read in place") {
  std::string batch = batch_of({{1, "key", "value", {}}});
  RecordReader reader;
  REQUIRE(reader.open(BatchView(batch), 0));
  Record record;
  REQUIRE(reader.next(record).value());
  CHECK(record.value->data() > batch.data());
  CHECK(record.value->data() < batch.data() + batch.size());
}

TEST_CASE("Timestamps at both ends of their range survive") {
  constexpr int64_t least = std::numeric_limits<int64_t>::min(), most = std::numeric_limits<int64_t>::max();
  std::vector<Made> records = {{least, "a", "a", {}}, {most, "b", "b", {}}, {-1, "c", "c", {}}, {0, "d", "d", {}}};
  std::string batch = batch_of(records);
  CHECK(read(BatchView(batch)).value() == records);
  CHECK(BatchView(batch).max_timestamp() == Timestamp(most));
}

TEST_CASE("BatchBuilder: counts its bytes as it goes, and begins again after a seal") {
  Random random;
  CAPTURE(random.seed());
  BatchBuilder builder;
  for (int round = 0; round < 20; round++) {
    CHECK(builder.empty());
    CHECK(builder.bytes() == batch_header_bytes);
    std::vector<Made> records = random.records(30);
    size_t bytes = batch_header_bytes;
    for (const Made& made : records) {
      std::vector<Header> headers;
      for (const auto& [key, value] : made.headers) headers.push_back({key, view(value)});
      size_t took = add(builder, made);
      CHECK(took <= BatchBuilder::record_bytes_max(view(made.key), view(made.value), headers));
      bytes += took;
    }
    CHECK(builder.bytes() == bytes);
    CHECK(builder.count() == static_cast<int32_t>(records.size()));
    Compression codec = codecs[random.below(codecs.size())];
    std::string batch = builder.seal({.compression = codec}).value();
    if (codec == Compression::none) CHECK(batch.size() == bytes);
    CHECK(read(BatchView(batch)).value() == records);
  }
  builder.add(Timestamp(5), "dropped", "dropped");
  builder.clear();
  builder.add(Timestamp(1), "k", "v");
  CHECK(read(BatchView(builder.seal({}).value())).value() == std::vector<Made>{{1, "k", "v", {}}});
}

TEST_CASE("BatchBuilder: lines at once are the same as each by itself, up to where the batch is full") {
  Random random;
  CAPTURE(random.seed());
  for (int round = 0; round < 50; round++) {
    std::string lines;
    std::vector<std::string> values;
    for (size_t n = random.below(40); n > 0; n--) {
      std::string value(random.below(4) ? random.below(200) : random.below(20000), 'x');
      for (char& c : value) c = static_cast<char>('a' + random.below(20));
      values.push_back(value);
      lines += value + "\n";
    }
    lines += "no delimiter behind it";
    BatchBuilder at_once, one_by_one;
    size_t limit = batch_header_bytes + random.below(60000);
    if (random.below(2)) {
      at_once.add(Timestamp(1000), "k", "v");
      one_by_one.add(Timestamp(1000), "k", "v");
    }
    int32_t before = at_once.count();
    auto taken = at_once.add_lines(Timestamp(1234567), lines, '\n', limit);
    size_t bytes = 0;
    for (int32_t i = 0; i < taken.count; i++) {
      one_by_one.add(Timestamp(1234567), std::nullopt, values[static_cast<size_t>(i)]);
      bytes += values[static_cast<size_t>(i)].size() + 1;
    }
    CHECK(taken.bytes == bytes);
    CHECK(at_once.count() == before + taken.count);
    CHECK(at_once.bytes() == one_by_one.bytes());
    if (taken.count > 0) CHECK(at_once.bytes() <= limit);
    if (static_cast<size_t>(taken.count) < values.size()) {
      one_by_one.add(Timestamp(1234567), std::nullopt, values[static_cast<size_t>(taken.count)]);
      CHECK(one_by_one.bytes() > limit);
      continue;
    }
    if (at_once.empty()) continue;
    CHECK(at_once.seal({}).value() == one_by_one.seal({}).value());
  }
}

namespace {

std::string random_bytes(Random& random, size_t bytes_max) {
  std::string bytes(random.below(bytes_max), '\0');
  for (char& c : bytes) c = static_cast<char>(random.below(256));
  return bytes;
}

}  // namespace

TEST_CASE("The short way to read a record finds what the long way does, or nothing") {
  Random random;
  CAPTURE(random.seed());
  size_t plain = 0;
  for (int round = 0; round < 20000; round++) {
    BatchBuilder builder;
    builder.add(Timestamp(0), std::nullopt, "");
    size_t before = builder.bytes();
    builder.add(Timestamp(static_cast<int64_t>(random.below(random.below(2) ? 100 : 3000000))),
                random.below(4) ? std::nullopt : std::optional<Bytes>("k"),
                random_bytes(random, random.below(4) ? 200 : 20000));
    std::string record = builder.seal({}).value().substr(before);
    for (size_t wrong = random.below(3); wrong > 0; wrong--)
      record[random.below(std::min<size_t>(record.size(), 14))] = static_cast<char>(random.below(256));
    record.resize(random.below(3) ? record.size() : random.below(record.size() + 1));
    if (random.below(3)) record += random_bytes(random, 30);
    const char *short_at = record.data(), *long_at = record.data(), *end = record.data() + record.size();
    Deltas deltas;
    Record record_read;
    PlainRecord found;
    if (!read_plain_record(short_at, end, found)) continue;
    plain++;
    REQUIRE(read_any_record(long_at, end, deltas, record_read) == nullptr);
    REQUIRE(short_at == long_at);
    REQUIRE(unzigzag(found.timestamp) == deltas.timestamp);
    REQUIRE(found.offset == deltas.offset);
    REQUIRE(!record_read.key);
    REQUIRE(record_read.value == Bytes(found.value, found.value_bytes));
    REQUIRE(record_read.headers_count == 0);
  }
  CHECK(plain > 3000);
}

TEST_CASE("Validation: the smallest timestamp is that of those that have one") {
  auto least_of = [](std::initializer_list<int64_t> times) {
    BatchBuilder builder;
    for (int64_t time : times) builder.add(Timestamp(time), "k", "v");
    auto summary = validate_records(BatchView(builder.seal({}).value()), {1 << 20}).value();
    return std::pair(summary.min_timestamp.value, summary.min_timestamp_index);
  };
  CHECK(least_of({-1, 5, 7, -1}) == std::pair(int64_t{5}, 1));
  CHECK(least_of({-1, -1500, 0}) == std::pair(int64_t{-1500}, 1));
  CHECK(least_of({-1, -1}).first == -1);
}

TEST_CASE("Validation sums up what is in a batch, whatever its records are like") {
  Random random;
  CAPTURE(random.seed());
  for (int round = 0; round < 2000; round++) {
    BatchBuilder builder;
    std::vector<std::pair<Timestamp, bool>> records;  // and whether there is a key
    const size_t with_keys = random.below(4), spread = random.below(3) ? 1 : 5;
    for (size_t i = random.below(20) + 1; i > 0; i--) {
      bool has_key = random.below(4) < with_keys;
      records.emplace_back(Timestamp(1000 + static_cast<int64_t>(random.below(spread))), has_key);
      builder.add(records.back().first, has_key ? std::optional<Bytes>("k") : std::nullopt, random_bytes(random, 100));
    }
    std::string bytes = builder.seal({}).value();
    auto summary = validate_records(BatchView(bytes), {1 << 20});
    REQUIRE(summary.ok());
    auto by_time = [](const auto& a, const auto& b) { return a.first < b.first; };
    auto first = std::min_element(records.begin(), records.end(), by_time),
         last = std::max_element(records.begin(), records.end(), by_time);
    auto no_key = std::find_if(records.begin(), records.end(), [](const auto& r) { return !r.second; });
    REQUIRE(summary->records == static_cast<int32_t>(records.size()));
    REQUIRE(summary->min_timestamp == first->first);
    REQUIRE(summary->min_timestamp_index == first - records.begin());
    REQUIRE(summary->max_timestamp == last->first);
    REQUIRE(summary->max_timestamp_index == last - records.begin());
    REQUIRE(summary->offsets_are_dense);
    REQUIRE(summary->null_key_index.has_value() == (no_key != records.end()));
    if (no_key != records.end()) REQUIRE(*summary->null_key_index == no_key - records.begin());
  }
}

TEST_CASE("BatchBuilder: a batch in lent memory is the same, also when it outgrows it") {
  Random random;
  CAPTURE(random.seed());
  for (int round = 0; round < 200; round++) {
    std::vector<char> memory(random.below(4000));
    BatchBuilder builder, plain;
    builder.lend(memory);
    std::string text;
    for (size_t i = random.below(30) + 1; i > 0; i--) text += random_bytes(random, 200);
    text += '\n';
    builder.add(Timestamp(7), "key", text);
    plain.add(Timestamp(7), "key", text);
    auto taken = builder.add_lines(Timestamp(9), text, '\n', 1 << 20);
    CHECK(taken.bytes == plain.add_lines(Timestamp(9), text, '\n', 1 << 20).bytes);
    CHECK((!builder.is_lent() || builder.bytes() <= memory.size()));
    std::string expected = plain.seal({.producer_id = ProducerId(5)}).value();
    if (builder.is_lent() && random.below(2)) {
      Bytes batch = builder.seal_lent({.producer_id = ProducerId(5)});
      CHECK(batch.data() == memory.data());
      CHECK(batch == expected);
    } else {
      CHECK(builder.seal({.producer_id = ProducerId(5)}).value() == expected);
    }
    CHECK(builder.empty());
    CHECK_FALSE(builder.is_lent());
    builder.add(Timestamp(7), std::nullopt, "next");
    plain.add(Timestamp(7), std::nullopt, "next");
    CHECK(builder.seal({}).value() == plain.seal({}).value());
  }
}

TEST_CASE("BatchBuilder: what compression would make larger than allowed stays as it is") {
  Random random;
  CAPTURE(random.seed());
  std::string noise = random_bytes(random, 2) + std::string(3000, '\0');
  for (char& c : noise) c = static_cast<char>(random.below(256));
  for (Compression codec : codecs) {
    BatchBuilder builder;
    builder.add(Timestamp(1), std::nullopt, noise);
    size_t plain = builder.bytes();
    std::string batch = builder.seal({.compression = codec, .bytes_max = plain}).value();
    CHECK(batch.size() <= plain);
    CHECK((BatchView(batch).compression() == codec || batch.size() == plain));
    CHECK(BatchView(batch).crc_is_valid());
    CHECK(read(BatchView(batch)).value() == std::vector<Made>{{1, std::nullopt, noise, {}}});
  }
}

TEST_CASE("BatchBuilder: what is too large anyway is rather compressed than plain") {
  const std::string text(20'000, 'x');
  for (Compression codec : codecs) {
    if (codec == Compression::none) continue;
    BatchBuilder builder;
    builder.add(Timestamp(1), std::nullopt, text);
    size_t plain = builder.bytes();
    std::string batch = builder.seal({.compression = codec, .bytes_max = 70}).value();
    CHECK(BatchView(batch).compression() == codec);
    CHECK(batch.size() < plain / 2);
    CHECK(read(BatchView(batch)).value() == std::vector<Made>{{1, std::nullopt, text, {}}});
  }
}

TEST_CASE("LineEnds: every place of the byte, in a text of any length") {
  Random random;
  CAPTURE(random.seed());
  for (int round = 0; round < 300; round++) {
    std::string text = random_bytes(random, 400);
    size_t rarity = random.below(100) + 1;
    for (char& c : text) c = random.below(rarity) == 0 ? '\xff' : static_cast<char>(random.below(255));
    LineEnds ends(text, '\xff');
    for (size_t i = 0; i < text.size(); i++)
      if (text[i] == '\xff') REQUIRE(ends.next() == text.data() + i);
    CHECK(ends.next() == nullptr);
    CHECK(ends.next() == nullptr);
  }
}

TEST_CASE("RecordReader: all values at once are those of next(), and stop where it does") {
  Random random;
  CAPTURE(random.seed());
  for (int round = 0; round < 30; round++) {
    BatchBuilder builder;
    for (const Made& made : random.records(30)) add(builder, made);
    std::string batch = builder.seal({.compression = codecs[random.below(codecs.size())]}).value();
    bool damaged = random.below(3) == 0 && BatchView(batch).compression() == Compression::none;
    if (damaged)
      batch[batch_header_bytes + random.below(batch.size() - batch_header_bytes)] ^=
          static_cast<char>(1 + random.below(255));
    RecordReader each, all;
    REQUIRE(each.open(BatchView(batch), 1 << 24).ok());
    REQUIRE(all.open(BatchView(batch), 1 << 24).ok());
    int32_t skipped = static_cast<int32_t>(random.below(3));
    std::string expected = "before", got = "before";
    Record record;
    Result<bool> more = true;
    int32_t count = 0;
    for (;;) {
      more = each.next(record);
      if (!more || !*more) break;
      if (count++ >= skipped) expected += std::string(record.value.value_or("NULL")) + "\r\n";
    }
    for (int32_t i = 0; i < skipped && i < count; i++) REQUIRE(all.next(record).ok());
    auto appended = all.append_values(got, "\r\n", "NULL");
    CHECK(got == expected);
    CHECK(appended.ok() == more.ok());
    if (appended && more) CHECK(*appended == std::max(0, count - skipped));
    if (!appended && !more) CHECK(appended.error().message == more.error().message);
  }
}

TEST_CASE("BatchBuilder: every field arrives in the header") {
  std::string batch = batch_of({{7, "k", "v", {}}, {3, "k", "v", {}}}, {.transactional = true,
                                                                        .producer_id = ProducerId(1234567890123),
                                                                        .producer_epoch = ProducerEpoch(77),
                                                                        .base_sequence = Sequence(2147483647),
                                                                        .base_offset = Offset(99),
                                                                        .leader_epoch = LeaderEpoch(5)});
  BatchView view(batch);
  CHECK(view.base_offset() == Offset(99));
  CHECK(view.last_offset() == Offset(100));
  CHECK(view.next_offset() == Offset(101));
  CHECK(view.leader_epoch() == LeaderEpoch(5));
  CHECK(view.base_timestamp() == Timestamp(7));
  CHECK(view.max_timestamp() == Timestamp(7));
  CHECK(view.producer_id() == ProducerId(1234567890123));
  CHECK(view.producer_epoch() == ProducerEpoch(77));
  CHECK(view.base_sequence() == Sequence(2147483647));
  CHECK(view.is_transactional());
  CHECK_FALSE(view.is_control());
  CHECK_FALSE(view.has_delete_horizon());
}

TEST_CASE("Stamps: offset and epoch leave the crc alone") {
  std::string batch = batch_of({{1, "k", "v", {}}});
  uint32_t crc = BatchView(batch).crc();
  stamp(batch.data(), Offset(5000000000), LeaderEpoch(3));
  CHECK(BatchView(batch).base_offset() == Offset(5000000000));
  CHECK(BatchView(batch).leader_epoch() == LeaderEpoch(3));
  CHECK(BatchView(batch).crc() == crc);
  CHECK(BatchView(batch).crc_is_valid());
}

TEST_CASE("Stamps: the append time is every record's time until it is taken back") {
  std::vector<Made> records = {{1, "k", "v", {}}, {9, "k", "v", {}}};
  const std::string sent = batch_of(records);
  std::string batch = sent;
  stamp_append_time(batch.data(), batch.size(), Timestamp(50));
  CHECK(BatchView(batch).crc_is_valid());
  CHECK(BatchView(batch).timestamp_type() == TimestampType::log_append_time);
  CHECK(read(BatchView(batch)).value() == std::vector<Made>{{50, "k", "v", {}}, {50, "k", "v", {}}});
  Timestamp max = validate_records(BatchView(batch), {any_size}).value().max_timestamp;
  CHECK(max == Timestamp(9));
  CHECK(stamp_create_time(batch.data(), batch.size(), max));
  CHECK(batch == sent);
  CHECK_FALSE(stamp_create_time(batch.data(), batch.size(), max));
}

TEST_CASE("Stamps: a wrong max timestamp is put right") {
  std::string batch = batch_of({{1, "k", "v", {}}});
  const std::string sent = batch;
  store_be(batch.data() + 35, int64_t{77});
  CHECK(stamp_create_time(batch.data(), batch.size(), Timestamp(1)));
  CHECK(batch == sent);
}

TEST_CASE("Stamps: a producer is written into a finished batch") {
  std::string batch = batch_of({{1, "k", "v", {}}});
  stamp_producer(batch.data(), batch.size(), ProducerId(8), ProducerEpoch(1), Sequence(6));
  CHECK(batch ==
        batch_of({{1, "k", "v", {}}},
                 {.producer_id = ProducerId(8), .producer_epoch = ProducerEpoch(1), .base_sequence = Sequence(6)}));
}

TEST_CASE("validate_records: sums up what a broker must judge") {
  for (Compression codec : codecs) {
    std::string batch =
        batch_of({{5, "k", "v", {}}, {9, std::nullopt, "v", {}}, {9, std::nullopt, "v", {}}, {2, "k", "v", {}}},
                 {.compression = codec});
    Summary summary = validate_records(BatchView(batch), {any_size}).value();
    CHECK(summary.records == 4);
    CHECK(summary.records_bytes == 34);
    CHECK(summary.max_timestamp == Timestamp(9));
    CHECK(summary.max_timestamp_index == 1);
    CHECK(summary.min_timestamp == Timestamp(2));
    CHECK(summary.min_timestamp_index == 3);
    CHECK(summary.offsets_are_dense);
    CHECK(summary.null_key_index == 1);
  }
}

TEST_CASE("validate_records: offsets with a gap, or a header that disagrees, are not dense") {
  std::string batch = batch_of({{5, "k", "v", {}}});
  store_be(batch.data() + 23, int32_t{1});
  CHECK_FALSE(validate_records(BatchView(batch), {any_size}).value().offsets_are_dense);
  std::string gap = batch_around(std::string("\x0e\x00\x00\x04\x01\x01\x00", 7), 1);  // offset delta 2
  gap[61] = 0x0c;
  Summary summary = validate_records(BatchView(gap), {any_size}).value();
  CHECK_FALSE(summary.offsets_are_dense);
  REQUIRE(summary.misplaced);
  CHECK(summary.misplaced->index == 0);
  CHECK(summary.misplaced->offset_delta == 2);
}

TEST_CASE("validate_records: names the record that does not parse") {
  std::string batch = batch_of({{5, "k", "v", {}}, {5, "k", "v", {}}});
  batch[batch.size() - 1] = 2;  // one header, where none is
  auto summary = validate_records(BatchView(batch), {any_size});
  REQUIRE_FALSE(summary);
  CHECK(summary.error().code == Errc::malformed);
  CHECK(summary.error().message == "record 1 of a batch: its headers do not end where it ends");
}

TEST_CASE("Control: types and values come back, unknown types too") {
  for (int16_t type : std::vector<int16_t>{0, 1, 2, 3, 4, 5, 6, 99}) {
    std::string batch =
        control_batch(static_cast<ControlType>(type), "raw value", Timestamp(4),
                      {.compression = Compression::zstd, .base_sequence = Sequence(9), .leader_epoch = LeaderEpoch(2)})
            .value();
    BatchView view(batch);
    CHECK(view.crc_is_valid());
    CHECK(view.is_control());
    CHECK(view.compression() == Compression::none);
    CHECK(view.base_sequence() == Sequence(-1));
    CHECK(view.leader_epoch() == LeaderEpoch(2));
    RecordReader reader;
    REQUIRE(reader.open(view, 0));
    Record record;
    REQUIRE(reader.next(record).value());
    CHECK(control_type(record).value() == static_cast<ControlType>(type));
    CHECK(record.value == Bytes("raw value"));
  }
}

TEST_CASE("Control: a key or a value that is too short is malformed") {
  Record record;
  CHECK(control_type(record).error().code == Errc::malformed);
  record.key = Bytes("\0\0\0", 3);
  CHECK(control_type(record).error().code == Errc::malformed);
  record.key = Bytes("\xff\xff\0\0", 4);
  CHECK(control_type(record).error().code == Errc::malformed);
  CHECK(coordinator_epoch(record).error().code == Errc::malformed);
  std::string value = end_transaction_value(12);
  record.value = value;
  CHECK(coordinator_epoch(record).value() == 12);
  record.value = Bytes(value).substr(0, 5);
  CHECK(coordinator_epoch(record).error().code == Errc::malformed);
}
