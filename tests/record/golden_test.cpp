// Bytes that must never change: a partition whose every record Apache Kafka 4.3.1 has read.
#include <catch2/catch.hpp>

#include "record/control.h"
#include "record/scan.h"
#include "records.h"

using namespace bobbin;
using namespace bobbin::record;
using namespace bobbin::record::test;

namespace {

const std::string logdir = BOBBIN_GOLDEN_DIR "/logdir/";
const std::string orders = logdir + "orders-0/00000000000000000000.log";
constexpr int64_t start = 1700000000000;

std::string yes_no(bool b) { return b ? "true" : "false"; }

std::string dump_record(const BatchView& batch, const Record& record) {
  int64_t delta = record.offset - batch.base_offset();
  int64_t sequence = batch.base_sequence().value < 0 ? -1 : batch.base_sequence().value + delta;
  std::string line = "| offset: " + std::to_string(record.offset.value);
  line += batch.timestamp_type() == TimestampType::create_time ? " CreateTime: " : " LogAppendTime: ";
  line += std::to_string(record.timestamp.value);
  line += " keySize: " + (record.key ? std::to_string(record.key->size()) : "-1");
  line += " valueSize: " + (record.value ? std::to_string(record.value->size()) : "-1");
  line += " sequence: " + std::to_string(sequence);
  std::vector<Header> headers;
  REQUIRE(parse_headers(record, headers));
  std::string keys;
  for (const Header& header : headers) keys += std::string(keys.empty() ? "" : ",") + std::string(header.key);
  line += " headerKeys: [" + keys + "]";
  if (batch.is_control()) {
    line += control_type(record).value() == ControlType::commit ? " endTxnMarker: COMMIT" : " endTxnMarker: ABORT";
    return line + " coordinatorEpoch: " + std::to_string(coordinator_epoch(record).value()) + "\n";
  }
  if (record.key) line += " key: " + std::string(*record.key);
  if (record.value) line += " payload: " + std::string(*record.value);
  return line + "\n";
}

std::string dump_batch(const BatchView& batch, size_t position) {
  int32_t sequence = batch.base_sequence().value;
  std::string line = "baseOffset: " + std::to_string(batch.base_offset().value);
  line += " lastOffset: " + std::to_string(batch.last_offset().value);
  line += " count: " + std::to_string(batch.records_count());
  line += " baseSequence: " + std::to_string(sequence);
  line += " lastSequence: " + std::to_string(sequence < 0 ? -1 : sequence + batch.last_offset_delta());
  line += " producerId: " + std::to_string(batch.producer_id().value);
  line += " producerEpoch: " + std::to_string(batch.producer_epoch().value);
  line += " partitionLeaderEpoch: " + std::to_string(batch.leader_epoch().value);
  line += " isTransactional: " + yes_no(batch.is_transactional());
  line += " isControl: " + yes_no(batch.is_control());
  line += " deleteHorizonMs: OptionalLong.empty position: " + std::to_string(position);
  line += batch.timestamp_type() == TimestampType::create_time ? " CreateTime: " : " LogAppendTime: ";
  line += std::to_string(batch.max_timestamp().value);
  line += " size: " + std::to_string(batch.bytes().size()) + " magic: 2";
  line += batch.compression() == Compression::gzip ? " compresscodec: gzip" : " compresscodec: none";
  line += " crc: " + std::to_string(batch.crc()) + " isvalid: " + yes_no(batch.crc_is_valid()) + "\n";
  RecordReader reader;
  REQUIRE(reader.open(batch, any_size));
  Record record;
  while (reader.next(record).value()) line += dump_record(batch, record);
  return line;
}

// In the form in which kafka-dump-log prints a log.
std::string dump(Bytes log) {
  std::string text;
  Scanned scanned = scan_batches(log, [&](const BatchView& batch, size_t position) {
    text += dump_batch(batch, position);
    return true;
  });
  CHECK(scanned.end == ScanEnd::whole);
  CHECK(scanned.bytes == log.size());
  return text;
}

// What kafka-dump-log 4.3.1 printed.
const char* const orders_dumped =
    R"(baseOffset: 0 lastOffset: 2 count: 3 baseSequence: -1 lastSequence: -1 producerId: -1 producerEpoch: -1 partitionLeaderEpoch: 0 isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty position: 0 CreateTime: 1700000000005 size: 109 magic: 2 compresscodec: none crc: 1727538911 isvalid: true
| offset: 0 CreateTime: 1700000000000 keySize: 2 valueSize: 5 sequence: -1 headerKeys: [] key: k1 payload: hello
| offset: 1 CreateTime: 1700000000005 keySize: -1 valueSize: 6 sequence: -1 headerKeys: [h1,h2,] payload: no key
| offset: 2 CreateTime: 1700000000003 keySize: 2 valueSize: -1 sequence: -1 headerKeys: [] key: k3
baseOffset: 3 lastOffset: 6 count: 4 baseSequence: -1 lastSequence: -1 producerId: -1 producerEpoch: -1 partitionLeaderEpoch: 0 isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty position: 109 CreateTime: 1700000000013 size: 118 magic: 2 compresscodec: gzip crc: 603176718 isvalid: true
| offset: 3 CreateTime: 1700000000010 keySize: 3 valueSize: 50 sequence: -1 headerKeys: [] key: gz0 payload: vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv
| offset: 4 CreateTime: 1700000000011 keySize: 3 valueSize: 50 sequence: -1 headerKeys: [] key: gz1 payload: vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv
| offset: 5 CreateTime: 1700000000012 keySize: 3 valueSize: 50 sequence: -1 headerKeys: [] key: gz2 payload: vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv
| offset: 6 CreateTime: 1700000000013 keySize: 3 valueSize: 50 sequence: -1 headerKeys: [] key: gz3 payload: vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv
baseOffset: 7 lastOffset: 8 count: 2 baseSequence: 0 lastSequence: 1 producerId: 1000 producerEpoch: 0 partitionLeaderEpoch: 0 isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty position: 227 CreateTime: 1700000000021 size: 85 magic: 2 compresscodec: none crc: 2834401897 isvalid: true
| offset: 7 CreateTime: 1700000000020 keySize: 4 valueSize: 1 sequence: 0 headerKeys: [] key: idem payload: a
| offset: 8 CreateTime: 1700000000021 keySize: 4 valueSize: 1 sequence: 1 headerKeys: [] key: idem payload: b
baseOffset: 9 lastOffset: 9 count: 1 baseSequence: 2 lastSequence: 2 producerId: 1000 producerEpoch: 0 partitionLeaderEpoch: 0 isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty position: 312 CreateTime: 1700000000022 size: 73 magic: 2 compresscodec: none crc: 2080283302 isvalid: true
| offset: 9 CreateTime: 1700000000022 keySize: 4 valueSize: 1 sequence: 2 headerKeys: [] key: idem payload: c
baseOffset: 10 lastOffset: 10 count: 1 baseSequence: 0 lastSequence: 0 producerId: 2000 producerEpoch: 3 partitionLeaderEpoch: 0 isTransactional: true isControl: false deleteHorizonMs: OptionalLong.empty position: 385 CreateTime: 1700000000030 size: 78 magic: 2 compresscodec: none crc: 339190451 isvalid: true
| offset: 10 CreateTime: 1700000000030 keySize: 1 valueSize: 9 sequence: 0 headerKeys: [] key: t payload: committed
baseOffset: 11 lastOffset: 11 count: 1 baseSequence: -1 lastSequence: -1 producerId: 2000 producerEpoch: 3 partitionLeaderEpoch: 0 isTransactional: true isControl: true deleteHorizonMs: OptionalLong.empty position: 463 CreateTime: 1700000000031 size: 78 magic: 2 compresscodec: none crc: 1932564512 isvalid: true
| offset: 11 CreateTime: 1700000000031 keySize: 4 valueSize: 6 sequence: -1 headerKeys: [] endTxnMarker: COMMIT coordinatorEpoch: 7
baseOffset: 12 lastOffset: 13 count: 2 baseSequence: 1 lastSequence: 2 producerId: 2000 producerEpoch: 3 partitionLeaderEpoch: 1 isTransactional: true isControl: false deleteHorizonMs: OptionalLong.empty position: 541 CreateTime: 1700000000041 size: 95 magic: 2 compresscodec: none crc: 2983561059 isvalid: true
| offset: 12 CreateTime: 1700000000040 keySize: 1 valueSize: 9 sequence: 1 headerKeys: [] key: t payload: aborted-1
| offset: 13 CreateTime: 1700000000041 keySize: 1 valueSize: 9 sequence: 2 headerKeys: [] key: t payload: aborted-2
baseOffset: 14 lastOffset: 14 count: 1 baseSequence: -1 lastSequence: -1 producerId: 2000 producerEpoch: 3 partitionLeaderEpoch: 1 isTransactional: true isControl: true deleteHorizonMs: OptionalLong.empty position: 636 CreateTime: 1700000000042 size: 78 magic: 2 compresscodec: none crc: 3817154073 isvalid: true
| offset: 14 CreateTime: 1700000000042 keySize: 4 valueSize: 6 sequence: -1 headerKeys: [] endTxnMarker: ABORT coordinatorEpoch: 7
baseOffset: 15 lastOffset: 16 count: 2 baseSequence: -1 lastSequence: -1 producerId: -1 producerEpoch: -1 partitionLeaderEpoch: 1 isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty position: 714 LogAppendTime: 1700000000060 size: 81 magic: 2 compresscodec: none crc: 3672676577 isvalid: true
| offset: 15 LogAppendTime: 1700000000060 keySize: 2 valueSize: 1 sequence: -1 headerKeys: [] key: la payload: x
| offset: 16 LogAppendTime: 1700000000060 keySize: 2 valueSize: 1 sequence: -1 headerKeys: [] key: la payload: y
baseOffset: 17 lastOffset: 18 count: 0 baseSequence: 10 lastSequence: 11 producerId: 3000 producerEpoch: 0 partitionLeaderEpoch: 1 isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty position: 795 CreateTime: 1700000000055 size: 61 magic: 2 compresscodec: none crc: 2280493773 isvalid: true
)";

