// A small language for the tests of this folder: records as owned values, batches from them, and the way back.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "record/batch_builder.h"

namespace bobbin::record::test {

using Text = std::optional<std::string>;

struct Made {
  int64_t timestamp = 0;
  Text key;
  Text value;
  std::vector<std::pair<std::string, Text>> headers;
  bool operator==(const Made&) const = default;
};

constexpr size_t any_size = size_t{1} << 30;

inline std::optional<Bytes> view(const Text& text) { return text ? std::optional<Bytes>(*text) : std::nullopt; }
inline Text owned(const std::optional<Bytes>& bytes) { return bytes ? Text(std::string(*bytes)) : std::nullopt; }

inline size_t add(BatchBuilder& builder, const Made& made) {
  std::vector<Header> headers;
  for (const auto& [key, value] : made.headers) headers.push_back({key, view(value)});
  return builder.add(Timestamp(made.timestamp), view(made.key), view(made.value), headers);
}

inline std::string batch_of(const std::vector<Made>& records, const BatchFields& fields = {}) {
  BatchBuilder builder;
  for (const Made& made : records) add(builder, made);
  return builder.seal(fields).value();
}

// A batch around records that are already encoded, so that they may be wrong; its crc is right.
inline std::string batch_around(Bytes records, int32_t count, Compression codec = Compression::none) {
  std::string batch = empty_batch({.compression = codec}, std::max(0, count - 1), Timestamp(0));
  batch += records;
  store_be(batch.data() + 8, static_cast<int32_t>(batch.size() - batch_log_overhead));
  store_be(batch.data() + 57, count);
  stamp_producer(batch.data(), batch.size(), producer_id_none, ProducerEpoch(-1), Sequence(-1));
  return batch;
}

inline Result<std::vector<Made>> read(const BatchView& batch, size_t decompressed_bytes_max = any_size) {
  RecordReader reader;
  BOBBIN_TRY(reader.open(batch, decompressed_bytes_max));
  std::vector<Made> all;
  std::vector<Header> headers;
  Record record;
  for (;;) {
    BOBBIN_TRY_ASSIGN(more, reader.next(record));
    if (!more) return all;
    BOBBIN_TRY(parse_headers(record, headers));
    Made made{record.timestamp.value, owned(record.key), owned(record.value), {}};
    for (const Header& header : headers) made.headers.emplace_back(header.key, owned(header.value));
    all.push_back(std::move(made));
  }
}

inline std::string file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) std::abort();
  return {std::istreambuf_iterator<char>(in), {}};
}

// Randomness whose seed a failing test prints; BOBBIN_SEED repeats it.
class Random {
 public:
  Random() : seed_(chosen_seed()), engine_(seed_) {}
  uint64_t seed() const { return seed_; }
  size_t below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(engine_); }
  bool one_in(size_t n) { return below(n) == 0; }
  int64_t any() { return static_cast<int64_t>(engine_()); }

  // Some bytes are noise and some repeat, so that codecs find both.
  std::string bytes(size_t size_max) {
    std::string out(below(size_max + 1), static_cast<char>(engine_()));
    if (one_in(2))
      for (char& c : out) c = static_cast<char>(engine_());
    return out;
  }
  Text text(size_t size_max) { return one_in(5) ? std::nullopt : Text(bytes(size_max)); }

  Made record() {
    Made made{one_in(10) ? any() : 1700000000000 + static_cast<int64_t>(below(100000)),
              text(20),
              text(one_in(20) ? 70000 : 200),
              {}};
    for (size_t n = one_in(3) ? below(4) : 0; n > 0; n--) made.headers.emplace_back(bytes(10), text(30));
    return made;
  }
  std::vector<Made> records(size_t count_max) {
    std::vector<Made> all(1 + below(count_max));
    for (Made& made : all) made = record();
    return all;
  }

 private:
  static uint64_t chosen_seed() {
    const char* given = std::getenv("BOBBIN_SEED");
    return given ? std::strtoull(given, nullptr, 10) : std::random_device()();
  }

  uint64_t seed_;
  std::mt19937_64 engine_;
};

inline const std::vector<Compression> codecs = {Compression::none, Compression::gzip, Compression::snappy,
                                                Compression::lz4, Compression::zstd};

}  // namespace bobbin::record::test
