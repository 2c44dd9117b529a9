// Bytes that are wrong: every cut, every flip, and one case for each check.
#include <catch2/catch.hpp>

#include "base/varint.h"
#include "record/compression.h"
#include "record/scan.h"
#include "record/validate.h"
#include "records.h"

using namespace bobbin;
using namespace bobbin::record;
using namespace bobbin::record::test;

namespace {

const std::vector<Made> three = {{1000, "key", "the value", {{"h", "v"}}},
                                 {1001, std::nullopt, std::string(300, 'x'), {}},
                                 {999, "k", std::nullopt, {}}};

Errc code_of(const std::string& batch) {
  auto records = read(BatchView(batch));
  return records ? Errc::none : records.error().code;
}

// One encoded record with the numbers that are given, whatever its length says.
struct Numbers {
  int64_t length_more = 0;
  int64_t offset_delta = 0;
  int64_t key_size = 1;
  int64_t value_size = 1;
  int64_t headers_count = 0;
  std::string headers = {};
};
std::string record_of(const Numbers& numbers) {
  std::string body(1, '\0');
  append_varint(body, 0);
  append_varint(body, numbers.offset_delta);
  append_varint(body, numbers.key_size);
  body += "k";
  append_varint(body, numbers.value_size);
  body += "v";
  append_varint(body, numbers.headers_count);
  body += numbers.headers;
  std::string record;
  append_varint(record, static_cast<int64_t>(body.size()) + numbers.length_more);
  return record + body;
}
Errc code_of(const Numbers& numbers) { return code_of(batch_around(record_of(numbers), 1)); }

}  // namespace

TEST_CASE("A batch that is cut at any byte is never read to its end") {
  for (Compression codec : codecs) {
    std::string batch = batch_of(three, {.compression = codec});
    for (size_t size = 0; size < batch.size(); size++) {
      INFO(to_string(codec) << " cut at " << size);
      std::string cut = batch.substr(0, size);
      CHECK_FALSE(BatchView::parse(cut));
      CHECK(code_of(cut) == Errc::malformed);
      auto judged = validate_records(BatchView(cut), {1 << 20});
      REQUIRE_FALSE(judged);
      CHECK(judged.error().code == Errc::malformed);
    }
    CHECK(code_of(batch) == Errc::none);
  }
}

TEST_CASE("A byte that is flipped is told by magic, length or crc, and reading goes on to an end") {
  for (Compression codec : codecs) {
    const std::string good = batch_of(three, {.compression = codec});
    for (size_t at = 0; at < good.size(); at++) {
      for (int bits : {0x01, 0x80, 0xff}) {
        INFO(to_string(codec) << " byte " << at << " bits " << bits);
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ bits);
        auto batch = BatchView::parse(bad);
        bool outside_crc = at < 8 || (at >= 12 && at < 16);
        CHECK((outside_crc || !batch || !batch->crc_is_valid()));
        (void)read(BatchView(bad), 1 << 20);
      }
    }
  }
}

TEST_CASE("A compressed stream that is cut or flipped anywhere never takes more than its limit") {
  std::string plain = Random().bytes(3000) + std::string(5000, 'a');
  for (Compression codec : codecs) {
    if (codec == Compression::none) continue;
    std::string stream;
    REQUIRE(compress(codec, plain, stream));
    for (size_t at = 0; at < stream.size(); at++) {
      INFO(to_string(codec) << " at " << at);
      std::string out;
      // Java's framing of snappy may end behind its header.
      if (codec != Compression::snappy || at != 16)
        CHECK_FALSE(decompress(codec, Bytes(stream).substr(0, at), out, plain.size()));
      std::string bad = stream;
      bad[at] = static_cast<char>(~bad[at]);
      out.clear();
      (void)decompress(codec, bad, out, plain.size());
      CHECK(out.size() <= plain.size() + 1);
    }
  }
}

TEST_CASE("Counts that cannot be true are refused before anything is read") {
  std::string one = record_of({});
  CHECK(code_of(batch_around(one, 1)) == Errc::none);
  CHECK(code_of(batch_around(one, -1)) == Errc::malformed);
  CHECK(code_of(batch_around(one, 0)) == Errc::malformed);  // bytes behind the last record
  CHECK(code_of(batch_around(one + one, 1)) == Errc::malformed);
  CHECK(code_of(batch_around(one + one, 3)) == Errc::malformed);  // fewer than it counts
  CHECK(code_of(batch_around(one, 2147483647)) == Errc::malformed);
  CHECK(code_of(batch_around("", 1)) == Errc::malformed);
  CHECK(code_of(batch_around("", 0)) == Errc::none);  // as compaction leaves it
  CHECK(code_of(batch_around("", 0, Compression::zstd)) == Errc::none);
  CHECK(code_of(batch_around(one, 1, static_cast<Compression>(5))) == Errc::unsupported_compression_type);
}

