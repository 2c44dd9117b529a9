// Streams of compressed records, read and written in pieces: the same as the whole, whatever the pieces.
#include <catch2/catch.hpp>

#include <lz4frame.h>

#include "record/compression.h"
#include "record/recompress.h"
#include "record/streamed_records.h"
#include "record/validate.h"
#include "records.h"

using namespace bobbin;
using namespace bobbin::record;
using namespace bobbin::record::test;

namespace {

const std::vector<Compression> real_codecs = {Compression::gzip, Compression::snappy, Compression::lz4,
                                              Compression::zstd};

std::string compressed(Compression codec, Bytes plain) {
  std::string out;
  REQUIRE(compress(codec, plain, out));
  return out;
}

// All pieces; each but the last must be worth a call.
Result<std::string> streamed(Compression codec, Bytes stream, const StreamLimits& limits) {
  BOBBIN_TRY_ASSIGN(source, Decompressor::open(codec, stream, limits));
  std::string out;
  for (;;) {
    BOBBIN_TRY_ASSIGN(piece, source->next());
    if (piece.empty()) return out;
    out += piece;
    if (out.size() > limits.out_bytes_max) return error(Errc::usage, "more than was allowed");
  }
}

Errc code_of(const Result<std::string>& r) { return r ? Errc::none : r.error().code; }

std::string text_of(Random& random, size_t size) {
  std::string plain(size, '\0');
  for (char& c : plain)
    c = static_cast<char>(random.one_in(3) ? random.any() : 'a' + static_cast<int64_t>(random.below(4)));
  return plain;
}

// Bytes in pieces of the sizes that chance gives.
class Chopped : public Decompressor {
 public:
  Chopped(Bytes bytes, Random& random, size_t piece_max)
      : Decompressor(bytes, {}), random_(random), piece_max_(piece_max) {}

 private:
  Result<Bytes> next_piece() override {
    Bytes piece = in_.substr(0, 1 + random_.below(piece_max_));
    in_.remove_prefix(piece.size());
    return piece;
  }
  Random& random_;
  size_t piece_max_;
};

// A frame as somebody else makes it.
std::string lz4_frame(Bytes plain, LZ4F_blockMode_t mode) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = mode;
  std::string out(LZ4F_compressFrameBound(plain.size(), &preferences), '\0');
  out.resize(LZ4F_compressFrame(out.data(), out.size(), plain.data(), plain.size(), &preferences));
  return out;
}

std::string noise(Random& random, size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random.any());
  return bytes;
}

}  // namespace

TEST_CASE("Decompressor: its pieces are what all at once is") {
  Random random;
  CAPTURE(random.seed());
  for (Compression codec : codecs)
    for (size_t size : {0u, 1u, 100u, 131071u, 131072u, 131073u, 1000003u}) {
      INFO(to_string(codec) << " of " << size << " bytes");
      std::string plain = text_of(random, size), stream = compressed(codec, plain);
      CHECK(streamed(codec, stream, {.out_bytes_max = size}).value() == plain);
      if (size > 0) CHECK(code_of(streamed(codec, stream, {.out_bytes_max = size - 1})) == Errc::message_too_large);
    }
}

TEST_CASE("Decompressor: streams one behind the other, and a raw block of snappy") {
  for (Compression codec : real_codecs) {
    INFO(to_string(codec));
    std::string middle(300000, 'y');
    std::string stream =
        compressed(codec, "first ") + compressed(codec, "") + compressed(codec, middle) + compressed(codec, "last");
    CHECK(streamed(codec, stream, {}).value() == "first " + middle + "last");
  }
  CHECK(streamed(Compression::snappy,
                 Bytes("\x0a\x04"
                       "ab\x1e\x02\x00",
                       7),
                 {})
            .value() == "ababababab");
}

TEST_CASE("Decompressor: cut or flipped anywhere it says what all at once says") {
  Random random;
  CAPTURE(random.seed());
  for (Compression codec : real_codecs) {
    std::string plain = text_of(random, 3000), stream = compressed(codec, plain);
    for (int i = 0; i < 3000; i++) {
      std::string wrong = stream;
      if (i % 2) wrong.resize(random.below(wrong.size()));
      else wrong[random.below(wrong.size())] ^= static_cast<char>(1 << random.below(8));
      std::string whole;
      Status at_once = decompress(codec, wrong, whole, 1 << 20);
      auto pieces = streamed(codec, wrong, {.out_bytes_max = 1 << 20});
      INFO(to_string(codec) << ", case " << i);
      const bool asks_for_more = !pieces && pieces.error().message.find("window") != std::string::npos;
      if (!asks_for_more) CHECK(at_once.ok() == pieces.ok());
      if (pieces) CHECK(*pieces == whole);
    }
  }
}

