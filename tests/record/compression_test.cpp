#include <catch2/catch.hpp>

#include "record/compression.h"
#include "records.h"

using namespace bobbin;
using namespace bobbin::record;
using namespace bobbin::record::test;

namespace {

std::string compressed(Compression codec, Bytes plain) {
  std::string out;
  REQUIRE(compress(codec, plain, out));
  return out;
}

Errc code_of(Compression codec, Bytes stream, size_t out_bytes_max) {
  std::string out;
  Status done = decompress(codec, stream, out, out_bytes_max);
  return done ? Errc::none : done.error().code;
}

const std::vector<Compression> real_codecs = {Compression::gzip, Compression::snappy, Compression::lz4,
                                              Compression::zstd};

}  // namespace

TEST_CASE("Compression: names are Kafka's and come back") {
  for (Compression codec : codecs) CHECK(parse_compression(to_string(codec)) == codec);
  CHECK(parse_compression("gzip") == Compression::gzip);
  CHECK(parse_compression("GZIP") == std::nullopt);
  CHECK(parse_compression("") == std::nullopt);
  CHECK(to_string(static_cast<Compression>(7)) == "unknown");
}

TEST_CASE("Compression: every size comes back, behind what was there before") {
  Random random;
  CAPTURE(random.seed());
  std::vector<size_t> sizes = {0, 1, 2, 60, 4095, 4096, 4097, 32767, 32768, 32769, 65536, 131073, 1000003};
  for (Compression codec : codecs) {
    for (size_t size : sizes) {
      for (bool noise : {false, true}) {
        INFO(to_string(codec) << " of " << size << " bytes" << (noise ? " of noise" : ""));
        std::string plain(size, 'z');
        if (noise)
          for (char& c : plain) c = static_cast<char>(random.any());
        std::string stream = "before";
        REQUIRE(compress(codec, plain, stream));
        REQUIRE(stream.starts_with("before"));
        std::string out = "kept";
        REQUIRE(decompress(codec, Bytes(stream).substr(6), out, size));
        REQUIRE(out == "kept" + plain);
        if (size > 0) REQUIRE(code_of(codec, Bytes(stream).substr(6), size - 1) == Errc::message_too_large);
      }
    }
  }
}

TEST_CASE("Compression: a bomb is refused with bounded memory") {
  constexpr size_t limit = size_t{1} << 20;
  std::string zeros(size_t{64} << 20, '\0');
  for (Compression codec : real_codecs) {
    INFO(to_string(codec));
    std::string stream = compressed(codec, zeros), out;
    Status done = decompress(codec, stream, out, limit);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::message_too_large);
    CHECK(out.capacity() <= 2 * limit);
  }
}

TEST_CASE("Compression: a bomb inside a batch is refused too") {
  std::string batch = batch_of({{1, "k", std::string(1 << 20, 'x'), {}}}, {.compression = Compression::zstd});
  CHECK(batch.size() < 1000);
  CHECK(read(BatchView(batch), 1 << 20).error().code == Errc::message_too_large);
  CHECK(read(BatchView(batch), (1 << 20) + 100).ok());
}

TEST_CASE("Compression: a size that cannot be true takes no memory") {
  std::string out;
  Bytes huge("\xff\xff\xff\xff\x0f\x10hello", 11);  // a raw snappy block that claims 4 GiB
  CHECK(decompress(Compression::snappy, huge, out, any_size * 2).error().code == Errc::malformed);
  CHECK(out.capacity() < 100);
  // A zstd frame that says 1 GiB and holds five bytes.
  Bytes frame("\x28\xb5\x2f\xfd\xa0\x00\x00\x00\x40\x29\x00\x00hello", 17);
  CHECK(decompress(Compression::zstd, frame, out, any_size).error().code == Errc::malformed);
  CHECK(out.capacity() < 100000);
}

TEST_CASE("Compression: a zstd frame with a window of 128 MiB needs only the room of its content") {
  Bytes frame("\x28\xb5\x2f\xfd\x00\x88\x03\x00\x10x", 10);  // one block: 131072 times x
  std::string out;
  REQUIRE(decompress(Compression::zstd, frame, out, 131072));
  CHECK(out == std::string(131072, 'x'));
  CHECK(out.capacity() <= 131073);
}

TEST_CASE("Compression: streams one behind the other are one") {
  for (Compression codec : real_codecs) {
    INFO(to_string(codec));
    std::string stream = compressed(codec, "first ") + compressed(codec, std::string(100000, 'y')) +
                         compressed(codec, "last"),
                out;
    REQUIRE(decompress(codec, stream, out, any_size));
    CHECK(out == "first " + std::string(100000, 'y') + "last");
  }
}

TEST_CASE("Compression: bytes behind a stream that are none are malformed") {
  for (Compression codec : real_codecs) {
    INFO(to_string(codec));
    CHECK(code_of(codec, compressed(codec, "text") + "junk!", any_size) == Errc::malformed);
    CHECK(code_of(codec, "", any_size) == Errc::malformed);
    CHECK(code_of(codec, "junk that is no stream", any_size) == Errc::malformed);
  }
  CHECK(code_of(static_cast<Compression>(6), "", any_size) == Errc::unsupported_compression_type);
}

TEST_CASE("Compression: snappy is written in Java's framing and read raw as well") {
  Bytes java_header("\x82SNAPPY\0\0\0\0\x01\0\0\0\x01", 16);
  std::string framed = compressed(Compression::snappy, std::string(70000, 's')), out;
  CHECK(framed.starts_with(java_header));
  // As librdkafka sends it: a literal "ab" and a copy of eight bytes from two before.
  REQUIRE(decompress(Compression::snappy,
                     Bytes("\x0a\x04"
                           "ab\x1e\x02\x00",
                           7),
                     out, 10));
  CHECK(out == "ababababab");
  CHECK(code_of(Compression::snappy,
                Bytes("\x0a\x04"
                      "ab\x1e\x02\x00",
                      7),
                9) == Errc::message_too_large);
  // A block may be of any size; a length of 0 or below, or beyond the end, is none.
  out.clear();
  REQUIRE(
      decompress(Compression::snappy, std::string(java_header) + std::string("\0\0\0\x07\x05\x10hello", 11), out, 5));
  CHECK(out == "hello");
  for (Bytes length :
       {Bytes("\0\0\0\0", 4), Bytes("\xff\xff\xff\xff", 4), Bytes("\0\0\0\x08", 4), Bytes("\x7f\xff\xff\xff", 4)})
    CHECK(code_of(Compression::snappy, std::string(java_header) + std::string(length) + "\x05\x10hello", any_size) ==
          Errc::malformed);
}

TEST_CASE("Compression: lz4 frames have independent blocks, which Java asks for") {
  for (size_t size : {10u, 100u, 70000u, 5000000u}) {
    std::string frame = compressed(Compression::lz4, std::string(size, 'l'));
    CHECK(load_be<uint32_t>(frame.data()) == 0x04224d18);  // the magic, little endian
    CHECK((frame[4] & 0x20) != 0);
  }
}