TEST_CASE("A record takes exactly the bytes that it claims") {
  CHECK(code_of(Numbers{}) == Errc::none);
  for (int64_t more : {-100, -9, -8, -7, -2, -1, 1, 2, 100, 2000000000}) {
    INFO(more);
    CHECK(code_of(Numbers{.length_more = more}) == Errc::malformed);
  }
  CHECK(code_of(Numbers{.offset_delta = -1}) == Errc::malformed);
  for (int64_t size : {-2, 2, 5, 1000000, 2147483647, -2147483647}) {
    INFO(size);
    CHECK(code_of(Numbers{.key_size = size}) == Errc::malformed);
    CHECK(code_of(Numbers{.value_size = size}) == Errc::malformed);
  }
}

TEST_CASE("Headers end where their record ends") {
  CHECK(code_of(Numbers{.headers_count = 1, .headers = {"\x02h\x02v", 4}}) == Errc::none);
  CHECK(code_of(Numbers{.headers_count = 1, .headers = {"\x02h\x01", 3}}) == Errc::none);       // null value
  CHECK(code_of(Numbers{.headers_count = 1, .headers = {"\x01\x02v", 3}}) == Errc::malformed);  // null key
  CHECK(code_of(Numbers{.headers_count = 1, .headers = {"\x02h\x04v", 4}}) == Errc::malformed);
  CHECK(code_of(Numbers{.headers_count = 2, .headers = {"\x02h\x02v", 4}}) == Errc::malformed);
  CHECK(code_of(Numbers{.headers_count = 0, .headers = {"\x02h\x02v", 4}}) == Errc::malformed);
  CHECK(code_of(Numbers{.headers_count = -1}) == Errc::malformed);
  CHECK(code_of(Numbers{.headers_count = 2147483647}) == Errc::malformed);
}

TEST_CASE("A number of more bytes than its type can have is malformed") {
  std::string long_length("\xff\xff\xff\xff\xff\x01", 6);
  CHECK(code_of(batch_around(long_length + record_of({}), 1)) == Errc::malformed);
  std::string long_timestamp("\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00\x01\x01\x00", 16);
  std::string record;
  append_varint(record, static_cast<int64_t>(long_timestamp.size()));
  CHECK(code_of(batch_around(record + long_timestamp, 1)) == Errc::malformed);
}

TEST_CASE("What is no batch says so") {
  std::string batch = batch_of(three);
  CHECK(batch_size(batch) == batch.size());
  auto changed = [&](auto change) {
    std::string other = batch;
    change(other.data());
    return other;
  };
  std::string old = changed([](char* at) { at[16] = 1; });
  CHECK(BatchView::parse(old).error().message == "no record batch of format 2: its magic is 1");
  std::string small = changed([](char* at) { store_be(at + 8, int32_t{48}); });
  std::string negative = changed([](char* at) { store_be(at + 8, int32_t{-1}); });
  std::string before = changed([](char* at) { store_be(at, int64_t{-1}); });
  std::string beyond = changed([](char* at) { store_be(at, std::numeric_limits<int64_t>::max()); });
  for (const std::string& bad : {old, small, negative, before, beyond}) {
    CHECK(batch_size(bad) == std::nullopt);
    CHECK(BatchView::parse(bad).error().code == Errc::malformed);
    CHECK(code_of(bad) == Errc::malformed);
  }
  CHECK(batch_size(Bytes(batch).substr(0, 16)) == std::nullopt);
  CHECK(code_of(batch + "more") == Errc::malformed);
}

TEST_CASE("A last offset before the first is malformed") {
  std::string batch = batch_of(three);
  store_be(batch.data() + 23, int32_t{-1});
  CHECK(code_of(batch) == Errc::malformed);
}

TEST_CASE("A scan tells a torn tail from one that cannot be a batch") {
  std::string one = batch_of(three), both = one + one;
  auto scan = [](Bytes bytes, size_t visits_max = 9) {
    return scan_batches(bytes, [&](const BatchView& batch, size_t position) {
      CHECK(batch.crc_is_valid());
      CHECK(position % batch.bytes().size() == 0);
      return visits_max-- > 0;
    });
  };
  auto is = [](Scanned scanned, ScanEnd end, size_t bytes) { return scanned.end == end && scanned.bytes == bytes; };
  CHECK(is(scan(""), ScanEnd::whole, 0));
  CHECK(is(scan(both), ScanEnd::whole, both.size()));
  for (size_t size = one.size() + 1; size < both.size(); size++)
    CHECK(is(scan(Bytes(both).substr(0, size)), ScanEnd::torn, one.size()));
  CHECK(is(scan(one + std::string(17, '\0')), ScanEnd::malformed, one.size()));
  CHECK(is(scan(one + std::string(16, '\0')), ScanEnd::torn, one.size()));
  CHECK(is(scan(both, 1), ScanEnd::stopped, one.size()));
}
