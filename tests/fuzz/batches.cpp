// Batches, their codecs, and what a consumer makes of bytes that a broker sent as batches.
#include <cstdint>

#include "client/consumer/consumer.h"
#include "client/consumer/partition_reader.h"
#include "fuzz/target.h"
#include "record/compression.h"
#include "record/control.h"
#include "record/decompressor.h"
#include "record/recompress.h"
#include "record/scan.h"
#include "record/validate.h"

namespace bobbin::fuzz {

using namespace record;

namespace {

constexpr size_t out_bytes_max = size_t{1} << 20;

// In another codec, and without gaps, it is as good.
void pack_again(const BatchView& batch, const Summary& was) {
  for (auto codec : {Compression::none, Compression::lz4}) {
    auto again = recompress(batch, {codec, !was.offsets_are_dense}, {out_bytes_max});
    must(again.ok(), "what is valid can be packed again");
    BatchView view(*again);
    must(view.crc_is_valid() && view.compression() == codec, "as it should be");
    auto now = validate_records(view, {2 * out_bytes_max});
    must(now.ok() && now->offsets_are_dense && now->records == was.records, "all of its records");
    must(now->min_timestamp == was.min_timestamp && now->max_timestamp == was.max_timestamp, "with their times");
  }
}

void read_batch(const BatchView& batch) {
  (void)batch.crc_is_valid();
  auto valid = validate_records(batch, {out_bytes_max});
  RecordReader reader;
  if (!reader.open(batch, out_bytes_max)) return must(!valid.ok(), "records that cannot be opened are not valid");
  std::vector<Header> headers;
  Record record;
  int32_t count = 0;
  for (;;) {
    auto more = reader.next(record);
    must(more.ok() || !valid.ok() || !valid->offsets_are_dense, "records that cannot be read are not valid");
    if (!more) return;
    if (!*more) break;
    count++;
    must(parse_headers(record, headers), "headers that were walked parse");
    if (batch.is_control()) (void)control_type(record), (void)coordinator_epoch(record);
  }
  must(count == batch.records_count(), "as many records as the batch counts");
  must(valid.ok() && valid->records == count, "what can be read is valid");
  if (count > 0) pack_again(batch, *valid);  // an empty one no client sends
}

// Nothing: it was refused.
std::optional<std::string> in_pieces(Compression codec, Bytes stream) {
  auto source = Decompressor::open(codec, stream, {out_bytes_max});
  if (!source) return std::nullopt;
  std::string out;
  for (;;) {
    auto piece = (*source)->next();
    must(!piece || (*source)->out_bytes() <= out_bytes_max, "the limit holds for pieces");
    if (!piece) return std::nullopt;
    if (piece->empty()) return out;
    out += *piece;
  }
}

void read_stream(Compression codec, Bytes stream) {
  std::string out = "before";
  Status done = decompress(codec, stream, out, out_bytes_max);
  must(out.starts_with("before"), "what was there stays");
  must(out.size() <= 6 + out_bytes_max + 1, "the limit holds");
  auto pieces = in_pieces(codec, stream);
  must(done.ok() || !pieces, "in pieces it is no better");
  // Whole, libzstd takes blocks that are larger than their window; a stream refuses them, as Kafka's does.
  must(pieces || !done || codec == Compression::zstd, "in pieces it is as good");
  if (!done || !pieces) return;
  must(Bytes(out).substr(6) == *pieces, "and the same");
  must(out.size() <= 6 + out_bytes_max, "what is too large is refused");
  std::string again, back;
  must(compress(codec, Bytes(out).substr(6), again), "what came out goes in");
  must(decompress(codec, again, back, out_bytes_max), "and comes out");
  must(back == Bytes(out).substr(6), "as it was");
}

// Takes what it is given, and looks whether it may be.
class Sink final : public client::Sink {
 public:
  Sink(Offset from, size_t records_max) : from_(from), records_max_(records_max) {}
  bool take(std::string_view, PartitionId, const Record& record) override {
    must(record.offset >= from_, "what was read before is not read again");
    bytes_ += record.key.value_or("").size() + record.value.value_or("").size();
    return ++records_ % records_max_ != 0;
  }

 private:
  Offset from_;
  size_t records_max_;
  size_t records_ = 0, bytes_ = 0;
};

}  // namespace

void batch(Bytes input) {
  std::string sealed(input);
  seal_batches(sealed);
  scan_batches(sealed, [](const BatchView& batch, size_t) {
    must(batch.next_offset() > offset_none || batch.last_offset_delta() < 0, "offsets of a batch do not overflow");
    must(batch.crc_is_valid(), "a batch that was sealed");
    read_batch(batch);
    return true;
  });
  if (input.size() >= batch_header_bytes) read_batch(BatchView(input));  // also one that no scan would let through
}

// From which offset, whether to seal, then the bytes of two answers.
void fetched(Bytes input) {
  Pieces pieces(input);
  auto flags = pieces.number<uint8_t>();
  std::string buffer;
  client::PartitionReader reader("t", TopicId{}, PartitionId(0), out_bytes_max);
  reader.seek(Offset(flags >> 3));
  if (flags & 2) reader.set_stop(Offset(40));
  Sink sink(Offset(flags >> 3), flags & 4 ? 2 : SIZE_MAX);
  for (int answer = 0; answer < 2; answer++) {
    auto bytes = std::make_shared<std::string>(pieces.piece());
    if (flags & 1) seal_batches(*bytes);
    Offset asked = reader.fetch_offset();
    reader.take(bytes, *bytes);
    must(reader.fetch_offset() >= asked, "the next question goes on");
  }
  for (int turn = 0; reader.has_records(); turn++) {
    must(turn < 10'000, "handing over ends");
    bool paused = false;
    Offset before = reader.next();
    auto count = reader.deliver(sink, paused);
    must(reader.next() >= before, "positions ascend");
    if (!count) return must(!count.error().message.empty(), "what is wrong is said");
  }
}

void gzip(Bytes input) { read_stream(Compression::gzip, input); }
void snappy(Bytes input) { read_stream(Compression::snappy, input); }
void lz4(Bytes input) { read_stream(Compression::lz4, input); }
void zstd(Bytes input) { read_stream(Compression::zstd, input); }

}  // namespace bobbin::fuzz
