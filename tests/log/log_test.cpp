// Log: appending, reading, rolling, syncing, deleting.
#include "base/crc32c.h"
#include "base/varint.h"
#include "log/checkpoints.h"
#include "log/log_fixture.h"
#include "record/compression.h"
#include "record/records.h"

using namespace bobbin;
using namespace bobbin::test;

TEST_CASE("Log: a partition without records has no directory") {
  Fixture f;
  f.open();
  CHECK(f.log->close().ok());
  CHECK(f.w.storage.paths(f.dir).empty());
  CHECK(*f.log->read(Offset(0), Offset(0), 100, true) == "");
}

TEST_CASE("Log: what is appended is read, and durable after a flush") {
  Fixture f;
  f.open();
  CHECK(f.must_append(batch(3)) == Offset(0));
  CHECK(f.must_append(batch(2), 4) == Offset(3));
  CHECK(f.log->log_end() == Offset(5));
  CHECK(f.log->durable_end() == Offset(0));
  REQUIRE(f.flush().ok());
  CHECK(f.log->durable_end() == Offset(5));
  CHECK_FALSE(f.log->is_dirty());
  CHECK(f.readable(Offset(4)));
  auto all = f.log->read(Offset(0), Offset(5), 1 << 20, true);
  REQUIRE(all.ok());
  CHECK(*all == f.w.storage.contents(f.segment(0)));
  CHECK(f.log->epochs().epoch_at(Offset(2)) == LeaderEpoch(0));
  CHECK(f.log->epochs().epoch_at(Offset(3)) == LeaderEpoch(4));
  CHECK(f.log->epochs().end_of(LeaderEpoch(0), f.log->log_end()) == EpochEnd{LeaderEpoch(0), Offset(3)});
  CHECK(f.log->recovery_point() == Offset(0));  // its epochs are told by its records alone
  REQUIRE(f.log->checkpoint(Timestamp(t0)).ok());
  REQUIRE(f.flush().ok());
  CHECK(f.log->recovery_point() == Offset(5));
  CHECK(f.w.storage.contents(f.dir + "/leader-epoch-checkpoint") == "0\n2\n0 0\n4 3\n");
  CHECK(f.w.storage.contents(f.dir + "/partition.metadata") == encode_partition_metadata(topic_id));
}

TEST_CASE("Log: a read is cut at its bytes, but never within its first batch, and ends below its bound") {
  Fixture f;
  f.open();
  size_t one = batch(1).size();
  for (int i = 0; i < 4; i++) f.must_append(batch(1));
  CHECK(f.log->read(Offset(0), Offset(4), one * 2 + 5, true)->size() == one * 2 + 5);
  CHECK(f.log->read(Offset(0), Offset(4), 5, true)->size() == one);
  CHECK(f.log->read(Offset(0), Offset(4), 5, false)->empty());
  CHECK(f.log->read(Offset(1), Offset(3), 1 << 20, true)->size() == one * 2);
  CHECK(f.read_code(Offset(5)) == Errc::offset_out_of_range);
  REQUIRE(f.log->advance_log_start(Offset(2)).ok());
  CHECK(f.read_code(Offset(1)) == Errc::offset_out_of_range);
}

TEST_CASE("Log: a client's batch is judged in Kafka's order") {
  Fixture f;
  f.config.max_message_bytes = 300;
  f.open();
  auto changed = [](std::string b, size_t at, char to) {
    b[at] = to;
    return b;
  };
  std::string good = batch(2);
  CHECK(f.append_code("") == Errc::invalid_record);
  CHECK(f.append_code(good.substr(0, 40)) == Errc::invalid_record);
  CHECK(f.append_code(good.substr(0, good.size() - 1)) == Errc::invalid_record);
  CHECK(f.append_code(changed(good, 16, 1)) == Errc::invalid_record);
  CHECK(f.append_code(good + good) == Errc::invalid_record);
  CHECK(f.append_code(good + std::string(12, 'x')) == Errc::corrupt_message);
  CHECK(f.append_code(changed(good, 7, 1)) == Errc::invalid_record);
  CHECK(f.append_code(changed(good, 80, 'x')) == Errc::corrupt_message);
  CHECK(f.append_code(batch(2, t0, {}, 200)) == Errc::message_too_large);
  CHECK(f.append_code(batch(1, t0 + 3600001)) == Errc::invalid_timestamp);
  CHECK(f.append_code(batch(1, t0, {1, 0, -1})) == Errc::invalid_record);
  CHECK(f.log->log_end() == Offset(0));
  CHECK(f.append_code(good + std::string(11, 'x')) == Errc::none);
  f.config.segment_bytes = 100;
  f.log->update(f.config);
  CHECK(f.append_code(good) == Errc::record_list_too_large);
}

