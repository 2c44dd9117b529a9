#include "client/producer/out_batch.h"

#include <catch2/catch.hpp>

#include "client/producer/open_batch.h"

using namespace bobbin;
using namespace bobbin::client;

TEST_CASE("OutBatch: its halves have all of its records, with their sequences and numbers") {
  const int32_t count = GENERATE(2, 3, 8, 101);
  const bool keeps_numbers = GENERATE(false, true);
  const SealFields fields{record::Compression::none, ProducerId(7), ProducerEpoch(0)};
  OpenBatch open(nullptr);
  open.begin(30, 0, std::nullopt);
  for (int i = 0; i < count; i++) {
    std::string value = "v" + std::to_string(i);
    open.builder().add(Timestamp(1000 + i), std::nullopt, Bytes(value));
    if (keeps_numbers) open.keep_number(30 + static_cast<uint64_t>(i));
  }
  auto whole = open.seal(fields, Sequence(INT32_MAX));  // the next one is 0
  REQUIRE(whole.ok());
  auto halves = halves_of(*whole, fields, 1 << 20);
  REQUIRE(halves.ok());
  REQUIRE(halves->size() == 2);
  CHECK((*halves)[0].base_sequence == Sequence(INT32_MAX));
  CHECK((*halves)[1].base_sequence == Sequence(count / 2 - 1));
  int i = 0;
  for (const OutBatch& half : *halves) {
    CHECK(half.first_number == 30);
    CHECK(half.numbers.size() == (keeps_numbers ? static_cast<size_t>(half.records) : 0));
    if (keeps_numbers) CHECK(half.numbers.front() == 30 + static_cast<uint64_t>(i));
    record::BatchView view(half.bytes());
    CHECK(view.crc_is_valid());
    CHECK(view.base_sequence() == half.base_sequence);
    record::RecordReader reader;
    REQUIRE(reader.open(view, 1 << 20).ok());
    record::Record r;
    for (int32_t n = 0; n < half.records; n++, i++) {
      auto more = reader.next(r);
      REQUIRE((more.ok() && *more));
      CHECK(r.value == "v" + std::to_string(i));
      CHECK(r.timestamp == Timestamp(1000 + i));
    }
  }
  CHECK(i == count);
}