std::string end_marker(ControlType type, int64_t timestamp, BatchFields fields) {
  fields.transactional = true;
  return control_batch(type, end_transaction_value(7), Timestamp(timestamp), fields).value();
}

// The batch of a partition: its offset and leader epoch are stamped where a broker would.
void append(std::string& log, std::string batch, int64_t base_offset, int32_t epoch) {
  stamp(batch.data(), Offset(base_offset), LeaderEpoch(epoch));
  log += batch;
}

}  // namespace

TEST_CASE("Golden: every record of a partition is read as Kafka reads it") {
  CHECK(dump(file(orders)) == orders_dumped);
}

TEST_CASE("Golden: headers keep their order, empty names and null values") {
  std::string log = file(orders);
  auto records = read(BatchView::parse(log).value()).value();
  CHECK(records ==
        std::vector<Made>{{start, "k1", "hello", {}},
                          {start + 5, std::nullopt, "no key", {{"h1", "v1"}, {"h2", std::nullopt}, {"", ""}}},
                          {start + 3, "k3", std::nullopt, {}}});
}

TEST_CASE("Golden: the same batches are built again byte for byte") {
  const BatchFields first{
      .producer_id = ProducerId(1000), .producer_epoch = ProducerEpoch(0), .base_sequence = Sequence(0)};
  BatchFields second = first;
  second.base_sequence = Sequence(2);
  BatchFields txn{.transactional = true,
                  .producer_id = ProducerId(2000),
                  .producer_epoch = ProducerEpoch(3),
                  .base_sequence = Sequence(0)};
  BatchFields txn_later = txn;
  txn_later.base_sequence = Sequence(1);
  const BatchFields emptied{
      .producer_id = ProducerId(3000), .producer_epoch = ProducerEpoch(0), .base_sequence = Sequence(10)};

  std::string expected = file(orders);
  constexpr size_t gzip_at = 109, gzip_bytes = 118;  // zlib builds differ, so this one is taken over
  std::string log;
  append(log,
         batch_of({{start, "k1", "hello", {}},
                   {start + 5, std::nullopt, "no key", {{"h1", "v1"}, {"h2", std::nullopt}, {"", ""}}},
                   {start + 3, "k3", std::nullopt, {}}}),
         0, 0);
  log += expected.substr(gzip_at, gzip_bytes);
  append(log, batch_of({{start + 20, "idem", "a", {}}, {start + 21, "idem", "b", {}}}, first), 7, 0);
  append(log, batch_of({{start + 22, "idem", "c", {}}}, second), 9, 0);
  append(log, batch_of({{start + 30, "t", "committed", {}}}, txn), 10, 0);
  append(log, end_marker(ControlType::commit, start + 31, txn), 11, 0);
  append(log, batch_of({{start + 40, "t", "aborted-1", {}}, {start + 41, "t", "aborted-2", {}}}, txn_later), 12, 1);
  append(log, end_marker(ControlType::abort, start + 42, txn), 14, 1);
  std::string stamped = batch_of({{start + 50, "la", "x", {}}, {start + 50, "la", "y", {}}});
  stamp_append_time(stamped.data(), stamped.size(), Timestamp(start + 60));
  append(log, stamped, 15, 1);
  append(log, empty_batch(emptied, 1, Timestamp(start + 55)), 17, 1);
  CHECK(log == expected);
}

TEST_CASE("Golden: a gzip batch of ours holds what Kafka's holds") {
  std::vector<Made> records;
  for (int i = 0; i < 4; i++) records.push_back({start + 10 + i, "gz" + std::to_string(i), std::string(50, 'v'), {}});
  std::string log = file(orders);
  CHECK(read(BatchView::parse(Bytes(log).substr(109)).value()).value() == records);
  CHECK(read(BatchView(batch_of(records, {.compression = Compression::gzip}))).value() == records);
}

TEST_CASE("Golden: the logs of internal topics are read and built again") {
  for (const char* name : {"__consumer_offsets-42", "__transaction_state-20"}) {
    INFO(name);
    std::string log = file(logdir + name + "/00000000000000000000.log");
    auto batch = BatchView::parse(log);
    REQUIRE(batch);
    CHECK(batch->bytes().size() == log.size());
    CHECK(batch->crc_is_valid());
    auto records = read(*batch).value();
    CHECK(records.size() == 3);
    CHECK(batch_of(records, {.leader_epoch = LeaderEpoch(0)}) == log);
  }
}