TEST_CASE("Decompressor: a zstd window above the limit is told as too much") {
  Bytes frame("\x28\xb5\x2f\xfd\x00\x88\x03\x00\x10x", 10);  // a window of 128 MiB, one block: 131072 times x
  CHECK(streamed(Compression::zstd, frame, {}).value() == std::string(131072, 'x'));
  CHECK(code_of(streamed(Compression::zstd, frame, {.window_bytes_max = 8 << 20})) == Errc::message_too_large);
  Bytes larger("\x28\xb5\x2f\xfd\x00\x90\x03\x00\x10x", 10);  // of 256 MiB
  CHECK(code_of(streamed(Compression::zstd, larger, {})) == Errc::message_too_large);
}

TEST_CASE("Decompressor: lz4 that others cannot read has Kafka's codes, where that is asked") {
  std::string plain(200000, 'l');
  for (size_t i = 0; i < plain.size(); i += 7) plain[i] = static_cast<char>(i);
  const std::string linked = lz4_frame(plain, LZ4F_blockLinked), independent = lz4_frame(plain, LZ4F_blockIndependent);
  const StreamLimits strict{.lz4_for_all = true};
  CHECK(streamed(Compression::lz4, linked, {}).value() == plain);
  CHECK(streamed(Compression::lz4, independent, strict).value() == plain);
  CHECK(code_of(streamed(Compression::lz4, linked, strict)) == Errc::unknown_server_error);
  CHECK(streamed(Compression::lz4, independent + independent, {}).value() == plain + plain);
  CHECK(code_of(streamed(Compression::lz4, independent + independent, strict)) == Errc::invalid_record);
  CHECK(code_of(streamed(Compression::lz4, independent + "x", strict)) == Errc::invalid_record);
  CHECK(code_of(streamed(Compression::lz4, "\x04", strict)) == Errc::malformed);
}

TEST_CASE("Compressor: what comes out comes back, and ends where it must") {
  Random random;
  CAPTURE(random.seed());
  for (Compression codec : codecs)
    for (size_t size : {0u, 1u, 100u, 65535u, 65536u, 65537u, 700001u}) {
      INFO(to_string(codec) << " of " << size << " bytes");
      std::string plain = text_of(random, size);
      auto made = [&](size_t bytes_max) -> Result<std::string> {
        BOBBIN_TRY_ASSIGN(to, Compressor::open(codec, bytes_max));
        for (Bytes left = plain; !left.empty();) {
          Bytes some = left.substr(0, 1 + random.below(100000));
          BOBBIN_TRY(to->add(some));
          left.remove_prefix(some.size());
        }
        return to->finish();
      };
      std::string stream = made(SIZE_MAX).value(), back;
      REQUIRE(decompress(codec, stream, back, size));
      CHECK(back == plain);
      CHECK(made(stream.size()).ok());
      if (!stream.empty()) CHECK(code_of(made(stream.size() - 1)) == Errc::message_too_large);
      if (codec == Compression::lz4) CHECK(streamed(codec, stream, {.lz4_for_all = true}).value() == plain);
    }
}

TEST_CASE("StreamedRecords: sees what lies in one piece, wherever the pieces end, and what is wrong with it") {
  Random random;
  CAPTURE(random.seed());
  struct Seen {
    int64_t timestamp, offset;
    bool key;
    bool operator==(const Seen&) const = default;
  };
  auto walk = [](Decompressor& source, int32_t count, std::vector<Seen>& seen) {
    StreamedRecords records(source);
    return records.walk(
        count,
        [&](int32_t, const PlainRecord& r) {
          seen.push_back({unzigzag(r.timestamp), r.offset, false});
        },
        [&](int32_t, const StreamedRecords::Head& h) {
          seen.push_back({h.timestamp_delta, h.offset_delta, h.has_key});
        });
  };
  for (int i = 0; i < 400; i++) {
    std::vector<Made> made = random.records(30);
    std::string bytes = batch_of(made).substr(batch_header_bytes);
    if (i % 2) bytes[random.below(std::min<size_t>(bytes.size(), 300))] ^= static_cast<char>(1 << random.below(8));
    if (i % 6 == 3) bytes.resize(random.below(bytes.size()));
    auto count = static_cast<int32_t>(made.size());
    std::vector<Seen> whole, pieces;
    Chopped all(bytes, random, SIZE_MAX - 1), some(bytes, random, random.one_in(2) ? 7 : 5000);
    RecordReader reader;
    std::string batch = batch_around(bytes, count);
    Status opened = reader.open(BatchView(batch), any_size);
    Status at_once = walk(all, count, whole), chopped = walk(some, count, pieces);
    REQUIRE(at_once.ok() == chopped.ok());
    CHECK(whole == pieces);
    auto validated = validate_records(BatchView(batch), {any_size});
    if (opened) REQUIRE(validated.ok() == chopped.ok());
    if (opened && !validated && !chopped) {
      auto which = [](const Error& e) { return e.message.substr(0, e.message.find(':')); };
      CHECK(which(validated.error()) == which(chopped.error()));
    }
  }
}