TEST_CASE("Log: a record without a key is named on a compacted topic") {
  Fixture f;
  f.config.compact_policy = true;
  f.open();
  record::BatchBuilder builder;
  builder.add(Timestamp(t0), "k", "v");
  builder.add(Timestamp(t0), std::nullopt, "v");
  std::vector<RecordError> errors;
  auto done = f.log->append(*builder.seal({}), LeaderEpoch(0), AppendOrigin::client, &errors);
  REQUIRE_FALSE(done.ok());
  CHECK(done.error().code == Errc::invalid_record);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].index == 1);
}

TEST_CASE("Log: under LogAppendTime the broker's time counts, and the checksum is right") {
  Fixture f;
  f.config.timestamp_type = record::TimestampType::log_append_time;
  f.open();
  auto done = f.append(batch(2, 5));
  REQUIRE(done.ok());
  CHECK(done->log_append_time == f.w.clock.wall());
  auto bytes = f.log->read(Offset(0), Offset(2), 1000, true);
  record::BatchView view(*bytes);
  CHECK(view.crc_is_valid());
  CHECK(view.max_timestamp() == f.w.clock.wall());
  CHECK(view.timestamp_type() == record::TimestampType::log_append_time);
}

TEST_CASE("Log: another codec is asked for by the topic") {
  Fixture f;
  f.config.compression = record::Compression::lz4;
  f.open();
  f.must_append(batch(50, t0, {9, 0, 0}));
  auto bytes = f.log->read(Offset(0), Offset(50), 1 << 20, true);
  record::BatchView view(*bytes);
  CHECK(view.compression() == record::Compression::lz4);
  CHECK(view.crc_is_valid());
  CHECK(view.records_count() == 50);
  CHECK(view.producer_id() == ProducerId(9));
}

TEST_CASE("Log: a batch that is too large once the topic's codec has it is refused") {
  Fixture f;
  f.config.compression = record::Compression::none;
  const std::string sent = batch(10, t0, {}, 1000, record::Compression::zstd);
  const size_t plain = batch(10, t0, {}, 1000).size();
  REQUIRE(sent.size() < plain / 2);
  for (auto [limit, code] : {std::pair(plain, Errc::none), std::pair(plain - 1, Errc::message_too_large)}) {
    f.config.max_message_bytes = static_cast<int64_t>(limit);
    f.open();
    CHECK(f.append_code(sent) == code);
  }
}

namespace {

using Deltas = std::vector<int64_t>;

// Records with these offset deltas, encoded; their values are long enough for the way that most records are read.
std::string records_at(const Deltas& deltas, std::optional<Bytes> key = {}) {
  std::string records;
  for (size_t i = 0; i < deltas.size(); i++) {
    const std::string value = "value " + std::to_string(i);
    std::string body(1, '\0');  // no attributes
    append_varint(body, 0);
    append_varint(body, deltas[i]);
    append_varint(body, key ? static_cast<int64_t>(key->size()) : -1);
    body += key.value_or("");
    append_varint(body, static_cast<int64_t>(value.size()));
    body += value;
    append_varint(body, 0);  // no headers
    append_varint(records, static_cast<int64_t>(body.size()));
    records += body;
  }
  return records;
}

}  // namespace

TEST_CASE("Log: records that are not compressed and do not count their offsets from 0 on are refused, and named") {
  struct Wrong {
    Deltas deltas;
    int32_t index;
  };
  for (const Wrong& wrong : std::vector<Wrong>{{{0, 7}, 1},
                                               {{5, 6, 7}, 0},
                                               {{0, INT32_MAX}, 1},
                                               {{5}, 0},
                                               {{0, 2, 1}, 1},
                                               {{0, 1, 1}, 2},
                                               {{0, 0, 0, 0}, 1},
                                               {{1, 2, 3}, 0}})
    for (std::optional<Bytes> key : {std::optional<Bytes>(), std::optional<Bytes>("k")})
      for (std::optional<record::Compression> topics :
           {std::optional<record::Compression>(), std::optional(record::Compression::gzip)}) {
        CAPTURE(wrong.deltas, key.has_value(), topics.has_value());
        Fixture f;
        f.config.compression = topics;
        f.open();
        f.must_append(batch(2));
        std::string sent =
            record::test::batch_around(records_at(wrong.deltas, key), static_cast<int32_t>(wrong.deltas.size()));
        std::vector<RecordError> errors;
        auto done = f.log->append(sent, LeaderEpoch(0), AppendOrigin::client, &errors);
        REQUIRE_FALSE(done.ok());
        CHECK(done.error().code == Errc::invalid_record);
        const std::string index = std::to_string(wrong.index);
        const std::string delta = std::to_string(wrong.deltas[static_cast<size_t>(wrong.index)]);
        CHECK(done.error().message ==
              "record " + index + " of the batch has the offset delta " + delta + ", not " + index);
        REQUIRE(errors.size() == 1);
        CHECK(errors[0].index == wrong.index);
        CHECK(f.log->log_end() == Offset(2));
        CHECK(f.must_append(record::test::batch_around(records_at({0, 1, 2}, key), 3)) == Offset(2));
      }
}

