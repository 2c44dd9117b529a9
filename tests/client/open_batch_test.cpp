#include "client/producer/open_batch.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::client;

namespace {

const SealFields fields{record::Compression::none, ProducerId(7), ProducerEpoch(2)};
using Numbers = std::vector<uint64_t>;

void add(OpenBatch& batch, uint64_t number, const std::string& value = "value") {
  if (batch.is_empty()) batch.begin(number, 100, std::nullopt);
  batch.builder().add(Timestamp(1), std::nullopt, Bytes(value));
  batch.keep_number(number);
}

}  // namespace

TEST_CASE("OpenBatch: what is sealed has the records, their numbers and sequence, and the next one begins empty") {
  OpenBatch open(nullptr);
  CHECK(open.is_empty());
  CHECK(open.bytes() == 0);
  add(open, 5);
  add(open, 6);
  CHECK(open.records() == 2);
  CHECK(open.first_number() == 5);
  CHECK(open.opened_at() == 100);
  size_t bytes = open.bytes();
  auto sealed = open.seal(fields, Sequence(9));
  REQUIRE(sealed.ok());
  CHECK(sealed->records == 2);
  CHECK(sealed->numbers == Numbers{5, 6});
  CHECK(sealed->first_number == 5);
  CHECK(sealed->state == OutBatch::State::waiting);
  record::BatchView view(sealed->bytes());
  CHECK(view.bytes().size() == bytes);
  CHECK(view.crc_is_valid());
  CHECK(view.base_sequence() == Sequence(9));
  CHECK(view.producer_id() == ProducerId(7));
  CHECK(open.is_empty());
  CHECK(open.numbers().empty());
}

TEST_CASE("OpenBatch: without a producer's id there is no sequence") {
  OpenBatch open(nullptr);
  add(open, 1);
  auto sealed = open.seal({}, Sequence(9));
  REQUIRE(sealed.ok());
  CHECK(record::BatchView(sealed->bytes()).base_sequence() == Sequence(-1));
}

TEST_CASE("OpenBatch: it is pushed until it is sealed or dropped, and only if something is in it") {
  OpenBatch open(nullptr);
  open.push();
  CHECK_FALSE(open.is_pushed());
  add(open, 1);
  CHECK_FALSE(open.is_pushed());
  open.push();
  CHECK(open.is_pushed());
  if (GENERATE(false, true)) REQUIRE(open.seal(fields, Sequence(0)).ok());
  else open.drop();
  CHECK_FALSE(open.is_pushed());
  CHECK(open.is_empty());
  CHECK(open.numbers().empty());
  add(open, 2);
  CHECK_FALSE(open.is_pushed());
}

TEST_CASE("OpenBatch: after a large batch a piece is worth while, and a spare is taken where there is none") {
  std::vector<std::string> spares{std::string(1000, 'x')};
  OpenBatch open(&spares);
  CHECK_FALSE(open.wants_piece());
  add(open, 1, std::string(64 << 10, 'v'));
  CHECK(spares.empty());
  REQUIRE(open.seal(fields, Sequence(0)).ok());
  CHECK(open.wants_piece());
  auto memory = transport::FrameMemory::create();
  REQUIRE(memory.ok());
  auto piece = (*memory)->take(OpenBatch::piece_bytes(70 << 10));
  REQUIRE(piece);
  open.begin(2, 0, std::move(piece));
  open.builder().add(Timestamp(1), std::nullopt, Bytes("small"));
  auto sealed = open.seal(fields, Sequence(1));
  REQUIRE(sealed.ok());
  CHECK((*memory)->place_of(sealed->bytes()));
  CHECK(sealed->owned.empty());
  CHECK_FALSE(open.wants_piece());
}