TEST_CASE("validate_records: a record of gigabytes is looked at without being held") {
  // 1 GiB of zeros as the value of one record, packed a thousand times smaller.
  const int64_t value_bytes = int64_t{1} << 30;
  std::string head;
  std::string body("\0\0\0", 3);
  append_varint(body, -1);
  append_varint(body, value_bytes);
  append_varint(head, static_cast<int64_t>(body.size()) + value_bytes + 1);
  auto to = Compressor::open(Compression::zstd, SIZE_MAX).value();
  REQUIRE(to->add(head + body));
  const std::string zeros(1 << 20, '\0');
  for (int64_t left = value_bytes; left > 0; left -= static_cast<int64_t>(zeros.size())) REQUIRE(to->add(zeros));
  REQUIRE(to->add(Bytes("\0", 1)));
  std::string batch = batch_around(to->finish().value(), 1, Compression::zstd);
  CHECK(batch.size() < 200000);
  CHECK(validate_records(BatchView(batch), {.out_bytes_max = size_t{2} << 30}).value().records == 1);
  CHECK(validate_records(BatchView(batch), {.out_bytes_max = 256 << 20}).error().code == Errc::message_too_large);
}

TEST_CASE("Recompression: records come out as they were, in any codec, and numbered anew where they had gaps") {
  Random random;
  CAPTURE(random.seed());
  for (Compression from : codecs)
    for (Compression to : codecs) {
      INFO(to_string(from) << " to " << to_string(to));
      std::vector<Made> made = random.records(200);
      made.push_back({made[0].timestamp, std::nullopt, noise(random, 300000), {{"h", noise(random, 140000)}}});
      BatchFields fields{.compression = from,
                         .producer_id = ProducerId(7),
                         .producer_epoch = ProducerEpoch(1),
                         .base_sequence = Sequence(3)};
      std::string batch = batch_of(made, fields);
      std::string out = recompress(BatchView(batch), {.codec = to}, {}).value();
      BatchView view(out);
      CHECK(view.crc_is_valid());
      CHECK(view.compression() == to);
      CHECK(view.producer_id() == ProducerId(7));
      CHECK(read(view).value() == made);
      CHECK(recompress(BatchView(batch), {.codec = to, .bytes_max = out.size()}, {}).ok());
      CHECK(recompress(BatchView(batch), {.codec = to, .bytes_max = out.size() - 1}, {}).error().code ==
            Errc::message_too_large);
      // Every record three further: as compaction, or an old client, leaves them.
      BatchBuilder builder;
      std::string plain = batch_of(made, {});
      std::string gaps;
      RecordReader reader;
      REQUIRE(reader.open(BatchView(plain), any_size));
      Bytes rest = reader.rest();
      int32_t i = 0;
      for (const Made& m : made) {
        int64_t length = 0;
        const char* at = get_varint(rest.data(), rest.data() + rest.size(), length, 32);
        Bytes body(at, static_cast<size_t>(length));
        int64_t timestamp = 0, offset = 0;
        const char* behind = get_varint(body.data() + 1, body.data() + body.size(), timestamp, 64);
        behind = get_varint(behind, body.data() + body.size(), offset, 32);
        REQUIRE(offset == i);
        std::string other(1, body[0]);
        append_varint(other, timestamp);
        append_varint(other, i * 3 + 1);
        other.append(behind, static_cast<size_t>(body.data() + body.size() - behind));
        append_varint(gaps, static_cast<int64_t>(other.size()));
        gaps += other;
        rest.remove_prefix(static_cast<size_t>(at - rest.data()) + body.size());
        (void)m;
        i++;
      }
      std::string packed;
      REQUIRE(compress(from, gaps, packed));
      std::string gapped = batch_of(made, fields).substr(0, batch_header_bytes) + packed;
      store_be(gapped.data() + 8, static_cast<int32_t>(gapped.size() - batch_log_overhead));
      CHECK_FALSE(validate_records(BatchView(gapped), {any_size}).value().offsets_are_dense);
      std::string dense = recompress(BatchView(gapped), {.codec = to, .renumber = true}, {}).value();
      CHECK(read(BatchView(dense)).value() == made);
      CHECK(validate_records(BatchView(dense), {any_size}).value().offsets_are_dense);
    }
}