TEST_CASE("Log: records that a leader tells, or that were there, are taken with the offsets that they have") {
  Fixture f;
  f.config.compact_policy = true;
  f.open();
  std::string sent = record::test::batch_around(records_at({1, 3}), 2);
  store_be(&sent[23], int32_t{4});
  store_be(&sent[17], crc32c(Bytes(sent).substr(21)));
  REQUIRE(f.log->append(sent, LeaderEpoch(0), AppendOrigin::replication).ok());
  CHECK(f.log->log_end() == Offset(5));
  REQUIRE(f.flush().ok());
  f.open();
  CHECK(f.log->log_end() == Offset(5));
  CHECK(*f.log->read(Offset(0), Offset(5), 1 << 20, true) == sent);
}

TEST_CASE("Log: a compressed batch whose offsets are not dense is written anew, so that each record has its own") {
  for (record::Compression codec :
       {record::Compression::gzip, record::Compression::snappy, record::Compression::lz4, record::Compression::zstd})
    for (const Deltas& deltas :
         {Deltas{0, 1, 3}, Deltas{1, 2, 3}, Deltas{0, 2, 1}, Deltas{0, 0, 0}, Deltas{0, 1, 70'000}}) {
      CAPTURE(static_cast<int>(codec), deltas);
      Fixture f;
      f.open();
      f.must_append(batch(2));
      std::string compressed;
      REQUIRE(record::compress(codec, records_at(deltas), compressed).ok());
      CHECK(f.must_append(record::test::batch_around(compressed, 3, codec)) == Offset(2));
      CHECK(f.log->log_end() == Offset(5));
      auto bytes = f.log->read(Offset(2), Offset(5), 1 << 20, true);
      REQUIRE(bytes.ok());
      record::BatchView stored(*bytes);
      CHECK(stored.crc_is_valid());
      CHECK(stored.compression() == codec);
      record::RecordReader reader;
      REQUIRE(reader.open(stored, 1 << 20).ok());
      record::Record r;
      for (int i = 0; i < 3; i++) {
        REQUIRE(reader.next(r).value());
        CHECK(r.offset == Offset(2 + i));
        CHECK(r.value == "value " + std::to_string(i));
      }
    }
}

TEST_CASE("Log: a wrong largest timestamp is put right") {
  Fixture f;
  f.open();
  std::string b = batch(2);
  store_be(&b[35], int64_t{12345});
  store_be(&b[17], crc32c(Bytes(b).substr(21)));
  f.must_append(b);
  auto bytes = f.log->read(Offset(0), Offset(2), 1000, true);
  CHECK(record::BatchView(*bytes).max_timestamp() == Timestamp(t0 + 1));
  CHECK(record::BatchView(*bytes).crc_is_valid());
}

TEST_CASE("Log: idempotent producers") {
  Fixture f;
  f.open();
  auto code = [&](From from, int count = 1) { return f.append_code(batch(count, t0, from)); };
  f.must_append(batch(3, t0, {1, 0, 0}));

  SECTION("the same batch again is answered with its old offset, and nothing is appended") {
    auto again = f.append(batch(3, t0, {1, 0, 0}));
    REQUIRE(again.ok());
    CHECK(again->duplicate);
    CHECK(again->base_offset == Offset(0));
    CHECK(again->log_append_time == Timestamp(t0 + 2));
    CHECK(f.log->log_end() == Offset(3));
  }
  SECTION("a gap, an overlap and a prefix are out of order") {
    CHECK(code({1, 0, 4}) == Errc::out_of_order_sequence_number);
    CHECK(code({1, 0, 2}) == Errc::out_of_order_sequence_number);
    CHECK(code({1, 0, 0}, 2) == Errc::out_of_order_sequence_number);
    CHECK(code({1, 0, 3}) == Errc::none);
  }
  SECTION("the last five are known, the sixth is not") {
    for (int i = 0; i < 5; i++) CHECK(code({1, 0, 3 + i}) == Errc::none);
    CHECK(f.append(batch(1, t0, {1, 0, 3}))->duplicate);
    CHECK(code({1, 0, 0}, 3) == Errc::out_of_order_sequence_number);
  }
  SECTION("a new epoch begins at 0, an old one is refused") {
    CHECK(code({1, 1, 3}) == Errc::out_of_order_sequence_number);
    CHECK(code({1, 1, 0}) == Errc::none);
    CHECK(code({1, 0, 3}) == Errc::invalid_producer_epoch);
  }
  SECTION("an unknown producer may begin anywhere; after the largest sequence comes 0") {
    CHECK(code({2, 5, INT32_MAX}) == Errc::none);
    CHECK(code({2, 5, 0}) == Errc::none);
    CHECK(code({3, 0, INT32_MAX - 1}, 3) == Errc::none);
    CHECK(code({3, 0, 1}) == Errc::none);
    CHECK(f.append(batch(3, t0, {3, 0, INT32_MAX - 1}))->duplicate);
  }
  SECTION("an open after an end or a crash remembers") {
    bool clean = GENERATE(true, false);
    if (clean) REQUIRE(f.log->close().ok());
    else f.w.kill();
    f.open({clean, Offset(clean ? 3 : 0), Offset(0)});
    CHECK(f.append(batch(3, t0, {1, 0, 0}))->duplicate);
    CHECK(code({1, 0, 5}) == Errc::out_of_order_sequence_number);
    CHECK(code({1, 0, 3}) == Errc::none);
  }
  SECTION("a producer idle for long is forgotten, old times of records do not make it idle") {
    CHECK(code({1, 0, 3}) == Errc::none);
    f.must_append(batch(1, 1000, {4, 0, 0}));
    REQUIRE(f.log->checkpoint(f.w.clock.wall()).ok());
    CHECK(f.log->producers().size() == 2);
    f.w.clock.pass(86400001);
    REQUIRE(f.log->checkpoint(f.w.clock.wall()).ok());
    CHECK(f.log->producers().size() == 0);
  }
}

TEST_CASE("Log: segments roll by size, by the records' time and by full indexes") {
  Fixture f;
  f.open();
  auto segments_after = [&](const std::string& b) {
    f.must_append(b);
    return f.log->segments().size();
  };
  SECTION("size") {
    f.config.segment_bytes = static_cast<int64_t>(batch(1).size()) * 2;
    f.log->update(f.config);
    CHECK(segments_after(batch(1)) == 1);
    CHECK(segments_after(batch(1)) == 1);
    CHECK(segments_after(batch(1)) == 2);
    CHECK(f.w.storage.exists(f.segment(2)));
    CHECK(f.w.storage.exists(f.segment(2, ".snapshot")));
  }
  SECTION("time of the records") {
    f.config.segment_ms = 1000;
    f.log->update(f.config);
    CHECK(segments_after(batch(1, t0)) == 1);
    CHECK(segments_after(batch(1, t0 + 1000)) == 1);
    CHECK(segments_after(batch(1, t0 + 1001)) == 2);
    f.w.clock.pass(1001);
    REQUIRE(f.log->roll_if_due(f.w.clock.wall()).ok());
    CHECK(f.log->segments().size() == 3);
    REQUIRE(f.log->roll_if_due(f.w.clock.wall()).ok());
    CHECK(f.log->segments().size() == 3);
  }
  SECTION("a full index") {
    f.config.index_interval_bytes = 1;
    f.config.segment_index_bytes = 36;
    f.log->update(f.config);
    for (int i = 0; i < 3; i++) CHECK(segments_after(batch(1, t0 + i)) == 1);
    CHECK(segments_after(batch(1, t0 + 3)) == 2);
  }
}

TEST_CASE("Log: segments roll to the byte, to the millisecond and to the entry of an index") {
  const auto size = static_cast<int64_t>(batch(1).size());
  SECTION("by size") {
    for (auto [bytes, segments] : {std::pair(2 * size, 1), std::pair(2 * size - 1, 2)}) {
      Fixture f;
      f.config.segment_bytes = bytes;
      f.open();
      for (int i = 0; i < 2; i++) f.must_append(batch(1));
      CHECK(f.log->segments().size() == static_cast<size_t>(segments));
    }
  }
  SECTION("by the records' time, sooner by the jitter") {
    for (int64_t jitter : {0, 300})
      for (auto [later, segments] : {std::pair(int64_t{0}, 1), std::pair(int64_t{1}, 2)}) {
        Fixture f;
        f.config.segment_ms = 1000;
        f.config.segment_jitter_ms = jitter;
        f.open();
        f.must_append(batch(1, t0 - 5000));
        f.must_append(batch(1, t0 - 5000 + 1000 - jitter + later));
        CHECK(f.log->segments().size() == static_cast<size_t>(segments));
      }
  }
  SECTION("by its age where records have no time, and where nothing is appended") {
    for (bool appends : {true, false})
      for (int64_t jitter : {0, 300})
        for (auto [later, segments] : {std::pair(int64_t{0}, 1), std::pair(int64_t{1}, 2)}) {
          Fixture f;
          f.config.segment_ms = 1000;
          f.config.segment_jitter_ms = jitter;
          f.open();
          f.must_append(batch(1, -1));
          f.w.clock.pass(1000 - jitter + later);
          if (appends) f.must_append(batch(1, -1));
          else REQUIRE(f.log->roll_if_due(f.w.clock.wall()).ok());
          CHECK(f.log->segments().size() == static_cast<size_t>(segments));
        }
  }
  SECTION("when an index is full, with a place left for the last time") {
    for (bool offsets : {true, false}) {
      Fixture f;
      f.config.index_interval_bytes = 1;
      // An entry of the offset index has 8 bytes, one of the time index 12; times that do not ascend add none.
      f.config.segment_index_bytes = offsets ? 36 : 48;
      f.open();
      int appended = 0;
      while (f.log->segments().size() < 2) {
        f.must_append(batch(1, offsets ? t0 : t0 + appended));
        REQUIRE(++appended < 100);
      }
      CHECK(appended == (offsets ? 36 / 8 + 2 : 48 / 12 + 1));
      CHECK(f.w.storage.contents(f.segment(0, ".timeindex")).size() <=
            static_cast<size_t>(f.config.segment_index_bytes));
    }
  }
}

TEST_CASE("Log: of too many producers those are forgotten that were idle longest") {
  Fixture f;
  f.config.producers_max = 20;
  f.open();
  auto append_from = [&](int64_t id, int32_t sequence) {
    f.w.clock.pass(10);
    return f.append_code(batch(1, f.w.clock.wall_ms, {id, 0, sequence}));
  };
  for (int64_t id = 1; id <= 20; id++) REQUIRE(append_from(id, 0) == Errc::none);
  CHECK(f.log->producers().size() == 20);
  CHECK(append_from(1, 1) == Errc::none);   // not idle any more
  CHECK(append_from(21, 0) == Errc::none);  // one too many: a tenth goes, so that not each new one costs as much
  CHECK(f.log->producers().size() == 18);
  for (int64_t id : {2, 3, 4}) CHECK(f.log->producers().find(ProducerId(id)) == nullptr);
  for (int64_t id : {1, 5, 20, 21}) CHECK(f.log->producers().find(ProducerId(id)) != nullptr);
  CHECK(append_from(5, 7) == Errc::out_of_order_sequence_number);
  CHECK(append_from(2, 7) == Errc::none);  // nobody knows where it was
}

TEST_CASE("Log: a producer is forgotten when it was idle for the whole time, and not before") {
  Fixture f;
  f.config.producer_expiration_ms = 5000;
  f.open();
  f.must_append(batch(1, f.w.clock.wall_ms, {1, 0, 0}));
  REQUIRE(f.log->checkpoint(f.w.clock.wall() + 4999).ok());
  CHECK(f.log->producers().size() == 1);
  REQUIRE(f.log->checkpoint(f.w.clock.wall() + 5000).ok());
  CHECK(f.log->producers().size() == 0);
}

TEST_CASE("Log: every offset is found, whatever the index interval and the size of segments") {
  auto interval = GENERATE(1, 150, 4096);
  auto segment = GENERATE(400, 2000, 1 << 20);
  Fixture f;
  f.config.index_interval_bytes = interval;
  f.config.segment_bytes = segment;
  f.open();
  for (int i = 0; i < 40; i++) f.must_append(batch(1 + i % 3, t0 + i * 10, {}, 10 + static_cast<size_t>(i % 7) * 11));
  auto all_found = [&] {
    for (Offset o(0); o < f.log->log_end(); o += 1)
      if (!f.readable(o)) return false;
    return true;
  };
  CHECK(all_found());
  REQUIRE(f.log->close().ok());
  Offset end = f.log->log_end();
  f.open({true, end, Offset(0)});
  CHECK(f.log->log_end() == end);
  CHECK(all_found());
  CHECK(f.report.notes.empty());
  CHECK(f.files->open_count() <= 16);
}

TEST_CASE("Log: lookups by time find the first record that is not older") {
  Fixture f;
  f.config.index_interval_bytes = 100;
  f.config.segment_bytes = 500;
  f.open();
  std::vector<int64_t> times;  // by offset; not ascending
  SeededRandom random(GENERATE(range(1, 6)));
  for (int i = 0; i < 30; i++) {
    int64_t time = t0 - 100000 + i * 20 + static_cast<int64_t>(random.below(100));
    f.must_append(batch(2, time));
    times.push_back(time);
    times.push_back(time + 1);
  }
  auto expected = [&](int64_t at, size_t below) -> int64_t {
    for (size_t i = 0; i < below; i++)
      if (times[i] >= at) return static_cast<int64_t>(i);
    return -1;
  };
  auto agrees = [&] {
    for (int64_t at = t0 - 100100; at < t0 - 99000; at += 3)
      for (size_t below : {times.size(), size_t{31}}) {
        auto found = f.log->reading().offset_for_time(Timestamp(at), Offset(static_cast<int64_t>(below)));
        if (!found || (*found ? (*found)->offset.value : -1) != expected(at, below)) return false;
        if (*found && (*found)->timestamp.value != times[static_cast<size_t>((*found)->offset.value)]) return false;
      }
    for (size_t below : {times.size(), size_t{30}, size_t{8}}) {
      auto largest = std::max_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(below));
      auto found = f.log->reading().offset_of_max_timestamp(Offset(static_cast<int64_t>(below)));
      if (!found || !*found || (*found)->offset.value != largest - times.begin()) return false;
    }
    return true;
  };
  CHECK(agrees());
  REQUIRE(f.log->close().ok());
  f.open({true, f.log->log_end(), Offset(0)});
  CHECK(agrees());
  f.w.kill();
  for (const std::string& path : f.w.storage.paths(f.dir))
    if (path.ends_with("index")) f.w.storage.erase(path);
  f.open({true, Offset(60), Offset(0)});
  CHECK(agrees());
}

TEST_CASE("Log: what lies below the log start is no answer to a time, also within a batch") {
  Fixture f;
  f.open();
  f.must_append(batch(4, t0));  // t0 to t0 + 3
  f.must_append(batch(4, t0 - 100));
  auto first_from = [&](int64_t time) {
    auto found = f.log->reading().offset_for_time(Timestamp(time), f.log->log_end());
    REQUIRE(found.ok());
    return *found ? (*found)->offset.value : -1;
  };
  for (int64_t start = 0; start <= 8; start++) {
    REQUIRE(f.log->advance_log_start(Offset(start)).ok());
    CAPTURE(start);
    for (int64_t ms = 0; ms < 4; ms++) CHECK(first_from(t0 + ms) == (start < 4 ? std::max(start, ms) : -1));
    CHECK(first_from(t0 - 100) == (start < 8 ? start : -1));
    auto newest = f.log->reading().offset_of_max_timestamp(f.log->log_end());
    REQUIRE(newest.ok());
    if (start < 4) CHECK((*newest)->offset == Offset(3));
  }
}

TEST_CASE("Log: of several records with the largest time the first is told") {
  Fixture f;
  f.config.segment_bytes = static_cast<int64_t>(batch(1).size());
  f.open();
  for (int64_t time : {1, 9, 3, 9, 9, 2}) f.must_append(batch(1, t0 + time));
  for (int64_t below : {2, 4, 5, 6})
    CHECK(f.log->reading().offset_of_max_timestamp(Offset(below)).value()->offset == Offset(1));
  CHECK(f.log->reading().offset_of_max_timestamp(Offset(1)).value()->offset == Offset(0));
}

TEST_CASE("Log: retention deletes whole segments below the high watermark") {
  Fixture f;
  f.config.segment_bytes = static_cast<int64_t>(batch(1).size()) * 2;
  f.config.retention_ms = -1;
  f.open();
  for (int i = 0; i < 6; i++) f.must_append(batch(1, t0 + i * 1000));
  REQUIRE(f.flush().ok());
  auto retain = [&](int64_t now, int64_t hw) {
    f.log->update(f.config);
    auto gone = f.log->retention(Timestamp(now), Offset(hw));
    REQUIRE(gone.ok());
    return *gone;
  };
  SECTION("no limit: nothing goes") { CHECK(retain(t0 + 1000000000, 6) == 0); }
  SECTION("by age, oldest first, the watermark holds back") {
    f.config.retention_ms = 10000;
    CHECK(retain(t0 + 11000, 6) == 0);
    CHECK(retain(t0 + 11001, 1) == 0);
    CHECK(retain(t0 + 11001, 6) == 1);
    CHECK(f.log->log_start() == Offset(2));
    CHECK(f.read_code(Offset(1)) == Errc::offset_out_of_range);
  }
  SECTION("all of it: the active segment is rolled first, and the end is remembered") {
    f.config.retention_ms = 10000;
    CHECK(retain(t0 + 100000, 6) == 3);
    CHECK(f.log->log_start() == Offset(6));
    CHECK(f.log->log_end() == Offset(6));
    CHECK(retain(t0 + 100000, 6) == 0);
    f.w.jobs.run_all();
    CHECK(f.w.storage.exists(f.segment(0)));  // nothing on the disk says yet that the log begins behind it
    REQUIRE(f.flush().ok());
    CHECK(f.w.storage.contents(f.dir + "/leader-epoch-checkpoint") == "0\n1\n0 6\n");
    f.w.jobs.run_all();
    CHECK(f.w.storage.exists(f.segment(0, ".log.deleted")));
    CHECK(f.log->due(f.w.clock.mono_ms()) == f.w.clock.mono_ms() + 60000);
    f.w.clock.pass(60000);
    CHECK_FALSE(f.log->due(f.w.clock.mono_ms()));
    f.w.jobs.run_all();
    CHECK_FALSE(f.w.storage.exists(f.segment(0, ".log.deleted")));
    f.w.power_cut();
    f.open({false, Offset(6), Offset(6)});
    CHECK(f.log->log_end() == Offset(6));
    CHECK(f.report.damage.empty());
    CHECK(f.must_append(batch(1, t0)) == Offset(6));
  }
  SECTION("by size") {
    f.config.retention_bytes = static_cast<int64_t>(batch(1).size()) * 3;
    CHECK(retain(t0, 6) == 1);
    CHECK(f.log->log_start() == Offset(2));
  }
  SECTION("below the log start") {
    REQUIRE(f.log->advance_log_start(Offset(3)).ok());
    CHECK(retain(t0, 6) == 1);
    CHECK(f.log->log_start() == Offset(3));
  }
}

TEST_CASE("Log: retention to the byte, to the millisecond and to the offset") {
  const auto size = static_cast<int64_t>(batch(1).size());
  // Three segments of two batches each, the batches 1000 ms apart.
  auto gone = [&](const std::function<void(Fixture&)>& change, int64_t now, int64_t high_watermark) {
    Fixture f;
    f.config.segment_bytes = 2 * size;
    f.config.retention_ms = -1;
    f.open();
    for (int i = 0; i < 6; i++) f.must_append(batch(1, t0 + i * 1000));
    REQUIRE(f.flush().ok());
    change(f);
    f.log->update(f.config);
    auto count = f.log->retention(Timestamp(now), Offset(high_watermark));
    REQUIRE(count.ok());
    if (*count > 0) CHECK(f.log->log_start() == std::max(Offset(2 * static_cast<int64_t>(*count)), f.log->log_start()));
    return *count;
  };
  SECTION("a segment goes if what is left still has retention.bytes") {
    auto with = [&](int64_t bytes) { return gone([=](Fixture& f) { f.config.retention_bytes = bytes; }, t0, 6); };
    CHECK(with(6 * size) == 0);
    CHECK(with(4 * size + 1) == 0);
    CHECK(with(4 * size) == 1);
    CHECK(with(4 * size - 1) == 1);
    CHECK(with(2 * size + 1) == 1);
    CHECK(with(2 * size) == 2);
    CHECK(with(1) == 2);
    CHECK(with(0) == 3);
    CHECK(with(-1) == 0);
  }
  SECTION("a segment goes if its newest record is older than retention.ms") {
    auto at = [&](int64_t now) { return gone([](Fixture& f) { f.config.retention_ms = 10'000; }, now, 6); };
    CHECK(at(t0 + 11'000) == 0);
    CHECK(at(t0 + 11'001) == 1);
    CHECK(at(t0 + 13'000) == 1);
    CHECK(at(t0 + 13'001) == 2);
    CHECK(at(t0 + 15'000) == 2);
    CHECK(at(t0 + 15'001) == 3);
  }
  SECTION("records without a time count from when their segment was made") {
    for (auto [later, removed] : {std::pair(int64_t{10'000}, size_t{0}), std::pair(int64_t{10'001}, size_t{1})}) {
      Fixture f;
      f.config.segment_bytes = size;
      f.config.retention_ms = 10'000;
      f.open();
      f.must_append(batch(1, -1));
      f.w.clock.pass(5000);
      f.must_append(batch(1, -1));
      REQUIRE(f.flush().ok());
      CHECK(f.log->retention(Timestamp(f.w.clock.wall_ms - 5000 + later), Offset(2)).value() == removed);
    }
  }
  SECTION("a segment goes if all of it is below the log start") {
    auto from = [&](int64_t start) {
      return gone([=](Fixture& f) { REQUIRE(f.log->advance_log_start(Offset(start)).ok()); }, t0, 6);
    };
    CHECK(from(1) == 0);
    CHECK(from(2) == 1);
    CHECK(from(3) == 1);
    CHECK(from(4) == 2);
    CHECK(from(6) == 2);  // the active one stays
  }
  SECTION("nothing above the watermark goes, nor without the policy") {
    auto below = [&](int64_t watermark) {
      return gone([](Fixture& f) { f.config.retention_ms = 0; }, t0 + 100'000, watermark);
    };
    CHECK(below(1) == 0);
    CHECK(below(2) == 1);
    CHECK(below(3) == 1);
    CHECK(below(5) == 2);
    CHECK(below(6) == 3);
    auto kept = [](Fixture& f) {
      f.config.retention_ms = 0;
      f.config.retention_bytes = 0;
      f.config.delete_policy = false;
    };
    CHECK(gone(kept, t0 + 100'000, 6) == 0);
  }
}

TEST_CASE("Log: a follower takes batches as they are, and cuts its tail") {
  Fixture leader, follower;
  leader.open();
  follower.open();
  leader.must_append(batch(2, t0, {1, 0, 0}), 1);
  leader.must_append(batch(2, t0, {1, 0, 2}), 2);
  auto bytes = leader.log->read(Offset(0), Offset(4), 1 << 20, true);
  REQUIRE(follower.log->append(*bytes, LeaderEpoch(9), AppendOrigin::replication).ok());
  CHECK(follower.w.storage.contents(follower.segment(0)) == *bytes);
  CHECK(follower.log->epochs().latest() == LeaderEpoch(2));
  CHECK_FALSE(follower.log->append(*bytes, LeaderEpoch(9), AppendOrigin::replication).ok());
  REQUIRE(follower.log->truncate_to(Offset(3), Offset(0)).ok());
  CHECK(follower.log->log_end() == Offset(2));
  CHECK(follower.log->epochs().latest() == LeaderEpoch(1));
  CHECK(follower.append_code(batch(2, t0, {1, 0, 2})) == Errc::none);
}

namespace {

// As a leader's log has it at `offset`.
std::string batch_at(int64_t offset, int count = 2) {
  std::string bytes = batch(count);
  record::stamp(bytes.data(), Offset(offset), LeaderEpoch(1));
  return bytes;
}

Errc copy_code(Fixture& f, const std::string& bytes) {
  auto done = f.log->append(bytes, LeaderEpoch(1), AppendOrigin::replication);
  return done ? Errc::none : done.error().code;
}

}  // namespace

TEST_CASE("Log: a follower's first batch that is damaged leaves the log empty") {
  Fixture f;
  f.open();
  auto is_untouched = [&] {
    return f.log->log_start() == Offset(0) && f.log->log_end() == Offset(0) && f.log->durable_end() == Offset(0) &&
           !f.log->is_dirty() && f.w.storage.paths(f.dir).empty();
  };
  std::string wrong_crc = batch_at(1000), no_offsets = batch_at(1000);
  wrong_crc.back() ^= 1;
  store_be(&no_offsets[23], int32_t{-1});
  CHECK(copy_code(f, wrong_crc) == Errc::corrupt_message);
  CHECK(is_untouched());
  CHECK(copy_code(f, no_offsets) == Errc::invalid_record);
  CHECK(is_untouched());
  CHECK(copy_code(f, batch_at(1000).substr(0, 70)) == Errc::corrupt_message);
  CHECK(is_untouched());
  SECTION("and the right one is taken, wherever it begins") {
    int64_t start = GENERATE(0, 1000, 7);
    CHECK(copy_code(f, batch_at(start)) == Errc::none);
    CHECK(f.log->log_start() == Offset(start));
    CHECK(f.log->log_end() == Offset(start + 2));
    CHECK(copy_code(f, batch_at(start + 3)) == Errc::invalid_record);
    CHECK(copy_code(f, batch_at(start + 2)) == Errc::none);
    REQUIRE(f.flush().ok());
    CHECK(f.log->durable_end() == Offset(start + 4));
    CHECK(f.readable(Offset(start + 3)));
  }
  SECTION("what stands before the damage stays") {
    CHECK(copy_code(f, batch_at(1000) + wrong_crc) != Errc::none);
    CHECK(f.log->log_start() == Offset(1000));
    CHECK(f.log->log_end() == Offset(1002));
  }
}

TEST_CASE("Log: a follower's first batch that finds no room leaves the log empty, and another may be the first") {
  uint64_t refused = 0;
  for (uint64_t room = 0; room < 400; room += 13) {
    CAPTURE(room);
    Fixture f;
    f.open();
    f.w.storage.set_room(f.w.storage.used() + room);
    Errc code = copy_code(f, batch_at(1000));
    if (code == Errc::none) continue;
    refused++;
    CHECK(code == Errc::disk_full);
    CHECK(f.log->log_start() == Offset(0));
    CHECK(f.log->log_end() == Offset(0));
    f.w.storage.set_room(std::nullopt);
    int64_t start = GENERATE(0, 1000, 2000);
    CHECK(copy_code(f, batch_at(start)) == Errc::none);
    CHECK(f.log->log_start() == Offset(start));
    CHECK(f.log->log_end() == Offset(start + 2));
    REQUIRE(f.log->close().ok());
    f.open({true, Offset(start + 2), Offset(start)});
    CHECK(f.report.damage.empty());
    CHECK(f.log->log_start() == Offset(start));
    CHECK(f.log->log_end() == Offset(start + 2));
  }
  CHECK(refused > 5);
}

TEST_CASE("Log: a directory of another topic is refused") {
  Fixture f;
  f.open();
  f.must_append(batch(1));
  REQUIRE(f.log->close().ok());
  TopicId other = topic_id;
  other.bytes[3] = 9;
  auto opened = open_log(f.w.world, *f.files, f.dir, other, f.config, {}, f.report);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == Errc::inconsistent_topic_id);
}
